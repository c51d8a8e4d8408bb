internal import CCap
public import BoxSystem
internal import Glibc

/// A set of capabilities, one bit each, as the kernel has them in /proc/PID/status.
public struct CapabilitySet: OptionSet, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The set of one capability, by the kernel's number (0 to 63).
    public init(number: Int) { rawValue = 1 << UInt64(number) }

    /// One capability by name, or `ALL`; `CAP_` may be left out, and case does not matter.
    /// nil where libcap does not know the name.
    public init?(name: String) {
        var full = name.lowercased()
        if full == "all" {
            self = .all
            return
        }
        if !full.hasPrefix("cap_") { full = "cap_" + full }
        var number: cap_value_t = 0
        // libcap takes a plain number for a name too, and stops reading at what cannot be part of one.
        guard full.utf8.count > 4, full.utf8.allSatisfy({ 0x61...0x7a ~= $0 || $0 == 0x5f }),
            cap_from_name(full, &number) == 0
        else { return nil }
        self.init(number: Int(number))
    }

    /// Upper case with `CAP_`, in the order of the numbers.
    public var names: [String] {
        numbers.map { number in
            guard let name = cap_to_name(cap_value_t(number)) else { return "CAP_\(number)" }
            defer { cap_free(name) }
            return String(cString: name).uppercased()
        }
    }

    /// The kernel's numbers, ascending.
    public var numbers: [Int] { (0..<64).filter { rawValue & 1 << UInt64($0) != 0 } }

    /// Everything that libcap has a name for.
    public static let all = CapabilitySet(rawValue: 1 << UInt64(CAP_LAST_CAP + 1) - 1)

    /// What the running kernel knows: asked of it by prctl(PR_CAPBSET_READ), so no /proc is needed.
    public static func ofKernel() -> CapabilitySet { CapabilitySet(rawValue: 1 << UInt64(cap_max_bits()) - 1) }

    /// The permitted set of the calling thread: capget(2).
    public static func permitted() throws(Errno) -> CapabilitySet {
        guard let sets = cap_get_proc() else { throw Errno(rawValue: errno) }
        defer { cap_free(UnsafeMutableRawPointer(sets)) }
        return CapabilitySet(
            (0..<cap_max_bits()).filter { number in
                var flag = CAP_CLEAR
                return cap_get_flag(sets, number, CAP_PERMITTED, &flag) == 0 && flag == CAP_SET
            }.map { CapabilitySet(number: Int($0)) })
    }
}

extension CapabilitySet {
    public static let dacReadSearch = CapabilitySet(number: Int(CAP_DAC_READ_SEARCH))
    public static let mknod = CapabilitySet(number: Int(CAP_MKNOD))
    public static let sysModule = CapabilitySet(number: Int(CAP_SYS_MODULE))
    public static let sysRawio = CapabilitySet(number: Int(CAP_SYS_RAWIO))
    public static let sysChroot = CapabilitySet(number: Int(CAP_SYS_CHROOT))
    public static let sysPtrace = CapabilitySet(number: Int(CAP_SYS_PTRACE))
    public static let sysPacct = CapabilitySet(number: Int(CAP_SYS_PACCT))
    public static let sysAdmin = CapabilitySet(number: Int(CAP_SYS_ADMIN))
    public static let sysBoot = CapabilitySet(number: Int(CAP_SYS_BOOT))
    public static let sysNice = CapabilitySet(number: Int(CAP_SYS_NICE))
    public static let sysTime = CapabilitySet(number: Int(CAP_SYS_TIME))
    public static let sysTtyConfig = CapabilitySet(number: Int(CAP_SYS_TTY_CONFIG))
    public static let syslog = CapabilitySet(number: Int(CAP_SYSLOG))
    public static let perfmon = CapabilitySet(number: Int(CAP_PERFMON))
    public static let bpf = CapabilitySet(number: Int(CAP_BPF))

    /// The 14 that Docker gives a container.
    public static let docker: CapabilitySet = [
        CapabilitySet(number: Int(CAP_CHOWN)), CapabilitySet(number: Int(CAP_DAC_OVERRIDE)),
        CapabilitySet(number: Int(CAP_FOWNER)), CapabilitySet(number: Int(CAP_FSETID)),
        CapabilitySet(number: Int(CAP_KILL)), CapabilitySet(number: Int(CAP_SETGID)),
        CapabilitySet(number: Int(CAP_SETUID)), CapabilitySet(number: Int(CAP_SETPCAP)),
        CapabilitySet(number: Int(CAP_NET_BIND_SERVICE)), CapabilitySet(number: Int(CAP_NET_RAW)),
        CapabilitySet(number: Int(CAP_AUDIT_WRITE)), CapabilitySet(number: Int(CAP_SETFCAP)),
        .sysChroot, .mknod,
    ]

    /// What a box gets unless told otherwise: Docker's without MKNOD, for devices come from the runtime.
    public static let swiftboxDefault = docker.subtracting(.mknod)
}
