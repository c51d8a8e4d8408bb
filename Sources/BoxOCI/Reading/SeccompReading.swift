extension Seccomp {
    private static let actions = [
        "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO",
        "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
    ]
    private static let operators = [
        "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
        "SCMP_CMP_MASKED_EQ",
    ]
    private static let knownFlags = [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]
    private static let knownArchitectures = [
        "SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64",
        "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32",
        "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
        "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
        "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
    ]

    init(reading value: Field) throws(BoxError) {
        var found: String?
        self.init(defaultAction: "")
        for field in try value.members() {
            switch field.name {
            case "defaultAction": found = try field.name(among: Self.actions)
            case "defaultErrnoRet": defaultErrnoRet = try field.integer()
            case "architectures": architectures = try field.names(among: Self.knownArchitectures)
            case "flags": flags = try field.names(among: Self.knownFlags)
            case "listenerPath": listenerPath = try field.text()
            case "listenerMetadata": listenerMetadata = try field.text()
            case "syscalls": syscalls = try field.array(Seccomp.syscall(reading:))
            default: break
            }
        }
        guard let found else { throw value.missing("defaultAction") }
        defaultAction = found
    }

    private static func syscall(reading value: Field) throws(BoxError) -> Syscall {
        var names: [String]?
        var action: String?
        var syscall = Syscall(names: [], action: "")
        for field in try value.members() {
            switch field.name {
            case "names":
                let list = try field.strings()
                if list.isEmpty { throw field.invalid("must name at least one system call") }
                names = list
            case "action": action = try field.name(among: actions)
            case "errnoRet": syscall.errnoRet = try field.integer()
            case "args": syscall.args = try field.array(argument(reading:))
            default: break
            }
        }
        guard let names else { throw value.missing("names") }
        guard let action else { throw value.missing("action") }
        (syscall.names, syscall.action) = (names, action)
        return syscall
    }

    private static func argument(reading value: Field) throws(BoxError) -> Argument {
        var index: UInt32?
        var number: UInt64?
        var second: UInt64 = 0
        var op: String?
        for field in try value.members() {
            switch field.name {
            case "index": index = try field.integer()
            case "value": number = try field.integer()
            case "valueTwo": second = try field.integer()
            case "op": op = try field.name(among: operators)
            default: break
            }
        }
        guard let index else { throw value.missing("index") }
        guard let number else { throw value.missing("value") }
        guard let op else { throw value.missing("op") }
        return Argument(index: index, value: number, valueTwo: second, op: op)
    }
}
