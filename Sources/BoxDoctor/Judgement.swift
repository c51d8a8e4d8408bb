internal import BoxCgroup
internal import BoxSecurity

/// Facts → findings. Pure: nothing is looked at here.
public enum Judgement {
    public static func findings(_ facts: Facts) -> [Finding] {
        caller(facts) + kernel(facts) + namespaces(facts) + fileSystems(facts) + cgroups(facts) + clocks(facts)
            + state(facts)
    }

    // MARK: who asks

    private static func caller(_ facts: Facts) -> [Finding] {
        var all: [Finding] = []
        if facts.userID != 0 {
            all.append(Finding("caller", .ok, "you are user \(facts.userID): boxes run without root"))
            let remedy = "apt-get install uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 YOU"
            all.append(
                facts.ids > 1
                    ? Finding("ids", .ok, "a box of yours has \(facts.ids) ids")
                    : Finding(
                        "ids", .warn, "a box of yours has one id",
                        affects: "--user other than 0, and programs that change their user", remedy: remedy))
            return all
        }
        if let container = facts.container {
            let isAdmin = facts.capabilities.names.contains("CAP_SYS_ADMIN")
            all.append(
                isAdmin
                    ? Finding("container", .ok, "inside another container (\(container)), with CAP_SYS_ADMIN")
                    : Finding(
                        "container", .fail, "inside another container (\(container)), without CAP_SYS_ADMIN",
                        affects: "every box: no namespace and no mount can be made",
                        remedy:
                            "start that container with --privileged, or --cap-add SYS_ADMIN and an unconfined seccomp profile"
                    ))
        }
        if facts.procIsMasked {
            all.append(
                Finding(
                    "proc", .warn, "parts of /proc are covered by other mounts",
                    affects: "a /proc in a box with a user namespace: the kernel would have to uncover them",
                    remedy: "--userns host, or a container that does not mask /proc"))
        }
        let missing = CapabilitySet.all.subtracting(facts.capabilities).names
        let known = missing.filter { CapabilitySet.ofKernel().names.contains($0) }
        if known.isEmpty {
            all.append(Finding("capabilities", .ok, "all capabilities"))
        } else {
            all.append(
                Finding(
                    "capabilities", known.contains("CAP_SYS_ADMIN") ? .fail : .warn,
                    "without \(known.joined(separator: ", "))",
                    affects: known.contains("CAP_SYS_RESOURCE")
                        ? "raising limits of processes (--ulimit above the caller's own)"
                        : "what these capabilities allow",
                    remedy: "none needed where boxes do not use them"))
        }
        return all
    }

    // MARK: the kernel

    private static func kernel(_ facts: Facts) -> [Finding] {
        var all: [Finding] = []
        let numbers = facts.release.split { $0 == "." || $0 == "-" }.prefix(2).compactMap { Int($0) }
        let isOld = numbers.count == 2 && (numbers[0], numbers[1]) < (5, 15)
        all.append(
            isOld
                ? Finding(
                    "kernel", .fail, "Linux \(facts.release)",
                    affects: "swiftbox needs 5.15: mount API, id-mapped mounts, cgroup.kill",
                    remedy: "a newer kernel")
                : Finding("kernel", .ok, "Linux \(facts.release)"))
        if let actions = facts.seccompActions {
            let missing = ["errno", "log", "user_notif"].filter {
                !actions.split(separator: " ").contains(Substring($0))
            }
            all.append(
                missing.isEmpty
                    ? Finding("seccomp", .ok, "seccomp with \(actions); libseccomp \(facts.libseccomp)")
                    : Finding(
                        "seccomp", .warn, "seccomp without \(missing.joined(separator: ", "))",
                        affects: "profiles that use them"))
        } else {
            all.append(
                Finding(
                    "seccomp", .fail, "this kernel filters no system calls",
                    affects: "the default profile, and so every box",
                    remedy: "a kernel with CONFIG_SECCOMP_FILTER, or --security-opt seccomp=unconfined"))
        }
        all.append(
            Finding(
                "lsm", .ok,
                facts.securityModules.map { "security modules: \($0)" } ?? "security modules: not shown (no securityfs)"
            ))
        return all
    }

    // MARK: namespaces

    private static func namespaces(_ facts: Facts) -> [Finding] {
        var all: [Finding] = []
        let broken = facts.namespaces.filter { !$0.works }.map(\.name)
        if facts.namespaces.isEmpty {
            all.append(Finding("namespaces", .warn, "could not be tried", affects: "this report, not boxes"))
        } else if broken.isEmpty {
            all.append(Finding("namespaces", .ok, facts.namespaces.map(\.name).joined(separator: " ")))
        } else {
            let needed = broken.filter {
                ["mount", "pid", "ipc", "uts", "net"].contains($0) || (facts.userID != 0 && $0 == "user")
            }
            all.append(
                Finding(
                    "namespaces", needed.isEmpty ? .warn : .fail, "cannot make: \(broken.joined(separator: " "))",
                    affects: needed.isEmpty ? "boxes that ask for them" : "every box",
                    remedy: "a kernel that has them, and the right to make them"))
        }
        let sysctls: [(String, Int?, Bool)] = [
            ("user.max_user_namespaces", facts.maxUserNamespaces, facts.maxUserNamespaces == 0),
            (
                "kernel.unprivileged_userns_clone", facts.unprivilegedUserNamespaces,
                facts.unprivilegedUserNamespaces == 0
            ),
            (
                "kernel.apparmor_restrict_unprivileged_userns", facts.appArmorRestrictsUserNamespaces,
                facts.appArmorRestrictsUserNamespaces == 1
            ),
        ]
        let restricting = sysctls.filter(\.2)
        for (name, value, _) in restricting {
            let isForAll = name.hasPrefix("user.")
            all.append(
                Finding(
                    "userns." + name, .warn, "\(name) is \(value ?? 0)",
                    affects: isForAll
                        ? "boxes with a user namespace: the default on the host's root"
                        : "user namespaces of ordinary users",
                    remedy: "sysctl \(name)=\(isForAll ? 65536 : name.contains("apparmor") ? 0 : 1)"))
        }
        if restricting.isEmpty { all.append(Finding("userns", .ok, "no setting restricts user namespaces")) }
        return all
    }

