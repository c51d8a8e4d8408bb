/// A key of a spec file: what it takes, the flag of `run` that it stands for, and a line about it.
/// This table reads files, writes the JSON Schema and finds the nearest known key.
struct Key: Sendable {
    /// What stands behind the key.
    enum Shape: Sendable, Equatable {
        /// A word or a number. `path`: of the host, relative to the file.
        case text(path: Bool = false)
        case bool
        /// A list of words, or one word.
        case list(path: Bool = false)
        /// A map, or a list of NAME=VALUE.
        case pairs
        /// A list of words, or one line that is cut as a shell would, without anything else a shell does.
        case command
        /// Read by a function of its own.
        case volumes, ulimits, rootfs, seccomp, securityOptions, blockIO, copyOut, version
        /// What only the daemon can keep.
        case image, restart, healthcheck, logging
        /// Other tools have it, swiftbox has not.
        case refused(String)
    }

    let name: String
    let shape: Shape
    let flag: String
    let about: String

    init(_ name: String, _ shape: Shape, _ flag: String, _ about: String) {
        self.name = name
        self.shape = shape
        self.flag = flag
        self.about = about
    }

    /// Whether only the daemon can keep it.
    var isDaemons: Bool { [.image, .restart, .healthcheck, .logging].contains(shape) }

    static func named(_ name: String) -> Key? { all.first { $0.name == name } }

    /// Those that do something.
    static var usable: [Key] {
        all.filter { if case .refused = $0.shape { false } else { true } }
    }

    static let all: [Key] = compose + own + refused

    private static let compose = [
        Key("command", .command, "COMMAND", "What to run, and its arguments"),
        Key("entrypoint", .command, "--entrypoint", "What is run, with command as its arguments"),
        Key("environment", .pairs, "--env", "Variables; one without a value has the caller's"),
        Key("env_file", .list(path: true), "--env-file", "Files of variables, one a line"),
        Key("working_dir", .text(), "--workdir", "Where the command starts"),
        Key("user", .text(), "--user", "Who the command runs as, USER[:GROUP]"),
        Key("group_add", .list(), "--group-add", "Further groups of the user"),
        Key("volumes", .volumes, "--volume", "Files and directories brought in, SRC:DST[:OPTIONS] or a map"),
        Key("tmpfs", .list(), "--tmpfs", "Empty directories in memory, DST[:OPTIONS]"),
        Key("devices", .list(), "--device", "Devices of the host, SRC[:DST][:rwm]"),
        Key("shm_size", .text(), "--shm-size", "Size of /dev/shm"),
        Key("read_only", .bool, "--read-only", "A root that cannot be written"),
        Key("cap_add", .list(), "--cap-add", "Capabilities beside the default ones"),
        Key("cap_drop", .list(), "--cap-drop", "Capabilities taken away, or ALL"),
        Key("security_opt", .securityOptions, "--security-opt", "As the flag"),
        Key("privileged", .bool, "--privileged", "Nearly no isolation"),
        Key("userns_mode", .text(), "--userns", "host, auto or UID:GID:SIZE"),
        Key("ulimits", .ulimits, "--ulimit", "Limits of each process, NAME: N or NAME: {soft, hard}"),
        Key("sysctls", .pairs, "--sysctl", "Kernel settings of the box's namespaces"),
        Key("hostname", .text(), "--hostname", "Its host name"),
        Key("container_name", .text(), "--name", "The box's name"),
        Key("name", .text(), "--name", "The box's name"),
        Key("labels", .pairs, "--label", "Labels"),
        Key("annotations", .pairs, "--annotation", "Annotations of the OCI spec"),
        Key("init", .bool, "--init", "Process 1 is swiftbox: it reaps orphans and passes signals on"),
        Key("tty", .bool, "--tty", "Give the command a terminal"),
        Key("stdin_open", .bool, "--interactive", "Hand on standard input"),
        Key("stop_signal", .text(), "--stop-signal", "The signal that asks the command to end"),
        Key("stop_grace_period", .text(), "--stop-timeout", "Between being told to end and being killed"),
        Key("network_mode", .text(), "--network", "none or host"),
        Key("mem_limit", .text(), "--memory", "Memory at most"),
        Key("memswap_limit", .text(), "--memory-swap", "Memory plus swap at most"),
        Key("mem_reservation", .text(), "--memory-reservation", "What is reclaimed last"),
        Key("oom_score_adj", .text(), "--oom-score-adj", "How soon the kernel picks the box, -1000 to 1000"),
        Key("cpus", .text(), "--cpus", "Processor time at most, such as 1.5"),
        Key("cpuset", .text(), "--cpuset-cpus", "The processors to run on, such as 0-3,5"),
        Key("cpu_shares", .text(), "--cpu-shares", "Share against others, 2 to 262144"),
        Key("cpu_quota", .text(), "--cpu-quota", "Processor time in each period"),
        Key("cpu_period", .text(), "--cpu-period", "The period"),
        Key("pids_limit", .text(), "--pids-limit", "Processes and threads at most"),
        Key("blkio_config", .blockIO, "--device-read-bps", "weight, device_read_bps, … as Compose has them"),
        Key("image", .image, "--image", "An image of the daemon's, or host"),
        Key("restart", .restart, "--restart", "no, on-failure[:N], always or unless-stopped; by the daemon"),
        Key("healthcheck", .healthcheck, "--health-cmd", "How the daemon sees whether the box is well"),
        Key("logging", .logging, "--log-driver", "Where the daemon keeps what the box says: driver and options"),
    ]

