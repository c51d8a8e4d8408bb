internal import BoxCgroup
public import BoxOCI
internal import BoxRootfs
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

extension Facts {
    /// Looks at this host. Attempts are made by children that end at once; nothing is left behind.
    public static func probe(stateRoot: String) throws(BoxError) -> Facts {
        var facts = Facts()
        facts.userID = Caller.userID
        facts.stateRoot = stateRoot
        let status = text("/proc/self/status") ?? ""
        let permitted = status.split(separator: "\n").first { $0.hasPrefix("CapPrm:\t") }
        facts.capabilities = CapabilitySet(rawValue: permitted.flatMap { UInt64($0.dropFirst(8), radix: 16) } ?? 0)
        facts.initialUserNamespace = words("/proc/self/uid_map") == ["0", "0", "4294967295"]
        facts.container = ["/.dockerenv", "/run/.containerenv"].first { File.exists($0) }
        facts.probeKernel()
        facts.cgroup = try CgroupHost.probe()
        facts.maxUserNamespaces = number("/proc/sys/user/max_user_namespaces")
        facts.unprivilegedUserNamespaces = number("/proc/sys/kernel/unprivileged_userns_clone")
        facts.appArmorRestrictsUserNamespaces = number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
        let mounts = (text("/proc/self/mountinfo") ?? "").split(separator: "\n")
        facts.procIsMasked = mounts.contains {
            $0.split(separator: " ").dropFirst(4).first?.hasPrefix("/proc/") == true
        }
        facts.probeByTrying()
        facts.ids = try explaining({ BoxError(.kernel, "cannot read /etc/subuid", errno: $0) }) { () throws(Errno) in
            try SubordinateIDs.of(user: facts.userID)?.countFromZero ?? 1
        }
        facts.leftovers = Sweeping.leftovers(root: stateRoot)
        return facts
    }

    private mutating func probeKernel() {
        release = (Self.text("/proc/sys/kernel/osrelease") ?? "unknown").filter { $0 != "\n" }
        let current = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        clocksource = Self.text(current)?.filter { $0 != "\n" }
        driftPPM = Self.drift()
        hasPressure = File.exists("/proc/pressure/cpu")
        securityModules = Self.text("/sys/kernel/security/lsm")?.filter { $0 != "\n" }
        seccompActions = Self.text("/proc/sys/kernel/seccomp/actions_avail")?.filter { $0 != "\n" }
        libseccomp = SeccompLibrary.version
    }

    /// The steered clock against the raw one, over a fiftieth of a second.
    private static func drift() -> Double? {
        do throws(Errno) {
            let (steered, raw) = (try Kernel.monotonicNanoseconds(), try Kernel.rawNanoseconds())
            var none: [Poll.Entry] = []
            try Poll.wait(&none, milliseconds: 20)
            let (later, laterRaw) = (try Kernel.monotonicNanoseconds(), try Kernel.rawNanoseconds())
            let passed = Double(laterRaw - raw)
            return passed > 0 ? (Double(later - steered) - passed) / passed * 1e6 : nil
        } catch {
            return nil
        }
    }

    private mutating func probeByTrying() {
        let kinds: [(String, Namespaces)] = [
            ("mount", .mount), ("pid", .pid), ("ipc", .ipc), ("uts", .uts), ("net", .network), ("user", .user),
            ("cgroup", .cgroup), ("time", .time),
        ]
        namespaces = kinds.compactMap { name, kind in
            // Who is not root has them in a user namespace of his own.
            let wanted = userID == 0 ? kind : kind.union(.user)
            return Attempt.works { () throws(Errno) in try wanted.unshare() }.map { (name, $0) }
        }
        if userID != 0 { return }
        hasOverlay = Attempt.works { () throws(Errno) in _ = try FileSystemContext(type: "overlay").kernelMessage() }
        let parameters = "/sys/module/overlay/parameters/"
        hasRedirectDir = !File.exists("/sys/module/overlay") || File.exists(parameters + "redirect_dir")
        let map = [IDMapping(containerID: 0, hostID: 524_288, size: 65_536)]
        canMapRootIDs = Attempt.works { () throws(Errno) in
            let namespace = try IDMap(users: map, groups: map).makeNamespace()
            if !IDMap.canMap("/", namespace: namespace.raw) { throw .notSupported }
        }
    }

    // MARK: files of the kernel

    private static func text(_ path: String) -> String? {
        do throws(Errno) {
            return try File.text(of: path)
        } catch {
            // A kernel without the file has nothing to say.
            return nil
        }
    }

    private static func words(_ path: String) -> [String] {
        (text(path) ?? "").split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    private static func number(_ path: String) -> Int? { words(path).first.flatMap { Int($0) } }
}

/// Tries something in a child, which ends with it.
enum Attempt {
    /// Whether the kernel let the child; nil when there could be no child.
    static func works(_ body: () throws(Errno) -> Void) -> Bool? {
        do throws(Errno) {
            guard let child = try Processes.fork() else {
                do throws(Errno) {
                    try body()
                } catch {
                    Processes.exit(1)
                }
                Processes.exit(0)
            }
            let pidfd = Descriptor(owning: child.pidfd)
            let end = try Processes.wait(for: pidfd.raw)
            try pidfd.close()
            return end.status == 0
        } catch {
            return nil
        }
    }
}
