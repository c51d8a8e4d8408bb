/// `process` of config.json: what is run, as whom, and with which rights.
public struct Process: Equatable, Sendable {
    public var terminal = false
    public var consoleSize: ConsoleSize?
    public var cwd = "/"
    /// `NAME=VALUE`, in the order given.
    public var env: [String] = []
    public var args: [String] = []
    public var user = User()
    public var capabilities: CapabilitySets?
    public var rlimits: [Rlimit] = []
    public var apparmorProfile: String?
    public var selinuxLabel: String?
    public var noNewPrivileges = false
    public var oomScoreAdj: Int?
    public var scheduler: Scheduler?
    public var ioPriority: IOPriority?
    public var execCPUAffinity: ExecCPUAffinity?

    public init() {}
}

/// In characters.
public struct ConsoleSize: Equatable, Sendable {
    public var height: UInt16
    public var width: UInt16

    public init(height: UInt16, width: UInt16) {
        self.height = height
        self.width = width
    }
}

/// `process.user`: ids as the box sees them.
public struct User: Equatable, Sendable {
    public var uid: UInt32 = 0
    public var gid: UInt32 = 0
    public var umask: UInt32?
    public var additionalGids: [UInt32] = []

    public init(uid: UInt32 = 0, gid: UInt32 = 0) {
        self.uid = uid
        self.gid = gid
    }
}

/// Names with `CAP_`, upper case, as the specification writes them.
public struct CapabilitySets: Equatable, Sendable {
    public var bounding: [String] = []
    public var effective: [String] = []
    public var permitted: [String] = []
    public var inheritable: [String] = []
    public var ambient: [String] = []

    public init() {}
}

/// One of `process.rlimits`.
public struct Rlimit: Equatable, Sendable {
    /// `RLIMIT_NOFILE`.
    public var type: String
    /// UInt64.max is RLIM_INFINITY.
    public var soft: UInt64
    public var hard: UInt64

    public init(type: String, soft: UInt64, hard: UInt64) {
        self.type = type
        self.soft = soft
        self.hard = hard
    }
}

/// `process.scheduler`.
public struct Scheduler: Equatable, Sendable {
    /// `SCHED_OTHER`.
    public var policy: String
    public var nice: Int32?
    public var priority: Int32?
    public var flags: [String] = []
    /// Nanoseconds, as are `deadline` and `period`.
    public var runtime: UInt64?
    public var deadline: UInt64?
    public var period: UInt64?

    public init(policy: String) { self.policy = policy }
}

/// `process.ioPriority`.
public struct IOPriority: Equatable, Sendable {
    /// `IOPRIO_CLASS_BE`.
    public var `class`: String
    public var priority: Int32 = 0

    public init(class: String, priority: Int32 = 0) {
        self.class = `class`
        self.priority = priority
    }
}

/// `process.execCPUAffinity`: lists of processors.
public struct ExecCPUAffinity: Equatable, Sendable {
    public var initial: String?
    public var final: String?

    public init() {}
}
