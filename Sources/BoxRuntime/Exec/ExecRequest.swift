internal import BoxOCI

/// What `exec` was asked for: one more process in a box that exists. Flags are as they were typed.
public struct ExecRequest {
    public var id: String
    /// Holds a directory for each box.
    public var stateRoot: String
    /// The words behind the id; empty leaves `args` to the process file.
    public var command: [String] = []
    /// A process.json, absolute. It stands for the box's own process; what else is asked for is put on top.
    public var processFile: String?
    public var cwd: String?
    /// `NAME=VALUE`; the last of equal names counts.
    public var environment: [String] = []
    public var terminal = false
    /// `USER[:GROUP]`, names or numbers.
    public var user: String?
    public var additionalGroups: [String] = []
    /// Names, with or without `CAP_`.
    public var capabilities: [String] = []
    public var processLabel: String?
    public var appArmorProfile: String?
    public var noNewPrivileges = false
    /// Below the box's own cgroup.
    public var cgroup: String?
    public var ignoresPause = false
    /// Descriptors from 3 on that the workload gets, behind those of LISTEN_FDS.
    public var preservedDescriptors: CInt = 0
    /// Returns when the workload runs, and leaves it alone.
    public var isDetached = false
    /// Gets the pid of the process, as the caller's pid namespace numbers it.
    public var pidFile: String?
    /// Unix sockets that get the pty's master and the process's pidfd.
    public var consoleSocket: String?
    public var pidfdSocket: String?
    /// Gets one warning a call, a line without its end.
    public var warn: (String) -> Void = { _ in }

    public init(id: String, stateRoot: String) {
        self.id = id
        self.stateRoot = stateRoot
    }

    /// What cannot go together.
    func check(_ process: Process) throws(BoxError) {
        if let consoleSocket, !process.terminal {
            throw BoxError(
                .invalidSpec, "without a terminal there is nothing to send to \(consoleSocket)",
                field: "--console-socket", remedy: "add --tty")
        }
        if isDetached && process.terminal && consoleSocket == nil {
            throw BoxError(
                .invalidSpec, "nobody would hold the terminal of a detached process", field: "--detach",
                remedy: "name who gets it with --console-socket")
        }
    }
}