    private static let own = [
        Key("version", .version, "", "Of this format: 1"),
        Key("rootfs", .rootfs, "--rootfs", "A directory, or a map: layers (topmost first), upper, scratch_size"),
        Key("bundle", .text(path: true), "--bundle", "An OCI bundle, its config.json as it stands"),
        Key("limits", .pairs, "--cgroup", "Any other cgroup v2 file and what is written to it"),
        Key("memory_high", .text(), "--memory-high", "Beyond this the box is slowed down"),
        Key("memory_min", .text(), "--memory-min", "What is never reclaimed"),
        Key("cpu_weight", .text(), "--cpu-weight", "Share against others, 1 to 10000"),
        Key("cpu_burst", .text(), "--cpu-burst", "Unused time that may be saved up"),
        Key("cpu_idle", .bool, "--cpu-idle", "Run only when nothing else wants the processor"),
        Key("cpuset_mems", .text(), "--cpuset-mems", "The memory nodes to take from"),
        Key("io_weight", .text(), "--io-weight", "Share of block devices, 1 to 10000"),
        Key("hugetlb", .pairs, "--hugetlb", "Huge pages of a size at most"),
        Key("boottime_offset", .text(), "--boottime-offset", "Added to the time since boot, such as 30d or -2h"),
        Key("monotonic_offset", .text(), "--monotonic-offset", "Added to the monotonic clock"),
        Key("seccomp", .seccomp, "--security-opt", "A profile's file, default or unconfined"),
        Key(
            "timeout", .text(), "--timeout",
            "Time at most: then the command is told to end, and killed after stop_grace_period"),
        Key("cpu_timeout", .text(), "--cpu-timeout", "Processor time at most, of all processes together"),
        Key("report", .text(path: true), "--report", "A file that is told how the box ended and what it used"),
        Key("log_denials", .bool, "--log-denials", "Count the system calls that the profile refuses"),
        Key("copy_out", .copyOut, "--copy-out", "What is fetched when the box has ended, BOXPATH:HOSTPATH"),
        Key("copy_out_limit", .text(), "--copy-out-limit", "How much that may come to"),
        Key("best_effort", .bool, "--best-effort", "Warn about limits that the host cannot apply"),
    ]

    private static let refused: [Key] = {
        let network = "it needs box networks, which this version does not have (network_mode: none or host)"
        let image = "nothing is built or fetched here: swiftbox import makes an image of a tar"
        let one = "a file that is run describes one box"
        let later = "it is not available in this version"
        let reasons = [
            ("build", image), ("platform", image), ("pull_policy", image), ("ports", network),
            ("expose", network), ("networks", network), ("dns", network), ("dns_search", network), ("dns_opt", network),
            ("extra_hosts", network), ("links", network), ("mac_address", network), ("volumes_from", later),
            ("services", one + "; swiftbox up starts services"),
            ("depends_on", one + "; it belongs to a service of a file for swiftbox up"), ("profiles", one),
            ("scale", one), ("extends", one), ("deploy", later),
            ("secrets", later),
            ("configs", later), ("pid", later), ("ipc", later), ("uts", later), ("cgroup", later),
            ("cgroup_parent", later),
            ("domainname", later), ("device_cgroup_rules", later), ("storage_opt", later), ("runtime", later),
            ("gpus", later), ("mem_swappiness", "cgroup v2 has nothing like it"),
            ("oom_kill_disable", "cgroup v2 has nothing like it"), ("cpu_count", "use cpus"),
            ("cpu_percent", "use cpus"),
        ]
        return reasons.map { Key($0.0, .refused($0.1), "", $0.1) }
    }()
}
