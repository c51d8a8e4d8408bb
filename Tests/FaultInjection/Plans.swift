internal import BoxOCI
internal import BoxSecurity

/// Two specs that between them make every step there is, as far as this kernel can carry it out.
enum Plans {
    /// A bundle as it stands: device nodes are made, rights dropped without no_new_privs.
    static func plain(in directory: String) -> Spec {
        var spec = base()
        spec.root = Root(path: directory + "/rootfs", readonly: true)
        spec.linux.namespaces = [.mount, .pid, .ipc, .uts, .cgroup].map { Namespace($0) }
        spec.linux.namespaces.append(Namespace(.network, path: "/proc/self/ns/net"))
        spec.linux.rootfsPropagation = "private"
        spec.linux.personality = Personality(domain: "LINUX")
        spec.process?.terminal = true
        spec.process?.consoleSize = ConsoleSize(height: 24, width: 80)
        spec.process?.scheduler = Scheduler(policy: "SCHED_BATCH")
        spec.process?.ioPriority = IOPriority(class: "IOPRIO_CLASS_BE", priority: 4)
        spec.hooks.prestart = [hook("/bin/true")]
        spec.hooks.createRuntime = [hook("/bin/true")]
        spec.hooks.createContainer = [hook("/bin/true")]
        spec.hooks.startContainer = [hook("/bin/workload")]
        spec.hooks.poststart = [hook("/bin/true")]
        spec.hooks.poststop = [hook("/bin/true")]
        return spec
    }

    private static func hook(_ path: String) -> Hook {
        var hook = Hook(path: path)
        hook.args = [path, "status"]
        return hook
    }

    /// As an engine has it: created, then started.
    static func created(in directory: String) -> Spec {
        var spec = plain(in: directory)
        spec.process?.terminal = false
        spec.process?.consoleSize = nil
        spec.process?.args = ["/bin/workload", "sleep-forever"]
        return spec
    }

    /// One that another process is to join.
    static func sleeping(in directory: String) -> Spec {
        var spec = created(in: directory)
        spec.hooks = Hooks()
        spec.process?.execCPUAffinity = ExecCPUAffinity()
        spec.process?.execCPUAffinity?.initial = "0"
        spec.process?.execCPUAffinity?.final = "0"
        return spec
    }

    /// Overlay, user namespace, id-mapped bind, everything dropped.
    static func mapped(in directory: String) -> Spec {
        var spec = base()
        spec.box.rootfs = RootSource(.layers([directory + "/rootfs"]), upper: directory + "/upper")
        spec.box.autoUserNamespace = true
        spec.box.initProcess = true
        spec.linux.namespaces = [.mount, .pid, .ipc, .uts, .cgroup, .network, .user].map { Namespace($0) }
        spec.process?.noNewPrivileges = true
        spec.mounts.append(
            Mount(destination: "/data", type: "bind", source: directory + "/data", options: ["rbind", "rro", "idmap"]))
        spec.linux.sysctl = [Pair("net.ipv4.ip_unprivileged_port_start", "0")]
        spec.domainname = "example"
        spec.linux.namespaces.append(Namespace(.time))
        spec.linux.timeOffsets = TimeOffsets()
        spec.linux.timeOffsets?.boottime = TimeOffsets.Offset(seconds: 7, nanoseconds: 0)
        return spec
    }

    private static func base() -> Spec {
        var spec = Spec()
        var process = Process()
        process.args = ["/bin/workload", "status"]
        process.env = ["PATH=/bin"]
        process.oomScoreAdj = 500
        process.rlimits = [Rlimit(type: "RLIMIT_NOFILE", soft: 256, hard: 256)]
        var capabilities = CapabilitySets()
        capabilities.bounding = ["CAP_KILL"]
        capabilities.effective = ["CAP_KILL"]
        capabilities.permitted = ["CAP_KILL"]
        process.capabilities = capabilities
        spec.process = process
        spec.hostname = "box"
        spec.mounts = [
            Mount(destination: "/proc", type: "proc", source: "proc"),
            Mount(destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"]),
            Mount(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            Mount(destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"]),
        ]
        if spec.linux.namespaces.isEmpty { spec.linux.maskedPaths = ["/proc/keys", "/sys/firmware"] }
        spec.linux.readonlyPaths = ["/proc/sys"]
        spec.linux.seccomp = DefaultSeccompProfile.profile(capabilities: .swiftboxDefault)
        var deny = Resources.DeviceRule(allow: false)
        deny.access = "rwm"
        spec.linux.resources.devices = [deny]
        // A file of every cgroup: whatever controllers this host has, there is one setting to break.
        spec.linux.resources.unified = [Pair("cgroup.max.depth", "8")]
        return spec
    }
}
