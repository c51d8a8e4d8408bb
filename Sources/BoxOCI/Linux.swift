/// `linux` of config.json.
public struct Linux: Equatable, Sendable {
    public var namespaces: [Namespace] = []
    public var uidMappings: [IDMapping] = []
    public var gidMappings: [IDMapping] = []
    public var timeOffsets: TimeOffsets?
    public var devices: [Device] = []
    public var netDevices: [NetDevice] = []
    public var cgroupsPath: String?
    public var resources = Resources()
    public var rootfsPropagation: String?
    public var seccomp: Seccomp?
    public var sysctl: [Pair] = []
    public var maskedPaths: [String] = []
    public var readonlyPaths: [String] = []
    public var mountLabel: String?
    public var personality: Personality?
    public var intelRdt: IntelRdt?
    public var memoryPolicy: MemoryPolicy?

    public init() {}
}

/// One of `linux.namespaces`.
public struct Namespace: Equatable, Sendable {
    public enum Kind: String, Equatable, Sendable, CaseIterable {
        case pid, network, mount, ipc, uts, user, cgroup, time
    }

    public var type: Kind
    /// An existing namespace to join; nil makes a new one.
    public var path: String?

    public init(_ type: Kind, path: String? = nil) {
        self.type = type
        self.path = path
    }
}

/// `linux.timeOffsets`: what is added to the host's clocks.
public struct TimeOffsets: Equatable, Sendable {
    public struct Offset: Equatable, Sendable {
        public var seconds: Int64
        public var nanoseconds: UInt32

        public init(seconds: Int64, nanoseconds: UInt32) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }
    }

    public var boottime: Offset?
    public var monotonic: Offset?

    public init() {}
}

/// One of `linux.devices`: a node to make in the box.
public struct Device: Equatable, Sendable {
    /// `c`, `b`, `u` (as c) or `p`.
    public var type: String
    public var path: String
    public var major: Int64
    public var minor: Int64
    public var fileMode: UInt32?
    public var uid: UInt32?
    public var gid: UInt32?

    public init(type: String, path: String, major: Int64, minor: Int64) {
        self.type = type
        self.path = path
        self.major = major
        self.minor = minor
    }
}

/// One of `linux.netDevices`.
public struct NetDevice: Equatable, Sendable {
    /// The name on the host; the key of the map.
    public var hostName: String
    /// The name in the box; nil keeps the host's.
    public var name: String?

    public init(hostName: String, name: String? = nil) {
        self.hostName = hostName
        self.name = name
    }
}

/// `linux.personality`.
public struct Personality: Equatable, Sendable {
    /// `LINUX` or `LINUX32`.
    public var domain: String
    public var flags: [String] = []

    public init(domain: String) { self.domain = domain }
}

/// `linux.intelRdt`.
public struct IntelRdt: Equatable, Sendable {
    public var closID: String?
    public var schemata: [String] = []
    public var l3CacheSchema: String?
    public var memBwSchema: String?
    public var enableMonitoring = false

    public init() {}
}

/// `linux.memoryPolicy`.
public struct MemoryPolicy: Equatable, Sendable {
    public var mode: String
    public var nodes: String = ""
    public var flags: [String] = []

    public init(mode: String) { self.mode = mode }
}
