internal import ArgumentParser
internal import BoxSpec

/// Flags that take -1 read the next word whatever it begins with.
struct MemoryFlags: ParsableArguments {
    @Option(
        name: [.customShort("m", allowingJoined: true), .long],
        help: .init("Memory at most: beyond it the box is killed.", valueName: "size"))
    var memory: String?
    @Option(
        parsing: .unconditional,
        help: .init("Memory plus swap at most; the same as --memory: no swap, -1: any.", valueName: "size"))
    var memorySwap: String?
    @Option(help: .init("Beyond this the box is slowed down and reclaimed from.", valueName: "size"))
    var memoryHigh: String?
    @Option(help: .init("What is reclaimed only when there is nothing else.", valueName: "size"))
    var memoryReservation: String?
    @Option(help: .init("What is never reclaimed.", valueName: "size"))
    var memoryMin: String?
    @Option(
        name: .customLong("hugetlb"), help: .init("Huge pages of a size at most; repeatable.", valueName: "page=size"))
    var hugetlb: [String] = []
    @Option(
        parsing: .unconditional,
        help: .init("How soon the kernel picks the box when memory is out, -1000 to 1000.", valueName: "score"))
    var oomScoreAdj: String?

    func fill(_ options: inout RunOptions) {
        options.memory = memory
        options.memorySwap = memorySwap
        options.memoryHigh = memoryHigh
        options.memoryReservation = memoryReservation
        options.memoryMin = memoryMin
        options.hugetlb = hugetlb
        options.oomScoreAdj = oomScoreAdj
    }
}

struct CPUFlags: ParsableArguments {
    @Option(help: .init("Processor time at most, such as 1.5 processors.", valueName: "number"))
    var cpus: String?
    @Option(help: .init("Share against other boxes, 1 to 10000 (kernel: 100).", valueName: "weight"))
    var cpuWeight: String?
    @Option(help: .init("The same in cgroup v1's numbers, 2 to 262144 (kernel: 1024).", valueName: "shares"))
    var cpuShares: String?
    @Option(
        parsing: .unconditional,
        help: .init(
            "Processor time in each period, such as 50ms; a number alone is microseconds, -1: any.",
            valueName: "duration"))
    var cpuQuota: String?
    @Option(help: .init("The period (default: 100ms).", valueName: "duration"))
    var cpuPeriod: String?
    @Option(help: .init("Unused time that may be saved up for later periods.", valueName: "duration"))
    var cpuBurst: String?
    @Flag(help: "Run only when nothing else on the host wants the processor.")
    var cpuIdle = false
    @Option(
        name: .customLong("cpuset-cpus"), help: .init("The processors to run on, such as 0-3,5.", valueName: "list"))
    var cpusetCPUs: String?
    @Option(help: .init("The memory nodes to take from.", valueName: "list"))
    var cpusetMems: String?

    func fill(_ options: inout RunOptions) {
        options.cpus = cpus
        options.cpuWeight = cpuWeight
        options.cpuShares = cpuShares
        options.cpuQuota = cpuQuota
        options.cpuPeriod = cpuPeriod
        options.cpuBurst = cpuBurst
        options.cpuIdle = cpuIdle
        options.cpusetCPUs = cpusetCPUs
        options.cpusetMems = cpusetMems
    }
}

struct OtherLimitFlags: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: .init("Processes and threads at most, -1: any (default: 4096).", valueName: "number"))
    var pidsLimit: String?
    @Option(help: .init("Bytes a second read from a block device; repeatable.", valueName: "path:size"))
    var deviceReadBps: [String] = []
    @Option(help: .init("Bytes a second written; repeatable.", valueName: "path:size"))
    var deviceWriteBps: [String] = []
    @Option(name: .customLong("device-read-iops"), help: .init("Reads a second; repeatable.", valueName: "path:number"))
    var deviceReadIOPS: [String] = []
    @Option(
        name: .customLong("device-write-iops"), help: .init("Writes a second; repeatable.", valueName: "path:number"))
    var deviceWriteIOPS: [String] = []
    @Option(help: .init("Share of block devices, 1 to 10000 (kernel: 100).", valueName: "weight"))
    var ioWeight: String?
    @Option(
        name: .customLong("ulimit"),
        help: .init("A limit of each process, such as nofile=1024; repeatable.", valueName: "name=soft[:hard]"))
    var ulimits: [String] = []
    @Option(
        name: .customLong("cgroup"),
        help: .init("Any other cgroup v2 file, written as it stands; repeatable.", valueName: "file=value"))
    var cgroup: [String] = []
    @Option(
        name: .customLong("sysctl"),
        help: .init("A kernel parameter of the box's namespaces; repeatable.", valueName: "name=value"))
    var sysctls: [String] = []

    func fill(_ options: inout RunOptions) {
        options.pidsLimit = pidsLimit
        options.deviceReadBps = deviceReadBps
        options.deviceWriteBps = deviceWriteBps
        options.deviceReadIOPS = deviceReadIOPS
        options.deviceWriteIOPS = deviceWriteIOPS
        options.ioWeight = ioWeight
        options.ulimits = ulimits
        options.cgroup = cgroup
        options.sysctls = sysctls
    }
}
