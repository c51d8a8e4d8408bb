public import BoxOCI
internal import BoxSystem

/// Device rules as a BPF program of ours, which the kernel asks at every open and mknod of a device (cgroup v2 has no
/// file for it). `compile` is pure; thread-safe.
///
/// Each kind of access that is requested (read, write, mknod) is decided by the last rule that speaks of it and fits
/// the device; the request is allowed when all of them are, and denied when no rule fits.
public struct DeviceProgram: Equatable, Sendable {
    /// What the kernel calls it: by this name, `replace` finds the box's own among those that others attached.
    static let name = "swiftbox_device"

    /// eBPF, 8 bytes each, in the processor's byte order.
    public var instructions: [UInt8]

    /// Throws `.invalidSpec` naming the rule.
    public static func compile(_ rules: [Resources.DeviceRule]) throws(BoxError) -> DeviceProgram {
        var parsed: [ParsedRule] = []
        // The last rule first: then the first to speak decides.
        for (index, rule) in rules.enumerated().reversed() {
            parsed.append(try ParsedRule(rule, "linux.resources.devices[\(index)]"))
        }
        var code: [Instruction] = Instruction.prologue
        if !appendBody(of: parsed[...], testing: 0, to: &code) { code += Instruction.answer(0) }
        return DeviceProgram(instructions: code.flatMap(\.bytes))
    }

    /// Compiles rules and attaches them.
    public static func attach(_ rules: [Resources.DeviceRule], to directory: CInt) throws(BoxError) {
        try compile(rules).attach(to: directory)
    }

    /// Loads the program and attaches it to a cgroup (bpf(2)), beside those of the cgroups above, which all must agree.
    /// The kernel keeps it until the cgroup is removed.
    public func attach(to directory: CInt) throws(BoxError) {
        try load().attach(to: directory)
    }

    /// Has the kernel check and translate it, for a cgroup that need not be there yet.
    public func load() throws(BoxError) -> LoadedDeviceProgram {
        do throws(Errno) {
            return LoadedDeviceProgram(self, try BPF.loadCgroupDeviceProgram(instructions, name: Self.name))
        } catch {
            throw Self.refusal(error)
        }
    }

    /// What every box may use: null, zero, full, random, urandom, tty, console, ptmx and the pseudo terminals.
    /// With mknod(2), which the init process needs to make them; of these nodes it gives nobody anything new.
    public static let defaultRules: [Resources.DeviceRule] = {
        let nodes: [(Int64, Int64?)] = [
            (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, nil),
        ]
        return nodes.map { major, minor in
            var rule = Resources.DeviceRule(allow: true)
            rule.type = "c"
            rule.major = major
            rule.minor = minor
            rule.access = "rwm"
            return rule
        }
    }()

    static func refusal(_ error: Errno) -> BoxError {
        let message = "cannot apply linux.resources.devices: the device program is refused"
        let field = "linux.resources.devices"
        switch error {
        case .notPermitted:
            return BoxError(
                .denied, message, field: field, errno: error,
                found:
                    "bpf(2) is not permitted here: it takes CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, of the host",
                remedy: "run as root, or leave the devices out")
        case .noFunction, .invalidArgument:
            return BoxError(
                .unsupported, message, field: field, errno: error,
                found: "the kernel may lack CONFIG_CGROUP_BPF or CONFIG_BPF_SYSCALL")
        case .argListTooLong:
            return BoxError(.invalidSpec, message, field: field, errno: error, found: "too many rules")
        default: return BoxError(.kernel, message, field: field, errno: error)
        }
    }

    /// What neighbours have in common is tested once: the kernel's verifier goes every way through the program, and its time
    /// is part of every start. Whether nothing behind it is ever reached, which that verifier would refuse.
    private static func appendBody(
        of rules: ArraySlice<ParsedRule>, testing part: Int, to code: inout [Instruction]
    ) -> Bool {
        if part == 3 {
            for rule in rules {
                code += rule.verdict
                if rule.isFinal { return true }
            }
            return false
        }
        var rest = rules
        while let first = rest.first {
            let test = first.tests[part]
            // A jump leads over 32,767 instructions at most, and a rule has eight.
            let run = rest.prefix(1024).prefix { $0.tests[part].value == test.value }
            rest = rest.dropFirst(run.count)
            guard let value = test.value else {
                if appendBody(of: run, testing: part + 1, to: &code) { return true }
                continue
            }
            let jump = code.count
            code.append(.skipUnless(test.register, is: value))
            _ = appendBody(of: run, testing: part + 1, to: &code)
            code[jump].offset = Int16(code.count - jump - 1)
        }
        return false
    }
}

/// A rule in the kernel's numbers.
private struct ParsedRule {
    /// nil is any.
    struct Test {
        let register: UInt8
        let value: Int32?
    }

    /// Of its type, its major and its minor number.
    let tests: [Test]
    private let allow: Bool
    private let access: Int32
    private static let allAccess: Int32 = 7

