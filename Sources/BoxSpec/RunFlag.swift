/// Every flag of `run` that takes part in the description of a box, and where `RunOptions` keeps it: one list for
/// spec files, for overriding them, and for what a bundle leaves no room for.
struct RunFlag: Sendable {
    /// Gives a property to whoever reads or writes it. No key paths: to make one takes microseconds, and there are many.
    typealias Access<Value> = @Sendable (inout RunOptions, (inout Value) -> Void) -> Void

    enum Place: Sendable {
        case text(Access<String?>)
        case list(Access<[String]>)
        case flag(Access<Bool>)
    }

    let name: String
    let place: Place
    /// Whether it says what config.json says in a bundle.
    let shapes: Bool

    private init(_ name: String, _ place: Place, shapes: Bool = true) {
        self.name = name
        self.place = place
        self.shapes = shapes
    }

    static let all: [RunFlag] = root + files + process + box + limits + security

    private static let root = [
        RunFlag("--bundle", .text { $1(&$0.bundle) }, shapes: false), RunFlag("--rootfs", .text { $1(&$0.rootfs) }),
        RunFlag("--layer", .list { $1(&$0.layers) }), RunFlag("--upper", .text { $1(&$0.upper) }),
        RunFlag("--scratch-size", .text { $1(&$0.scratchSize) }), RunFlag("--read-only", .flag { $1(&$0.readOnly) }),
    ]
    private static let files = [
        RunFlag("--volume", .list { $1(&$0.volumes) }), RunFlag("--mount", .list { $1(&$0.mounts) }),
        RunFlag("--tmpfs", .list { $1(&$0.tmpfs) }),
        RunFlag("--shm-size", .text { $1(&$0.shmSize) }), RunFlag("--device", .list { $1(&$0.devices) }),
        RunFlag("--copy-out", .list { $1(&$0.copyOut) }, shapes: false),
        RunFlag("--copy-out-limit", .text { $1(&$0.copyOutLimit) }, shapes: false),
    ]
    private static let process = [
        RunFlag("COMMAND", .list { $1(&$0.command) }), RunFlag("--entrypoint", .text { $1(&$0.entrypoint) }),
        RunFlag("--workdir", .text { $1(&$0.workdir) }), RunFlag("--user", .text { $1(&$0.user) }),
        RunFlag("--group-add", .list { $1(&$0.groupAdd) }), RunFlag("--env", .list { $1(&$0.env) }),
        RunFlag("--env-file", .list { $1(&$0.envFiles) }),
        RunFlag("--interactive", .flag { $1(&$0.interactive) }, shapes: false),
        RunFlag("--tty", .flag { $1(&$0.tty) }), RunFlag("--init", .flag { $1(&$0.initProcess) }),
    ]
    private static let box = [
        RunFlag("--name", .text { $1(&$0.name) }, shapes: false), RunFlag("--hostname", .text { $1(&$0.hostname) }),
        RunFlag("--label", .list { $1(&$0.labels) }), RunFlag("--annotation", .list { $1(&$0.annotations) }),
        RunFlag("--stop-signal", .text { $1(&$0.stopSignal) }), RunFlag("--network", .text { $1(&$0.network) }),
        RunFlag("--boottime-offset", .text { $1(&$0.boottimeOffset) }),
        RunFlag("--monotonic-offset", .text { $1(&$0.monotonicOffset) }),
        RunFlag("--best-effort", .flag { $1(&$0.bestEffort) }, shapes: false),
        RunFlag("--timeout", .text { $1(&$0.timeout) }, shapes: false),
        RunFlag("--cpu-timeout", .text { $1(&$0.cpuTimeout) }, shapes: false),
        RunFlag("--stop-timeout", .text { $1(&$0.stopTimeout) }, shapes: false),
        RunFlag("--report", .text { $1(&$0.report) }, shapes: false),
        RunFlag("--log", .text { $1(&$0.log) }, shapes: false),
        RunFlag("--log-denials", .flag { $1(&$0.logDenials) }, shapes: false),
        RunFlag("--quiet", .flag { $1(&$0.quiet) }, shapes: false),
    ]
    private static let limits = [
        RunFlag("--memory", .text { $1(&$0.memory) }), RunFlag("--memory-swap", .text { $1(&$0.memorySwap) }),
        RunFlag("--memory-reservation", .text { $1(&$0.memoryReservation) }),
        RunFlag("--memory-high", .text { $1(&$0.memoryHigh) }),
        RunFlag("--memory-min", .text { $1(&$0.memoryMin) }), RunFlag("--oom-score-adj", .text { $1(&$0.oomScoreAdj) }),
        RunFlag("--cpus", .text { $1(&$0.cpus) }), RunFlag("--cpu-shares", .text { $1(&$0.cpuShares) }),
        RunFlag("--cpu-weight", .text { $1(&$0.cpuWeight) }), RunFlag("--cpu-burst", .text { $1(&$0.cpuBurst) }),
        RunFlag("--cpu-quota", .text { $1(&$0.cpuQuota) }), RunFlag("--cpu-period", .text { $1(&$0.cpuPeriod) }),
        RunFlag("--cpuset-cpus", .text { $1(&$0.cpusetCPUs) }), RunFlag("--cpuset-mems", .text { $1(&$0.cpusetMems) }),
        RunFlag("--cpu-idle", .flag { $1(&$0.cpuIdle) }), RunFlag("--pids-limit", .text { $1(&$0.pidsLimit) }),
        RunFlag("--device-read-bps", .list { $1(&$0.deviceReadBps) }),
        RunFlag("--device-write-bps", .list { $1(&$0.deviceWriteBps) }),
        RunFlag("--device-read-iops", .list { $1(&$0.deviceReadIOPS) }),
        RunFlag("--device-write-iops", .list { $1(&$0.deviceWriteIOPS) }),
        RunFlag("--io-weight", .text { $1(&$0.ioWeight) }), RunFlag("--hugetlb", .list { $1(&$0.hugetlb) }),
        RunFlag("--cgroup", .list { $1(&$0.cgroup) }), RunFlag("--ulimit", .list { $1(&$0.ulimits) }),
        RunFlag("--sysctl", .list { $1(&$0.sysctls) }),
    ]
    private static let security = [
        RunFlag("--cap-add", .list { $1(&$0.capAdd) }), RunFlag("--cap-drop", .list { $1(&$0.capDrop) }),
        RunFlag("--security-opt", .list { $1(&$0.securityOpts) }),
        RunFlag("--privileged", .flag { $1(&$0.privileged) }),
        RunFlag("--userns", .text { $1(&$0.userns) }),
    ]

