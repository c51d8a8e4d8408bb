internal import CSeccomp

/// i386's socketcall(2) and ipc(2): many calls behind one number. The first argument says which; the others lie in memory,
/// where no filter sees them. libseccomp drops the conditions of a rule there, so that what it allows under a condition would
/// be allowed without. Here such a call gets the strictest answer that any rule for it, or the default, could have given.
struct SeccompMultiplexer {
    /// Of socketcall and ipc.
    static let numbers: [UInt32] = [102, 117]
    /// ipc's first argument holds a version in its upper half, which the kernel takes off and libseccomp does not.
    static let callMask: UInt32 = 0xffff

    /// By multiplexer and call: SECCOMP_RET_*.
    private(set) var answers: [UInt32: [UInt32: UInt32]] = [:]

    /// - Parameter rules: of the whole profile. One that names socketcall or ipc itself means all that goes through it, and
    ///   nothing is answered here for that.
    init(_ rules: [SeccompRule], defaultAction: UInt32) {
        let named = Set(rules.map(\.name))
        var calls: [String: [SeccompRule]] = [:]
        for rule in rules { calls[rule.name, default: []].append(rule) }
        for (name, rules) in calls {
            guard let (multiplexer, call) = Self.place(of: name),
                !named.contains(multiplexer == Self.numbers[0] ? "socketcall" : "ipc")
            else { continue }
            let isCompared = rules.contains { $0.alternatives.contains { !$0.isEmpty } }
            let isWhole = rules.contains { $0.alternatives.contains { $0.isEmpty } }
            let candidates = rules.map(\.action) + (isWhole ? [] : [defaultAction])
            guard let strictest = candidates.min(by: Self.isStricter) else { continue }
            if isCompared || (multiplexer == Self.numbers[1] && Self.isStricter(strictest, defaultAction)) {
                answers[multiplexer, default: [:]][call] = strictest
            }
        }
    }

    /// libseccomp's pseudo numbers for i386: -101 is call 1 of socketcall, -201 call 1 of ipc.
    private static func place(of name: String) -> (multiplexer: UInt32, call: UInt32)? {
        switch seccomp_syscall_resolve_name_arch(SeccompArchitecture.x86.token, name) {
        case let number where (-120 ... -101).contains(number): (numbers[0], UInt32(-number - 100))
        case let number where (-224 ... -201).contains(number): (numbers[1], UInt32(-number - 200))
        default: nil
        }
    }

    /// As the kernel weighs the answers of several filters: signed, the lowest wins.
    private static func isStricter(_ one: UInt32, _ other: UInt32) -> Bool {
        Int32(bitPattern: one & 0xffff_0000) < Int32(bitPattern: other & 0xffff_0000)
    }
}
