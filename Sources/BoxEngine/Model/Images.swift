/// A root file system that was imported.
public struct ImageView: Equatable, Sendable {
    /// `sha256:` and 64 hexadecimal digits.
    public var id: String
    /// `name:tag`, sorted.
    public var references: [String]
    /// RFC 3339 with nanoseconds, UTC.
    public var created: String
    public var createdSeconds: Int64
    /// Bytes of the unpacked files.
    public var size: Int64
    /// Docker's `Config`: Cmd, Env, Entrypoint, WorkingDir, User, Labels, ExposedPorts.
    public var config: ImageConfig
    /// What `docker image inspect` prints as RootFS.Layers: the digests of the unpacked tar.
    public var layers: [String]
    public var comment: String
}

/// What an image says about the boxes made of it.
public struct ImageConfig: Equatable, Sendable {
    public var command: [String] = []
    public var entrypoint: [String] = []
    public var env: [String] = []
    public var workingDirectory = ""
    public var user = ""
    public var labels: [String: String] = [:]
    public var exposedPorts: [String] = []
    public var stopSignal: String?

    public init() {}
}

/// What removing an image did, in docker's words.
public enum ImageRemoval: Equatable, Sendable {
    case untagged(String)
    case deleted(String)
}
