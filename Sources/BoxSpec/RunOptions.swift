/// The flags of `swiftbox run` as they were typed; nothing is parsed yet. `compile` turns them into a `Spec`.
public struct RunOptions: Equatable, Sendable {
    // The root file system.
    public var bundle: String?
    public var rootfs: String?
    public var layers: [String] = []
    public var upper: String?
    public var scratchSize: String?
    public var readOnly = false

    // What is mounted.
    public var volumes: [String] = []
    public var mounts: [String] = []
    public var tmpfs: [String] = []
    public var shmSize: String?
    public var devices: [String] = []
    public var copyOut: [String] = []
    public var copyOutLimit: String?

    // The process.
    public var command: [String] = []
    public var entrypoint: String?
    /// What stands behind `entrypoint` in a spec file, before COMMAND.
    public var entrypointArguments: [String] = []
    public var workdir: String?
    public var user: String?
    public var groupAdd: [String] = []
    public var env: [String] = []
    public var envFiles: [String] = []
    public var interactive = false
    public var tty = false
    public var initProcess = false

    // The box.
    public var name: String?
    public var hostname: String?
    public var labels: [String] = []
    public var annotations: [String] = []
    public var stopSignal: String?
    public var network: String?
    public var boottimeOffset: String?
    public var monotonicOffset: String?
    public var bestEffort = false

    // Its end.
    public var timeout: String?
    public var cpuTimeout: String?
    public var stopTimeout: String?
    public var report: String?
    public var log: String?
    public var quiet = false
    public var logDenials = false

    // Limits.
    public var memory: String?
    public var memorySwap: String?
    public var memoryReservation: String?
    public var memoryHigh: String?
    public var memoryMin: String?
    public var oomScoreAdj: String?
    public var cpus: String?
    public var cpuShares: String?
    public var cpuWeight: String?
    public var cpuBurst: String?
    public var cpuQuota: String?
    public var cpuPeriod: String?
    public var cpusetCPUs: String?
    public var cpusetMems: String?
    public var cpuIdle = false
    public var pidsLimit: String?
    public var deviceReadBps: [String] = []
    public var deviceWriteBps: [String] = []
    public var deviceReadIOPS: [String] = []
    public var deviceWriteIOPS: [String] = []
    public var ioWeight: String?
    public var hugetlb: [String] = []
    public var cgroup: [String] = []
    public var ulimits: [String] = []
    public var sysctls: [String] = []

    // Security.
    public var capAdd: [String] = []
    public var capDrop: [String] = []
    public var securityOpts: [String] = []
    public var privileged = false
    public var userns: String?

    public init() {}
}
