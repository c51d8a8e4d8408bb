public import BoxOCI

extension Spec {
    /// The config.json that `spec` writes for a bundle to start from: as runc's, but with a cgroup namespace, and without
    /// ambient capabilities, which the kernel refuses where they are not inheritable.
    ///
    /// - Parameter rootless: nil for a box of root's; else the ids on the host that are root in the box.
    public static func starter(rootless: (user: UInt32, group: UInt32)? = nil) -> Spec {
        var spec = Spec()
        spec.process = starterProcess
        spec.root = Root(path: "rootfs", readonly: true)
        spec.hostname = "swiftbox"
        spec.mounts = starterMounts(rootless: rootless != nil)
        spec.linux.maskedPaths = [
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
            "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
        ]
        spec.linux.readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
        spec.linux.namespaces = [Namespace(.pid)]
        if let rootless {
            // Nobody else's ids are to be had, no device rule can be set, and the network is the caller's.
            spec.linux.namespaces += [.ipc, .uts, .mount, .user, .cgroup].map { Namespace($0) }
            spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: rootless.user, size: 1)]
            spec.linux.gidMappings = [IDMapping(containerID: 0, hostID: rootless.group, size: 1)]
        } else {
            spec.linux.namespaces += [.network, .ipc, .uts, .mount, .cgroup].map { Namespace($0) }
            var nothing = Resources.DeviceRule(allow: false)
            nothing.access = "rwm"
            spec.linux.resources.devices = [nothing]
        }
        return spec
    }

    private static var starterProcess: Process {
        var process = Process()
        process.terminal = true
        process.args = ["sh"]
        process.env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"]
        var sets = CapabilitySets()
        sets.bounding = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
        sets.effective = sets.bounding
        sets.permitted = sets.bounding
        process.capabilities = sets
        process.rlimits = [Rlimit(type: "RLIMIT_NOFILE", soft: 1024, hard: 1024)]
        process.noNewPrivileges = true
        return process
    }

    private static func starterMounts(rootless: Bool) -> [Mount] {
        let shut = ["nosuid", "noexec", "nodev"]
        let terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
        return [
            Mount(destination: "/proc", type: "proc", source: "proc"),
            Mount(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Mount(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: terminals + (rootless ? [] : ["gid=5"])),
            Mount(
                destination: "/dev/shm", type: "tmpfs", source: "shm", options: shut + ["mode=1777", "size=65536k"]),
            Mount(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: shut),
            // The kernel mounts sysfs only for who owns the network namespace.
            rootless
                ? Mount(destination: "/sys", type: "none", source: "/sys", options: ["rbind"] + shut + ["ro"])
                : Mount(destination: "/sys", type: "sysfs", source: "sysfs", options: shut + ["ro"]),
            Mount(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: shut + ["relatime", "ro"]),
        ]
    }
}
