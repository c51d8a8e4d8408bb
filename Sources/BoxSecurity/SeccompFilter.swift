internal import BoxOCI
internal import BoxSystem
internal import CSeccomp

/// One system call of a profile, names resolved.
struct SeccompRule {
    enum Number {
        /// libseccomp's, for the native architecture; negative where it has no such call.
        case known(CInt)
        /// From `SeccompNames.newerSyscalls`.
        case newer(UInt32)

        init?(_ name: String) {
            let number = seccomp_syscall_resolve_name(name)
            if number != -1 {
                self = .known(number)
            } else if let newer = SeccompNames.newerSyscalls[name] {
                self = .newer(newer)
            } else {
                return nil
            }
        }
    }

    var name: String
    var number: Number
    /// SECCOMP_RET_*
    var action: UInt32
    /// Each element is a rule of its own; an empty one matches whatever the arguments.
    var alternatives: [[scmp_arg_cmp]]
    var field: String
}

/// What libseccomp makes of a profile for one architecture.
struct SeccompFilter {
    var architecture: SeccompArchitecture
    var instructions: [UInt8]
    /// The highest number that the profile names here; nil where it names none.
    var highest: UInt32?
    /// Number and action of calls that libseccomp does not know.
    var newer: [(number: UInt32, action: UInt32)] = []
    /// i386 alone has them.
    var multiplexer: SeccompMultiplexer?

    init(
        _ architecture: SeccompArchitecture, _ rules: [SeccompRule], defaultAction: UInt32, searching: Bool
    ) throws(BoxError) {
        self.architecture = architecture
        let context = try Self.makeContext(architecture, defaultAction)
        defer { seccomp_release(context) }
        if architecture == .x86 { multiplexer = SeccompMultiplexer(rules, defaultAction: defaultAction) }
        for rule in rules { highest = Self.highest(highest, rule, architecture) }
        // libseccomp refuses a rule that says what happens anyway.
        let rules = rules.filter { $0.action != defaultAction }
        let ranges = SeccompRanges(rules, architecture, defaultAction: defaultAction)
        let search = searching ? ranges.instructions : nil
        for rule in rules {
            switch rule.number {
            case .newer(let newer):
                let number = newer | architecture.numberBit
                if !self.newer.contains(where: { $0.number == number }) { self.newer.append((number, rule.action)) }
            case .known(let number):
                if search == nil || !ranges.answers(rule, architecture) { try Self.add(rule, number, to: context) }
            }
        }
        instructions = []
        do throws(Errno) {
            instructions = try (search ?? []) + Self.export(context)
        } catch {
            throw BoxError(.kernel, "cannot build the seccomp filter", field: SeccompCompiler.field, errno: error)
        }
    }

    private static func makeContext(
        _ architecture: SeccompArchitecture, _ defaultAction: UInt32
    ) throws(BoxError) -> scmp_filter_ctx {
        guard let context = seccomp_init(defaultAction) else {
            throw BoxError(
                .unsupported, "libseccomp or this kernel does not know the action",
                field: "\(SeccompCompiler.field).defaultAction")
        }
        var result: CInt = 0
        if architecture != .native {
            result = seccomp_arch_add(context, architecture.token)
            if result == 0 { result = seccomp_arch_remove(context, SeccompArchitecture.native.token) }
        }
        if result == 0 { result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) }
        if result < 0 {
            seccomp_release(context)
            throw BoxError(
                .unsupported, "libseccomp cannot filter \(architecture.rawValue)",
                field: "\(SeccompCompiler.field).architectures", errno: Errno(rawValue: -result))
        }
        return context
    }

    private static func add(_ rule: SeccompRule, _ number: CInt, to context: scmp_filter_ctx) throws(BoxError) {
        for conditions in rule.alternatives {
            let result = seccomp_rule_add_array(context, rule.action, number, UInt32(conditions.count), conditions)
            if result < 0 {
                throw BoxError(
                    .invalidSpec, "libseccomp refuses the rule for \(rule.name)", field: rule.field,
                    errno: Errno(rawValue: -result))
            }
        }
    }

    private static func highest(
        _ before: UInt32?, _ rule: SeccompRule, _ architecture: SeccompArchitecture
    ) -> UInt32? {
        let number: CInt
        switch rule.number {
        case .newer(let newer):
            number = CInt(newer | architecture.numberBit)
        case .known:
            number = numberHere(seccomp_syscall_resolve_name_arch(architecture.token, rule.name), architecture)
        }
        if number < 0 { return before }
        return max(before ?? 0, UInt32(number))
    }

    /// libseccomp gives i386's socket and ipc calls pseudo numbers, as socketcall and ipc carry them too;
    /// by themselves they end at 373 and 402. ARM's private calls stand apart, far above the others.
    private static func numberHere(_ number: CInt, _ architecture: SeccompArchitecture) -> CInt {
        switch (architecture, number) {
        case (.x86, -120 ... -100): 373
        case (.x86, -224 ... -200): 402
        case (.arm, SeccompDispatch.armPrivate...): -1
        default: number
        }
    }

    private static func export(_ context: scmp_filter_ctx) throws(Errno) -> [UInt8] {
        let memory = try File.makeMemoryFile("seccomp")
        let result = seccomp_export_bpf(context, memory.raw)
        if result < 0 { throw Errno(rawValue: -result) }
        try File.rewind(memory.raw)
        let bytes = try File.readAll(memory.raw)
        try memory.close()
        return bytes
    }
}
