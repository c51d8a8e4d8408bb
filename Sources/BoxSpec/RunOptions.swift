/// The flags of `swiftbox run` as they were typed; nothing is parsed yet. `compile` turns them into a `Spec`.
public struct RunOptions: Equatable, Sendable {
    // The root file system.
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
    public var bestEffort = false

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

    /// The flags that were given and that shape the spec: a bundle's config.json leaves no room for them.
    public var shapingFlags: [String] {
        let texts: [(String, String?)] = [
            ("--rootfs", rootfs), ("--upper", upper), ("--scratch-size", scratchSize), ("--shm-size", shmSize),
            ("--entrypoint", entrypoint), ("--workdir", workdir), ("--user", user), ("--hostname", hostname),
            ("--stop-signal", stopSignal), ("--network", network), ("--memory", memory),
            ("--memory-swap", memorySwap), ("--memory-reservation", memoryReservation),
            ("--memory-high", memoryHigh), ("--memory-min", memoryMin), ("--oom-score-adj", oomScoreAdj),
            ("--cpus", cpus), ("--cpu-shares", cpuShares), ("--cpu-weight", cpuWeight), ("--cpu-burst", cpuBurst),
            ("--cpu-quota", cpuQuota), ("--cpu-period", cpuPeriod), ("--cpuset-cpus", cpusetCPUs),
            ("--cpuset-mems", cpusetMems), ("--pids-limit", pidsLimit), ("--io-weight", ioWeight),
            ("--userns", userns),
        ]
        let lists: [(String, [String])] = [
            ("--layer", layers), ("--volume", volumes), ("--mount", mounts), ("--tmpfs", tmpfs),
            ("--device", devices), ("COMMAND", command), ("--group-add", groupAdd), ("--env", env),
            ("--env-file", envFiles), ("--label", labels), ("--annotation", annotations),
            ("--device-read-bps", deviceReadBps), ("--device-write-bps", deviceWriteBps),
            ("--device-read-iops", deviceReadIOPS), ("--device-write-iops", deviceWriteIOPS),
            ("--hugetlb", hugetlb), ("--cgroup", cgroup), ("--ulimit", ulimits), ("--sysctl", sysctls),
            ("--cap-add", capAdd), ("--cap-drop", capDrop), ("--security-opt", securityOpts),
        ]
        let switches: [(String, Bool)] = [
            ("--read-only", readOnly), ("--tty", tty), ("--init", initProcess), ("--cpu-idle", cpuIdle),
            ("--privileged", privileged),
        ]
        return texts.filter { $0.1 != nil }.map(\.0) + lists.filter { !$0.1.isEmpty }.map(\.0)
            + switches.filter(\.1).map(\.0)
    }
}
