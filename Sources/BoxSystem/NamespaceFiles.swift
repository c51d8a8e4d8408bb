internal import CBoxLinux

extension Namespaces {
    /// ioctl_ns(2), NS_GET_NSTYPE; ENOTTY when the file is no namespace.
    public static func kind(of descriptor: CInt) throws(Errno) -> Namespaces {
        Namespaces(rawValue: UInt64(try check(box_namespace_type(descriptor))))
    }

    private static let all: [(kind: Namespaces, name: String, file: String)] = [
        (.pid, "pid", "pid"), (.network, "network", "net"), (.mount, "mount", "mnt"), (.ipc, "ipc", "ipc"),
        (.uts, "uts", "uts"), (.user, "user", "user"), (.cgroup, "cgroup", "cgroup"), (.time, "time", "time"),
    ]

    /// What config.json calls it.
    public var name: String { Self.all.first { $0.kind == self }?.name ?? "other" }

    /// Its file in /proc/PID/ns.
    public var file: String { Self.all.first { $0.kind == self }?.file ?? "" }
}

extension Processes {
    /// The process behind a pidfd, as the caller's /proc has it (`Pid` of its fdinfo); ESRCH when it is gone.
    public static func id(of pidfd: CInt) throws(Errno) -> CInt {
        let lines = try File.text(of: "/proc/self/fdinfo/\(pidfd)").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("Pid:") }),
            let pid = CInt(line.dropFirst(4).drop { $0 == " " || $0 == "\t" }), pid > 0
        else { throw .noSuchProcess }
        return pid
    }
}
