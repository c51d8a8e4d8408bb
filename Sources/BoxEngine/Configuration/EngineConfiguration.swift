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
    /// Bytes of an archive that is imported, loaded or copied into a box, unpacked.
    public var archiveSize: Int64 = 16 << 30
    /// Files and directories in it.
    public var archiveEntries = 1_000_000
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
    /// What `--cap-add` may name for boxes without a user namespace of their own, beside the default ones; nil is all.
    public var capabilities: [String]? = ["IPC_LOCK", "SYS_NICE", "SYS_PTRACE"]
    /// `seccomp=PROFILE`: one of the client's own, which may allow all that `unconfined` does.
    public var seccompProfiles = false
    /// The host's own root as the box's.
    public var hostRoot = true

    public init() {}
}
