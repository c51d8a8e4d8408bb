internal import BoxOCI
internal import CSeccomp

/// The architectures whose calls can reach a filter on the processors swiftbox runs on.
enum SeccompArchitecture: String, CaseIterable {
    case x86_64 = "SCMP_ARCH_X86_64"
    case x86 = "SCMP_ARCH_X86"
    case x32 = "SCMP_ARCH_X32"
    case aarch64 = "SCMP_ARCH_AARCH64"
    case arm = "SCMP_ARCH_ARM"

    #if arch(x86_64)
        static let native = SeccompArchitecture.x86_64
        static let runnable: [SeccompArchitecture] = [.x86_64, .x86, .x32]
    #elseif arch(arm64)
        static let native = SeccompArchitecture.aarch64
        static let runnable: [SeccompArchitecture] = [.aarch64, .arm]
    #else
        #error("swiftbox runs on x86_64 and aarch64 only")
    #endif

    /// Bit 30 of the number marks a call of x32, which shares x86_64's audit token.
    static let x32Bit: UInt32 = 0x4000_0000
    var numberBit: UInt32 { self == .x32 ? Self.x32Bit : 0 }

    /// libseccomp's token.
    var token: UInt32 { self == .x32 ? 0x4000_003e : auditToken }

    /// `arch` of struct seccomp_data.
    var auditToken: UInt32 {
        switch self {
        case .x86_64, .x32: 0xc000_003e
        case .x86: 0x4000_0003
        case .aarch64: 0xc000_00b7
        case .arm: 0x4000_0028
        }
    }

    /// The specification's other architectures. No call on this processor can carry one, so a rule
    /// for them would never match.
    static let foreign: Set<String> = [
        "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
        "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390",
        "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
        "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    ]
}

enum SeccompNames {
    static let errnoAction: UInt32 = 0x0005_0000
    static let traceAction: UInt32 = 0x7ff0_0000
    static let notifyAction: UInt32 = 0x7fc0_0000

    /// SECCOMP_RET_*; the low 16 bits of ERRNO and TRACE are filled in from `errnoRet`.
    static let actions: [String: UInt32] = [
        "SCMP_ACT_KILL": SCMP_ACT_KILL_THREAD,
        "SCMP_ACT_KILL_THREAD": SCMP_ACT_KILL_THREAD,
        "SCMP_ACT_KILL_PROCESS": SCMP_ACT_KILL_PROCESS,
        "SCMP_ACT_TRAP": SCMP_ACT_TRAP,
        "SCMP_ACT_ERRNO": errnoAction,
        "SCMP_ACT_TRACE": traceAction,
        "SCMP_ACT_LOG": SCMP_ACT_LOG,
        "SCMP_ACT_ALLOW": SCMP_ACT_ALLOW,
        "SCMP_ACT_NOTIFY": notifyAction,
    ]

    static let operators: [String: scmp_compare] = [
        "SCMP_CMP_NE": SCMP_CMP_NE, "SCMP_CMP_LT": SCMP_CMP_LT, "SCMP_CMP_LE": SCMP_CMP_LE,
        "SCMP_CMP_EQ": SCMP_CMP_EQ, "SCMP_CMP_GE": SCMP_CMP_GE, "SCMP_CMP_GT": SCMP_CMP_GT,
        "SCMP_CMP_MASKED_EQ": SCMP_CMP_MASKED_EQ,
    ]

    static let flags: [String: UInt32] = [
        "SECCOMP_FILTER_FLAG_TSYNC": 1,
        "SECCOMP_FILTER_FLAG_LOG": 2,
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 4,
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": waitKillable,
    ]
    static let tsync: UInt32 = 1
    static let waitKillable: UInt32 = 32
    /// SECCOMP_FILTER_FLAG_NEW_LISTENER, and TSYNC_ESRCH without which the kernel does not take TSYNC beside it.
    static let newListener: UInt32 = 8
    static let tsyncESRCH: UInt32 = 16

    /// Calls that libseccomp 2.5.4 may not know by name. From 424 on a number is the same on every
    /// architecture here (x32 adds its bit).
    static let newerSyscalls: [String: UInt32] = [
        "futex_waitv": 449, "set_mempolicy_home_node": 450, "cachestat": 451, "fchmodat2": 452,
        "map_shadow_stack": 453, "futex_wake": 454, "futex_wait": 455, "futex_requeue": 456, "statmount": 457,
        "listmount": 458, "lsm_get_self_attr": 459, "lsm_set_self_attr": 460, "lsm_list_modules": 461,
        "mseal": 462, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465, "removexattrat": 466,
        "open_tree_attr": 467, "file_getattr": 468, "file_setattr": 469,
    ]

    /// The SECCOMP_RET_* value of an action with its `errnoRet`.
    static func action(
        _ name: String, errnoRet: UInt32?, field: String, errnoField: String
    ) throws(BoxError) -> UInt32 {
        guard let action = actions[name] else {
            throw BoxError(
                .invalidSpec, "\"\(name)\" is no seccomp action", field: field,
                remedy: "one of \(actions.keys.sorted().joined(separator: ", "))")
        }
        guard action == errnoAction || action == traceAction else {
            if errnoRet == nil { return action }
            throw BoxError(.invalidSpec, "\(name) takes no errnoRet", field: errnoField)
        }
        let value = errnoRet ?? 1
        // libseccomp takes no larger errno; a tracer's number has 16 bits.
        let largest: UInt32 = action == errnoAction ? 4094 : 0xffff
        if value > largest {
            throw BoxError(.invalidSpec, "\(value) is above \(largest), the largest for \(name)", field: errnoField)
        }
        return action | value
    }
}