    /// Changes nothing.
    func isGiven(in options: inout RunOptions) -> Bool {
        var isGiven = false
        switch place {
        case .text(let access): access(&options) { isGiven = $0 != nil }
        case .list(let access): access(&options) { isGiven = !$0.isEmpty }
        case .flag(let access): access(&options) { isGiven = $0 }
        }
        return isGiven
    }
}

extension RunOptions {
    /// The flags that were given and that shape the spec: a bundle's config.json leaves no room for them.
    public var shapingFlags: [String] {
        var options = self
        return RunFlag.all.filter { $0.shapes && $0.isGiven(in: &options) }.map(\.name)
    }

    /// These options with `flags` over them: scalars replace, lists append, COMMAND replaces.
    public func overridden(by flags: RunOptions) -> RunOptions {
        var (merged, flags) = (self, flags)
        for flag in RunFlag.all where flag.isGiven(in: &flags) {
            switch flag.place {
            case .text(let access): access(&flags) { given in access(&merged) { $0 = given } }
            case .flag(let access): access(&merged) { $0 = true }
            case .list(let access): access(&flags) { given in access(&merged) { $0 += given } }
            }
        }
        if !flags.command.isEmpty { merged.command = flags.command }
        if flags.entrypoint != nil { merged.entrypointArguments = [] }
        return merged
    }
}
