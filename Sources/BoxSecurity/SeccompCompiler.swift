public import BoxOCI
internal import BoxSystem
internal import CSeccomp

/// `linux.seccomp` → the program the kernel runs. libseccomp makes one filter an architecture, as a
/// binary tree; `SeccompDispatch` puts them behind one another.
///
/// Two rules of one profile that contradict each other for the same call are settled as libseccomp
/// does it: the first stays. Safe on several threads: each compilation has contexts of its own.
public enum SeccompCompiler {
    static let field = "linux.seccomp"
    /// BPF_MAXINSNS
    static let longest = 4096

    /// Makes no change to the process; to be called before the clone, for libseccomp allocates.
    public static func compile(_ profile: Seccomp) throws(BoxError) -> SeccompProgram {
        try compile(profile, searching: true)
    }

    /// With `searching` false libseccomp answers everything: what the search among ranges is compared with.
    package static func compile(_ profile: Seccomp, searching: Bool) throws(BoxError) -> SeccompProgram {
        let defaultAction = try SeccompNames.action(
            profile.defaultAction, errnoRet: profile.defaultErrnoRet, field: "\(field).defaultAction",
            errnoField: "\(field).defaultErrnoRet")
        if defaultAction == SeccompNames.notifyAction {
            throw BoxError(
                .invalidSpec, "must not be SCMP_ACT_NOTIFY: nobody could answer for every call",
                field: "\(field).defaultAction")
        }
        let architectures = try architectures(profile)
        var unknown: [String] = []
        let rules = try rules(profile, unknown: &unknown)
        var filters: [SeccompFilter] = []
        for architecture in architectures {
            filters.append(try SeccompFilter(architecture, rules, defaultAction: defaultAction, searching: searching))
        }
        let instructions = SeccompDispatch.join(filters, answerENOSYS: refuses(defaultAction))
        if instructions.count / 8 > longest {
            throw BoxError(
                .invalidSpec, "the filter has \(instructions.count / 8) instructions, the kernel takes \(longest)",
                field: "\(field).syscalls", remedy: "name fewer architectures or arguments")
        }
        let listens = rules.contains { $0.action == SeccompNames.notifyAction }
        return SeccompProgram(
            instructions: instructions, flags: try flags(profile, listens: listens), unknownSyscalls: unknown,
            listens: listens)
    }

    /// Whether a call that no rule names fails: then a call newer than the profile answers ENOSYS,
    /// so that programs fall back to older ones.
    private static func refuses(_ action: UInt32) -> Bool {
        let kind = action & 0xffff_0000
        return kind == SeccompNames.errnoAction || kind == SCMP_ACT_TRAP || kind == SCMP_ACT_KILL_THREAD
            || kind == SCMP_ACT_KILL_PROCESS
    }

    private static func flags(_ profile: Seccomp, listens: Bool) throws(BoxError) -> UInt32 {
        var flags: UInt32 = listens ? SeccompNames.newListener : 0
        for (index, name) in profile.flags.enumerated() {
            let field = "\(field).flags[\(index)]"
            guard let flag = SeccompNames.flags[name] else {
                throw BoxError(.invalidSpec, "\"\(name)\" is no seccomp flag", field: field)
            }
            if flag == SeccompNames.waitKillable && !listens {
                throw BoxError(
                    .invalidSpec, "\(name) needs a rule with SCMP_ACT_NOTIFY: without one there is no listener",
                    field: field)
            }
            flags |= flag
            if listens && flag == SeccompNames.tsync { flags |= SeccompNames.tsyncESRCH }
        }
        return flags
    }

    /// The native one, and those of the profile that this processor can run.
    private static func architectures(_ profile: Seccomp) throws(BoxError) -> [SeccompArchitecture] {
        var chosen: Set<SeccompArchitecture> = [.native]
        for (index, name) in profile.architectures.enumerated() {
            if let known = SeccompArchitecture(rawValue: name) {
                chosen.insert(known)
            } else if !SeccompArchitecture.foreign.contains(name) {
                throw BoxError(
                    .invalidSpec, "\"\(name)\" is no architecture", field: "\(field).architectures[\(index)]")
            }
        }
        return SeccompArchitecture.runnable.filter { chosen.contains($0) }
    }

    private static func rules(_ profile: Seccomp, unknown: inout [String]) throws(BoxError) -> [SeccompRule] {
        var rules: [SeccompRule] = []
        for (index, syscall) in profile.syscalls.enumerated() {
            let field = "\(field).syscalls[\(index)]"
            let action = try SeccompNames.action(
                syscall.action, errnoRet: syscall.errnoRet, field: "\(field).action", errnoField: "\(field).errnoRet")
            let alternatives = try conditions(syscall.args, field: "\(field).args")
            if syscall.names.isEmpty {
                throw BoxError(.invalidSpec, "names no system call", field: "\(field).names")
            }
            for name in syscall.names {
                guard let number = SeccompRule.Number(name) else {
                    unknown.append(name)
                    continue
                }
                if case .newer = number, !syscall.args.isEmpty {
                    throw BoxError(
                        .unsupported, "arguments of \(name) cannot be compared: this libseccomp does not know it",
                        field: "\(field).args", remedy: "leave out args for \(name)")
                }
                rules.append(
                    SeccompRule(name: name, number: number, action: action, alternatives: alternatives, field: field))
            }
        }
        return rules
    }

    /// Conditions that must all hold; where one argument is named twice, each condition alone is enough,
    /// for libseccomp compares an argument once a rule, and runc reads such profiles so.
    private static func conditions(
        _ arguments: [Seccomp.Argument], field: String
    ) throws(BoxError) -> [[scmp_arg_cmp]] {
        var all: [scmp_arg_cmp] = []
        for (index, argument) in arguments.enumerated() {
            guard let op = SeccompNames.operators[argument.op] else {
                throw BoxError(.invalidSpec, "\"\(argument.op)\" is no operator", field: "\(field)[\(index)].op")
            }
            if argument.index > 5 {
                throw BoxError(
                    .invalidSpec, "\(argument.index) is no argument, they count from 0 to 5",
                    field: "\(field)[\(index)].index")
            }
            all.append(
                scmp_arg_cmp(arg: argument.index, op: op, datum_a: argument.value, datum_b: argument.valueTwo))
        }
        return Set(arguments.map(\.index)).count == arguments.count ? [all] : all.map { [$0] }
    }
}
