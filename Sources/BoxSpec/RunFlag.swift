/// Every flag of `run` that takes part in the description of a box, and where `RunOptions` keeps it: one list for
/// spec files, for overriding them, and for what a bundle leaves no room for.
struct RunFlag: Sendable {
    enum Place: Sendable {
        case text(any WritableKeyPath<RunOptions, String?> & Sendable)
        case list(any WritableKeyPath<RunOptions, [String]> & Sendable)
        case flag(any WritableKeyPath<RunOptions, Bool> & Sendable)
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
        RunFlag("--bundle", .text(\.bundle), shapes: false), RunFlag("--rootfs", .text(\.rootfs)),
        RunFlag("--layer", .list(\.layers)), RunFlag("--upper", .text(\.upper)),
        RunFlag("--scratch-size", .text(\.scratchSize)), RunFlag("--read-only", .flag(\.readOnly)),
    ]
    private static let files = [
        RunFlag("--volume", .list(\.volumes)), RunFlag("--mount", .list(\.mounts)), RunFlag("--tmpfs", .list(\.tmpfs)),
        RunFlag("--shm-size", .text(\.shmSize)), RunFlag("--device", .list(\.devices)),
        RunFlag("--copy-out", .list(\.copyOut), shapes: false),
        RunFlag("--copy-out-limit", .text(\.copyOutLimit), shapes: false),
    ]
    private static let process = [
        RunFlag("COMMAND", .list(\.command)), RunFlag("--entrypoint", .text(\.entrypoint)),
        RunFlag("--workdir", .text(\.workdir)), RunFlag("--user", .text(\.user)),
        RunFlag("--group-add", .list(\.groupAdd)), RunFlag("--env", .list(\.env)),
        RunFlag("--env-file", .list(\.envFiles)), RunFlag("--interactive", .flag(\.interactive), shapes: false),
        RunFlag("--tty", .flag(\.tty)), RunFlag("--init", .flag(\.initProcess)),
    ]
    private static let box = [
        RunFlag("--name", .text(\.name), shapes: false), RunFlag("--hostname", .text(\.hostname)),
        RunFlag("--label", .list(\.labels)), RunFlag("--annotation", .list(\.annotations)),
        RunFlag("--stop-signal", .text(\.stopSignal)), RunFlag("--network", .text(\.network)),
        RunFlag("--boottime-offset", .text(\.boottimeOffset)), RunFlag("--monotonic-offset", .text(\.monotonicOffset)),
        RunFlag("--best-effort", .flag(\.bestEffort), shapes: false),
        RunFlag("--timeout", .text(\.timeout), shapes: false),
        RunFlag("--cpu-timeout", .text(\.cpuTimeout), shapes: false),
        RunFlag("--stop-timeout", .text(\.stopTimeout), shapes: false),
        RunFlag("--report", .text(\.report), shapes: false), RunFlag("--log", .text(\.log), shapes: false),
        RunFlag("--log-denials", .flag(\.logDenials), shapes: false),
        RunFlag("--quiet", .flag(\.quiet), shapes: false),
    ]
    private static let limits = [
        RunFlag("--memory", .text(\.memory)), RunFlag("--memory-swap", .text(\.memorySwap)),
        RunFlag("--memory-reservation", .text(\.memoryReservation)), RunFlag("--memory-high", .text(\.memoryHigh)),
        RunFlag("--memory-min", .text(\.memoryMin)), RunFlag("--oom-score-adj", .text(\.oomScoreAdj)),
        RunFlag("--cpus", .text(\.cpus)), RunFlag("--cpu-shares", .text(\.cpuShares)),
        RunFlag("--cpu-weight", .text(\.cpuWeight)), RunFlag("--cpu-burst", .text(\.cpuBurst)),
        RunFlag("--cpu-quota", .text(\.cpuQuota)), RunFlag("--cpu-period", .text(\.cpuPeriod)),
        RunFlag("--cpuset-cpus", .text(\.cpusetCPUs)), RunFlag("--cpuset-mems", .text(\.cpusetMems)),
        RunFlag("--cpu-idle", .flag(\.cpuIdle)), RunFlag("--pids-limit", .text(\.pidsLimit)),
        RunFlag("--device-read-bps", .list(\.deviceReadBps)), RunFlag("--device-write-bps", .list(\.deviceWriteBps)),
        RunFlag("--device-read-iops", .list(\.deviceReadIOPS)),
        RunFlag("--device-write-iops", .list(\.deviceWriteIOPS)),
        RunFlag("--io-weight", .text(\.ioWeight)), RunFlag("--hugetlb", .list(\.hugetlb)),
        RunFlag("--cgroup", .list(\.cgroup)), RunFlag("--ulimit", .list(\.ulimits)),
        RunFlag("--sysctl", .list(\.sysctls)),
    ]
    private static let security = [
        RunFlag("--cap-add", .list(\.capAdd)), RunFlag("--cap-drop", .list(\.capDrop)),
        RunFlag("--security-opt", .list(\.securityOpts)), RunFlag("--privileged", .flag(\.privileged)),
        RunFlag("--userns", .text(\.userns)),
    ]

    func isGiven(in options: RunOptions) -> Bool {
        switch place {
        case .text(let path): options[keyPath: path] != nil
        case .list(let path): !options[keyPath: path].isEmpty
        case .flag(let path): options[keyPath: path]
        }
    }
}

extension RunOptions {
    /// The flags that were given and that shape the spec: a bundle's config.json leaves no room for them.
    public var shapingFlags: [String] { RunFlag.all.filter { $0.shapes && $0.isGiven(in: self) }.map(\.name) }

    /// These options with `flags` over them: scalars replace, lists append, COMMAND replaces.
    public func overridden(by flags: RunOptions) -> RunOptions {
        var merged = self
        for flag in RunFlag.all where flag.isGiven(in: flags) {
            switch flag.place {
            case .text(let path): merged[keyPath: path] = flags[keyPath: path]
            case .flag(let path): merged[keyPath: path] = true
            case .list(let path): merged[keyPath: path] += flags[keyPath: path]
            }
        }
        if !flags.command.isEmpty { merged.command = flags.command }
        if flags.entrypoint != nil { merged.entrypointArguments = [] }
        return merged
    }
}
