import BoxOCI
import Testing

@testable import BoxSecurity

/// The search among ranges against libseccomp's own answers, number by number.
@Suite struct SeccompRangesTests {
    #if arch(x86_64)
        private static let all: [(token: UInt32, offset: UInt32)] = [
            (FilterMachine.x86_64, 0), (FilterMachine.x86_64, FilterMachine.x32Bit), (FilterMachine.i386, 0),
        ]
        private static let names = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    #else
        private static let all: [(token: UInt32, offset: UInt32)] = [(FilterMachine.aarch64, 0)]
        private static let names = ["SCMP_ARCH_AARCH64"]
    #endif

    private func compare(_ profile: Seccomp) throws {
        let searching = FilterMachine(instructions: try SeccompCompiler.compile(profile).instructions)
        let plain = FilterMachine(instructions: try SeccompCompiler.compile(profile, searching: false).instructions)
        for (token, offset) in Self.all {
            for number in Array(UInt32(0)...700) + [0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, .max] {
                let call = number | offset
                for arguments in [[], [1, 1, 1], [0x7e02_0000, 16, 3], [2, 10, 7]] as [[UInt64]] {
                    let expected = try plain.run(token, call, arguments)
                    #expect(try searching.run(token, call, arguments) == expected, "\(token) \(call) \(arguments)")
                }
            }
        }
    }

    @Test(arguments: [CapabilitySet.swiftboxDefault, .all, []])
    func theDefaultProfileAnswersAsBefore(_ capabilities: CapabilitySet) throws {
        try compare(DefaultSeccompProfile.profile(capabilities: capabilities))
    }

    @Test(arguments: ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS"])
    func mixedRulesAnswerAsBefore(_ action: String) throws {
        var profile = Seccomp(defaultAction: action)
        profile.architectures = Self.names
        for (index, name) in ["read", "write", "openat", "socket", "semget", "clone", "ipc", "socketcall"].enumerated()
        {
            var rule = Seccomp.Syscall(names: [name], action: "SCMP_ACT_ERRNO")
            rule.errnoRet = UInt32(20 + index)
            profile.syscalls.append(rule)
        }
        profile.syscalls.append(Seccomp.Syscall(names: ["read", "mount", "umount2"], action: "SCMP_ACT_TRAP"))
        var compared = Seccomp.Syscall(names: ["dup3", "socket", "close"], action: "SCMP_ACT_LOG")
        compared.args = [Seccomp.Argument(index: 0, value: 2, op: "SCMP_CMP_EQ")]
        profile.syscalls += [compared, Seccomp.Syscall(names: ["close"], action: "SCMP_ACT_KILL")]
        try compare(profile)
    }

    /// A jump is a byte: a profile with more different answers than that is libseccomp's alone.
    @Test func manyAnswersFallBackToTheLibrary() throws {
        var profile = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        for (index, name) in DefaultSeccompProfile.profile(capabilities: []).syscalls.flatMap(\.names).enumerated() {
            var rule = Seccomp.Syscall(names: [name], action: "SCMP_ACT_ERRNO")
            rule.errnoRet = UInt32(index + 1)
            profile.syscalls.append(rule)
        }
        try compare(profile)
    }

    /// What the kernel checks and translates at every start.
    @Test func theDefaultProfileIsShort() throws {
        let profile = DefaultSeccompProfile.profile(capabilities: .swiftboxDefault)
        let count = try SeccompCompiler.compile(profile).instructions.count
        #expect(count * 2 < (try SeccompCompiler.compile(profile, searching: false).instructions.count))
    }
}
