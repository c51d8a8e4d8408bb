/// Where everything is and what is allowed; read from swiftboxd.yaml and flags.
public struct EngineConfiguration: Equatable, Sendable {
    /// `/var/lib/swiftbox`.
    public var root = "/var/lib/swiftbox"
    /// `/run/swiftbox`.
    public var run = "/run/swiftbox"
    /// Path of the `swiftbox-runtime` executable; "" is the one beside the daemon's own.
    public var runtime = ""
    /// Monitors kept ready.
    public var preparedMonitors = 2
    public var logDriver = "json-file"
    /// Bytes of one log file, and how many there are.
    public var logMaxSize: Int64 = 10 << 20
    public var logMaxFiles = 3
    /// Seconds between the stop signal and SIGKILL.
    public var stopTimeout = 10
    public var policy = Policy()

    public init() {}
}

/// What the specs that come over the API may ask for.
public struct Policy: Equatable, Sendable {
    public var privileged = false
    /// Prefixes of the host's paths that may be mounted; nil is all.
    public var hostPaths: [String]?
    public var devices = false
    public var hostNetwork = true
    /// `seccomp=unconfined`, `apparmor=unconfined`.
    public var unconfined = false
    /// The host's own root as the box's.
    public var hostRoot = true

    public init() {}
}
