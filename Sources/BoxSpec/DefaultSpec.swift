internal import BoxOCI

/// The box of somebody who says nothing: what every flag starts from.
enum DefaultBox {
    /// Ids that `--userns auto` maps.
    static let autoBlock: UInt32 = 65536

    /// `groups`: how many gids the box has; devpts gives terminals to group 5 (tty) where there is one.
    /// `ownNetwork`: the kernel mounts sysfs only for who owns the network namespace; others get the host's, bound.
    static func mounts(groups: UInt32, ownNetwork: Bool, shmSize: UInt64, privileged: Bool) -> [Mount] {
        let access = privileged ? "rw" : "ro"
        let terminals =
            ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] + (groups > 5 ? ["gid=5"] : [])
        let sys =
            ownNetwork
            ? Mount(
                destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", access])
            : Mount(
                destination: "/sys", type: "bind", source: "/sys",
                options: ["rbind", "rprivate", "nosuid", "noexec", "nodev", privileged ? "rw" : "rro"])
        return [
            Mount(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            Mount(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            sys,
            Mount(destination: "/dev/pts", type: "devpts", source: "devpts", options: terminals),
            Mount(
                destination: "/dev/shm", type: "tmpfs", source: "shm",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=\(shmSize)"]),
            Mount(
                destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            Mount(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: ["nosuid", "noexec", "nodev", "relatime", access]),
        ]
    }

    /// With the host's root as source: the host's temporary files and sockets are not the box's business, and
    /// programs expect to be able to write there. The sizes bound what a box without `--memory` can take.
    static let hostRootMounts = [
        Mount(
            destination: "/tmp", type: "tmpfs", source: "tmpfs",
            options: ["nosuid", "nodev", "mode=1777", "size=1g", "nr_inodes=200k"]),
        Mount(
            destination: "/run", type: "tmpfs", source: "tmpfs",
            options: ["nosuid", "nodev", "mode=755", "size=64m", "nr_inodes=20k"]),
        Mount(
            destination: "/var/tmp", type: "tmpfs", source: "tmpfs",
            options: ["nosuid", "nodev", "mode=1777", "size=1g", "nr_inodes=200k"]),
    ]

    /// Of the host as a whole, and not in any namespace: readable, they tell of the host; some hang or crash it.
    static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
        "/sys/devices/virtual/powercap", "/sys/firmware",
    ]

    static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// Everything is denied but the nodes of the box's own /dev and its terminals. `m` is for init, which makes them.
    static var deviceRules: [Resources.DeviceRule] {
        let nodes: [(Int64, Int64?)] = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (136, nil)]
        return [Resources.DeviceRule(allow: false)] + nodes.map { allow("c", $0.0, $0.1, "rwm") }
    }

    static func allow(_ type: String?, _ major: Int64?, _ minor: Int64?, _ access: String?) -> Resources.DeviceRule {
        var rule = Resources.DeviceRule(allow: true)
        rule.type = type
        rule.major = major
        rule.minor = minor
        rule.access = access
        return rule
    }
}
