/// `--copy-out FROM:TO`: what is fetched from a box when it has ended, however it ended.
public struct CopyOut: Equatable, Sendable {
    /// In the box, absolute.
    public var from: String
    /// On the host, absolute: the copy's own path, or a directory that it goes into.
    public var to: String

    public init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}
