/// How much of the daemon its clients may take up.
public struct APILimits: Equatable, Sendable {
    /// Connections at a time; one more is closed at once.
    public var connections = 1024
    /// Requests being answered at a time, without those that stream; one more gets 503.
    public var requests = 256
    /// Attachments, logs that are followed, waits, events, statistics and archives at a time.
    public var streams = 512
    /// Bytes of a body of JSON.
    public var document = 4 << 20

    public init() {}
}