    // MARK: file systems

    private static func fileSystems(_ facts: Facts) -> [Finding] {
        var all: [Finding] = []
        switch facts.hasOverlay {
        case true?:
            all.append(
                facts.hasRedirectDir
                    ? Finding("overlay", .ok, "overlay with redirect_dir and metacopy")
                    : Finding(
                        "overlay", .warn, "overlay without redirect_dir",
                        affects: "renaming directories of a lower layer copies them"))
        case false?:
            all.append(
                Finding(
                    "overlay", .fail, "no overlay file system",
                    affects: "every box but read-only ones on one directory",
                    remedy: "modprobe overlay"))
        case nil: break
        }
        switch facts.canMapRootIDs {
        case true?: all.append(Finding("idmap", .ok, "the root file system can be id-mapped"))
        case false?:
            all.append(
                Finding(
                    "idmap", .warn, "the root file system cannot be id-mapped",
                    affects: "boxes on the host's root: most files belong to nobody there, and cannot be changed",
                    remedy: "--rootfs DIR on ext4, xfs, btrfs or tmpfs, or --userns host"))
        case nil: break
        }
        return all
    }

    // MARK: cgroups

    /// The controllers that flags of `run` need, and which.
    private static let flags = [
        ("memory", "--memory and its kin"), ("cpu", "--cpus, --cpu-weight, --cpu-quota"), ("pids", "--pids-limit"),
        ("io", "--device-write-bps and its kin, --io-weight"), ("cpuset", "--cpuset-cpus"), ("hugetlb", "--hugetlb"),
    ]

    private static func cgroups(_ facts: Facts) -> [Finding] {
        let host = facts.cgroup
        guard let mountPoint = host.mountPoint else {
            return [
                Finding(
                    "cgroup", .warn, "no cgroup v2 hierarchy is mounted",
                    affects: "all limits, --cpu-timeout, killing a box as a whole",
                    remedy: "boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup")
            ]
        }
        if host.isUndelegated {
            return [
                Finding(
                    "cgroup.delegation", .warn, "your cgroup is not delegated to you",
                    affects: "all limits, --cpu-timeout",
                    remedy: "systemd-run --user --scope -p Delegate=yes swiftbox run …")
            ]
        }
        let isHybrid = !host.v1Controllers.isEmpty
        var all = [
            Finding(
                "cgroup", .ok,
                isHybrid
                    ? "hybrid: v2 at \(mountPoint), and v1 holds \(host.v1Controllers.joined(separator: " "))"
                    : "pure v2 at \(mountPoint)")
        ]
        if !host.canMakeCgroups {
            all.append(
                Finding(
                    "cgroup.write", .warn, "\(mountPoint) is mounted read-only", affects: "all limits",
                    remedy: "have it mounted writable"))
        }
        var there: [String] = []
        for (controller, flags) in flags {
            guard let reason = host.reasonWithout(controller) else {
                there.append(controller)
                continue
            }
            all.append(
                Finding(
                    "cgroup." + controller, .warn, reason, affects: flags,
                    remedy: host.v1Controllers.contains(controller == "io" ? "blkio" : controller)
                        ? "boot with systemd.unified_cgroup_hierarchy=1" : "have \(controller) delegated to this cgroup"
                ))
        }
        if !there.isEmpty {
            all.append(Finding("cgroup.controllers", .ok, "can limit: " + there.joined(separator: " ")))
        }
        if !facts.hasPressure {
            all.append(
                Finding(
                    "pressure", .warn, "no pressure figures", affects: "pressure in reports", remedy: "boot with psi=1")
            )
        }
        return all
    }

    // MARK: clocks, state

    private static func clocks(_ facts: Facts) -> [Finding] {
        var all: [Finding] = []
        if let source = facts.clocksource {
            let isSlow = ["hpet", "acpi_pm", "jiffies", "refined-jiffies"].contains(source)
            all.append(
                isSlow
                    ? Finding(
                        "clocksource", .warn, "clocksource \(source)",
                        affects: "speed: each look at the clock is a system call",
                        remedy: "clocksource=tsc on the kernel's command line, where the processor keeps it steady")
                    : Finding("clocksource", .ok, "clocksource \(source)"))
        }
        if let drift = facts.driftPPM {
            let shown = Int(drift.rounded())
            all.append(
                abs(drift) > 500
                    ? Finding(
                        "clock.drift", .warn, "the clock is being corrected by \(shown) ppm",
                        affects: "time limits, by as much",
                        remedy: "look at the time service")
                    : Finding("clock.drift", .ok, "clock correction of \(shown) ppm"))
        }
        return all
    }

    private static func state(_ facts: Facts) -> [Finding] {
        if facts.leftovers.isEmpty {
            return [Finding("leftovers", .ok, "nothing of killed runs in \(facts.stateRoot)")]
        }
        let names = facts.leftovers.prefix(5).joined(separator: ", ") + (facts.leftovers.count > 5 ? ", …" : "")
        return [
            Finding(
                "leftovers", .warn, "killed runs have left \(facts.leftovers.count): \(names)",
                affects: "their cgroups and directories stay until the next run", remedy: "swiftbox doctor --sweep")
        ]
    }
}