    init(_ rule: Resources.DeviceRule, _ field: String) throws(BoxError) {
        tests = [
            Test(register: Instruction.type, value: try Self.deviceType(rule.type, field)),
            Test(register: Instruction.major, value: try Self.number(rule.major, most: 4095, "\(field).major")),
            Test(register: Instruction.minor, value: try Self.number(rule.minor, most: 1_048_575, "\(field).minor")),
        ]
        allow = rule.allow
        access = try Self.accessBits(rule.access, "\(field).access")
    }

    /// It decides whatever reaches it: something is left to decide there.
    var isFinal: Bool { access == Self.allAccess }

    var verdict: [Instruction] {
        if isFinal { return Instruction.answer(allow ? 1 : 0) }
        // What this rule allows is settled, and nothing left means yes; anything left that it forbids means no.
        var code = allow ? [.clear(access), .skipUnless(Instruction.access, is: 0)] : Instruction.skipUnlessAny(access)
        let jump = code.count - 1
        code += Instruction.answer(allow ? 1 : 0)
        code[jump].offset = Int16(code.count - jump - 1)
        return code
    }

    /// BPF_DEVCG_DEV_*; nil is all.
    private static func deviceType(_ type: String?, _ field: String) throws(BoxError) -> Int32? {
        switch type {
        case nil, "a": return nil
        case "b": return 1
        case "c": return 2
        case let other?:
            throw BoxError(
                .invalidSpec, "must be a, b or c", field: "\(field).type", found: "\"\(other)\"")
        }
    }

    /// -1 is any, as engines write it.
    private static func number(_ value: Int64?, most: Int64, _ field: String) throws(BoxError) -> Int32? {
        guard let value, value != -1 else { return nil }
        if !(0...most).contains(value) {
            throw BoxError(
                .invalidSpec, "must be between 0 and \(most), or -1 for any", field: field, found: "\(value)")
        }
        return Int32(value)
    }

    /// BPF_DEVCG_ACC_*; nil and the empty string are all three.
    private static func accessBits(_ access: String?, _ field: String) throws(BoxError) -> Int32 {
        guard let access, !access.isEmpty else { return 7 }
        var bits: Int32 = 0
        for letter in access {
            switch letter {
            case "m": bits |= 1
            case "r": bits |= 2
            case "w": bits |= 4
            default: throw BoxError(.invalidSpec, "must be of r, w and m", field: field, found: "\"\(access)\"")
            }
        }
        return bits
    }
}

/// struct bpf_insn, as far as device rules need it.
struct Instruction: Equatable {
    var opcode: UInt8
    /// Destination in the low half, source in the high.
    var registers: UInt8
    var offset: Int16 = 0
    var immediate: Int32 = 0

    /// Registers of the program: r1 is the context, struct bpf_cgroup_dev_ctx.
    static let type: UInt8 = 2
    static let access: UInt8 = 3
    static let major: UInt8 = 4
    static let minor: UInt8 = 5

    /// access_type holds the device's type in its low half and the access in its high half; major, minor follow.
    static let prologue = [
        load(type, at: 0),
        Instruction(opcode: 0xbc, registers: access | type << 4),
        Instruction(opcode: 0x54, registers: type, immediate: 0xffff),
        Instruction(opcode: 0x74, registers: access, immediate: 16),
        load(major, at: 4),
        load(minor, at: 8),
    ]

    /// r0 = value; exit.
    static func answer(_ value: Int32) -> [Instruction] {
        [Instruction(opcode: 0xb4, registers: 0, immediate: value), Instruction(opcode: 0x95, registers: 0)]
    }

    /// A 32-bit word of the context.
    private static func load(_ register: UInt8, at offset: Int16) -> Instruction {
        Instruction(opcode: 0x61, registers: register | 1 << 4, offset: offset)
    }

    /// 32-bit jump (BPF_JMP32 | BPF_JNE).
    static func skipUnless(_ register: UInt8, is value: Int32) -> Instruction {
        Instruction(opcode: 0x56, registers: register, immediate: value)
    }

    /// By a copy in r6: there is a jump for "any of these bits", none for "none of these bits".
    static func skipUnlessAny(_ bits: Int32) -> [Instruction] {
        let copy: UInt8 = 6
        return [
            Instruction(opcode: 0xbc, registers: copy | access << 4),
            Instruction(opcode: 0x54, registers: copy, immediate: bits),
            Instruction(opcode: 0x16, registers: copy, immediate: 0),
        ]
    }

    /// access &= ~bits
    static func clear(_ bits: Int32) -> Instruction {
        Instruction(opcode: 0x54, registers: access, immediate: ~bits)
    }

    var bytes: [UInt8] {
        var bytes = [opcode, registers]
        withUnsafeBytes(of: offset) { bytes += $0 }
        withUnsafeBytes(of: immediate) { bytes += $0 }
        return bytes
    }
}
