/// What a box uses: the cgroup's figures at one moment. nil is what this host does not count.
public struct Statistics: Equatable, Sendable {
    /// Nanoseconds since the epoch.
    public var time: Int64 = 0
    /// Microseconds.
    public var cpuUsage: UInt64?
    public var cpuUser: UInt64?
    public var cpuSystem: UInt64?
    public var cpuPeriods: UInt64?
    public var cpuThrottledPeriods: UInt64?
    /// Microseconds.
    public var cpuThrottled: UInt64?
    /// Nanoseconds of CPU time of the whole host, and how many CPUs are online.
    public var hostCPU: UInt64 = 0
    public var onlineCPUs: Int = 1
    /// Bytes.
    public var memoryUsage: UInt64?
    public var memoryPeak: UInt64?
    /// nil is without limit.
    public var memoryLimit: UInt64?
    public var memoryStat: [String: UInt64] = [:]
    /// `low`, `high`, `max`, `oom`, `oom_kill`.
    public var memoryEvents: [String: UInt64] = [:]
    public var pids: UInt64?
    public var pidsLimit: UInt64?
    public var devices: [Device] = []
    /// By resource (`cpu`, `memory`, `io`): `some avg10=… total=…` lines' totals in microseconds.
    public var pressure: [String: Pressure] = [:]

    /// I/O of one block device.
    public struct Device: Equatable, Sendable {
        public var major: UInt32
        public var minor: UInt32
        public var readBytes: UInt64
        public var writtenBytes: UInt64
        public var reads: UInt64
        public var writes: UInt64
    }

    public struct Pressure: Equatable, Sendable {
        /// Microseconds.
        public var some: UInt64
        public var full: UInt64
    }

    public init() {}
}

/// What the engine says about itself and its host.
public struct EngineInfo: Equatable, Sendable {
    public var id: String
    public var version: String
    public var boxesRunning: Int
    public var boxesPaused: Int
    public var boxesStopped: Int
    public var images: Int
    public var root: String
    public var kernel: String
    public var architecture: String
    public var operatingSystem: String
    public var hostname: String
    public var cpus: Int
    /// Bytes.
    public var memory: Int64
    public var logDriver: String
    public var cgroupVersion: Int
    public var cgroupManager: String
    public var warnings: [String]
}

/// Bytes on disk, a number an image and a box.
public struct DiskUsage: Equatable, Sendable {
    public var images: [(view: ImageView, boxes: Int)]
    public var boxes: [BoxView]

    public static func == (left: DiskUsage, right: DiskUsage) -> Bool {
        left.boxes == right.boxes && left.images.map(\.view) == right.images.map(\.view)
            && left.images.map(\.boxes) == right.images.map(\.boxes)
    }
}
