/// `linux.resources` of config.json. nil means that nothing was said.
public struct Resources: Equatable, Sendable {
    public var memory: Memory?
    public var cpu: CPU?
    public var pids: Pids?
    public var blockIO: BlockIO?
    public var hugepageLimits: [HugepageLimit] = []
    public var rdma: [Rdma] = []
    public var devices: [DeviceRule] = []
    /// cgroup v2 files by name, written as they stand.
    public var unified: [Pair] = []
    public var network: Network?

    public init() {}

    /// Bytes; -1 is unlimited.
    public struct Memory: Equatable, Sendable {
        public var limit: Int64?
        public var reservation: Int64?
        /// Memory plus swap, as cgroup v1 counted it.
        public var swap: Int64?
        public var kernel: Int64?
        public var kernelTCP: Int64?
        public var swappiness: UInt64?
        public var disableOOMKiller: Bool?
        public var useHierarchy: Bool?
        public var checkBeforeUpdate: Bool?

        public init() {}
    }

    public struct CPU: Equatable, Sendable {
        public var shares: UInt64?
        /// Microseconds, as are `burst` and `period`; -1 is unlimited.
        public var quota: Int64?
        public var burst: UInt64?
        public var period: UInt64?
        public var realtimeRuntime: Int64?
        public var realtimePeriod: UInt64?
        public var cpus: String?
        public var mems: String?
        public var idle: Int64?

        public init() {}
    }

    public struct Pids: Equatable, Sendable {
        /// -1 is unlimited. 0 means "not set" for engines.
        public var limit: Int64

        public init(limit: Int64) { self.limit = limit }
    }

    public struct BlockIO: Equatable, Sendable {
        public var weight: UInt16?
        public var leafWeight: UInt16?
        public var weightDevice: [WeightDevice] = []
        public var throttleReadBpsDevice: [ThrottleDevice] = []
        public var throttleWriteBpsDevice: [ThrottleDevice] = []
        public var throttleReadIOPSDevice: [ThrottleDevice] = []
        public var throttleWriteIOPSDevice: [ThrottleDevice] = []

        public init() {}
    }

    public struct WeightDevice: Equatable, Sendable {
        public var major: Int64
        public var minor: Int64
        public var weight: UInt16?
        public var leafWeight: UInt16?

        public init(major: Int64, minor: Int64, weight: UInt16?) {
            self.major = major
            self.minor = minor
            self.weight = weight
        }
    }

    public struct ThrottleDevice: Equatable, Sendable {
        public var major: Int64
        public var minor: Int64
        /// Bytes or operations a second.
        public var rate: UInt64

        public init(major: Int64, minor: Int64, rate: UInt64) {
            self.major = major
            self.minor = minor
            self.rate = rate
        }
    }

    public struct HugepageLimit: Equatable, Sendable {
        /// `2MB`, as in the name of the cgroup file.
        public var pageSize: String
        /// Bytes.
        public var limit: UInt64

        public init(pageSize: String, limit: UInt64) {
            self.pageSize = pageSize
            self.limit = limit
        }
    }

    public struct Rdma: Equatable, Sendable {
        public var device: String
        public var hcaHandles: UInt32?
        public var hcaObjects: UInt32?

        public init(device: String) { self.device = device }
    }

    public struct DeviceRule: Equatable, Sendable {
        public var allow: Bool
        /// `a` (all), `b` or `c`; nil is all.
        public var type: String?
        /// nil is any.
        public var major: Int64?
        public var minor: Int64?
        /// Of `r`, `w`, `m`; nil is all three.
        public var access: String?

        public init(allow: Bool) { self.allow = allow }
    }

    /// cgroup v1 only: refused when it says something.
    public struct Network: Equatable, Sendable {
        public var classID: UInt32?
        public var priorities: [Priority] = []

        public struct Priority: Equatable, Sendable {
            public var name: String
            public var priority: UInt32

            public init(name: String, priority: UInt32) {
                self.name = name
                self.priority = priority
            }
        }

        public init() {}
    }
}
