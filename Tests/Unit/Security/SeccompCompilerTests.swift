import BoxOCI
import Testing

@testable import BoxSecurity

#if arch(x86_64)
    private let native = FilterMachine.x86_64
#else
    private let native = FilterMachine.aarch64
#endif

private func number(_ name: String) throws -> UInt32 {
    switch try #require(SeccompRule.Number(name)) {
    case .known(let number): UInt32(bitPattern: number)
    case .newer(let number): number
    }
}

private func rule(_ names: String..., action: String = "SCMP_ACT_ALLOW", errno: UInt32? = nil) -> Seccomp.Syscall {
    var rule = Seccomp.Syscall(names: names, action: action)
    rule.errnoRet = errno
    return rule
}

private func allowed(_ name: String) -> Seccomp.Syscall {
    Seccomp.Syscall(names: [name], action: "SCMP_ACT_ALLOW")
}

private func machine(_ profile: Seccomp) throws -> FilterMachine {
    FilterMachine(instructions: try SeccompCompiler.compile(profile).instructions)
}

private func profile(_ rules: Seccomp.Syscall..., action: String = "SCMP_ACT_ERRNO") -> Seccomp {
    var profile = Seccomp(defaultAction: action)
    profile.syscalls = rules
    return profile
}

@Suite struct SeccompCompilerTests {
    @Test func namedCallsAreAllowedAndTheRestIsRefused() throws {
        let machine = try machine(profile(rule("getpid", "openat2")))
        #expect(try machine.run(native, number("getpid")) == FilterMachine.allow)
        #expect(try machine.run(native, number("mount")) == FilterMachine.errno(1))
    }

    @Test func defaultErrnoIsTheProfiles() throws {
        var asked = profile(rule("openat2"))
        asked.defaultErrnoRet = 13
        #expect(try machine(asked).run(native, number("mount")) == FilterMachine.errno(13))
    }

    @Test(
        arguments: [
            ("SCMP_ACT_KILL", nil, 0), ("SCMP_ACT_KILL_THREAD", nil, 0), ("SCMP_ACT_KILL_PROCESS", nil, 0x8000_0000),
            ("SCMP_ACT_TRAP", nil, 0x0003_0000), ("SCMP_ACT_ERRNO", nil, 0x0005_0001),
            ("SCMP_ACT_ERRNO", 4094, 0x0005_0ffe),
            ("SCMP_ACT_ERRNO", 0, 0x0005_0000), ("SCMP_ACT_TRACE", 0xffff, 0x7ff0_ffff),
            ("SCMP_ACT_LOG", nil, 0x7ffc_0000),
            ("SCMP_ACT_ALLOW", nil, 0x7fff_0000),
            ("SCMP_ACT_NOTIFY", nil, 0x7fc0_0000),
        ] as [(String, UInt32?, UInt32)])
    func everyActionBothAsRuleAndAsDefault(_ action: String, _ errno: UInt32?, _ expected: UInt32) throws {
        let other = action == "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW"
        let asRule = try machine(profile(rule("mount", action: action, errno: errno), action: other))
        #expect(try asRule.run(native, number("mount")) == expected)
        if action == "SCMP_ACT_NOTIFY" { return }
        var asDefault = profile(rule("openat2", action: other), action: action)
        asDefault.defaultErrnoRet = errno
        #expect(try machine(asDefault).run(native, number("mount")) == expected)
    }

    @Test(
        arguments: [
            ("SCMP_CMP_NE", 5, 0, [4, 6, 1 << 32 | 5], [5]),
            ("SCMP_CMP_LT", 5, 0, [0, 4], [5, 6, 1 << 32]),
            ("SCMP_CMP_LE", 5, 0, [4, 5], [6, 1 << 32]),
            ("SCMP_CMP_EQ", 5, 0, [5], [4, 1 << 32 | 5]),
            ("SCMP_CMP_GE", 5, 0, [5, 6, 1 << 32], [4]),
            ("SCMP_CMP_GT", 5, 0, [6, 1 << 32], [5, 4]),
            ("SCMP_CMP_MASKED_EQ", 0xf0, 0x50, [0x5f, 1 << 32 | 0x50], [0x60, 0x0]),
        ] as [(String, UInt64, UInt64, [UInt64], [UInt64])])
    func everyOperator(_ op: String, _ value: UInt64, _ two: UInt64, _ yes: [UInt64], _ no: [UInt64]) throws {
        var compared = rule("openat2")
        compared.args = [Seccomp.Argument(index: 2, value: value, valueTwo: two, op: op)]
        let machine = try machine(profile(compared))
        for argument in yes {
            #expect(try machine.run(native, number("openat2"), [0, 0, argument]) == FilterMachine.allow, "\(argument)")
        }
        for argument in no {
            #expect(
                try machine.run(native, number("openat2"), [0, 0, argument]) == FilterMachine.errno(1), "\(argument)")
        }
    }

    @Test func conditionsOnDifferentArgumentsMustAllHold() throws {
        var both = rule("openat2")
        both.args = [
            Seccomp.Argument(index: 0, value: 1, op: "SCMP_CMP_EQ"),
            Seccomp.Argument(index: 1, value: 2, op: "SCMP_CMP_EQ"),
        ]
        let machine = try machine(profile(both))
        #expect(try machine.run(native, number("openat2"), [1, 2]) == FilterMachine.allow)
        #expect(try machine.run(native, number("openat2"), [1, 3]) == FilterMachine.errno(1))
        #expect(try machine.run(native, number("openat2"), [2, 2]) == FilterMachine.errno(1))
    }

    @Test func conditionsOnOneArgumentAreAlternatives() throws {
        var either = rule("openat2")
        either.args = [
            Seccomp.Argument(index: 0, value: 1, op: "SCMP_CMP_EQ"),
            Seccomp.Argument(index: 0, value: 2, op: "SCMP_CMP_EQ"),
        ]
        let machine = try machine(profile(either))
        #expect(try machine.run(native, number("openat2"), [1]) == FilterMachine.allow)
        #expect(try machine.run(native, number("openat2"), [2]) == FilterMachine.allow)
        #expect(try machine.run(native, number("openat2"), [3]) == FilterMachine.errno(1))
    }

    @Test func severalRulesForOneCallAddUp() throws {
        var first = rule("openat2")
        first.args = [Seccomp.Argument(index: 0, value: 1, op: "SCMP_CMP_EQ")]
        var second = rule("openat2", action: "SCMP_ACT_ERRNO", errno: 38)
        second.args = [Seccomp.Argument(index: 0, value: 2, op: "SCMP_CMP_EQ")]
        let machine = try machine(profile(first, second))
        #expect(try machine.run(native, number("openat2"), [1]) == FilterMachine.allow)
        #expect(try machine.run(native, number("openat2"), [2]) == FilterMachine.errno(38))
        #expect(try machine.run(native, number("openat2"), [3]) == FilterMachine.errno(1))
    }

    @Test func rulesEqualToTheDefaultAreNoError() throws {
        let machine = try machine(profile(rule("mount", action: "SCMP_ACT_ERRNO"), rule("openat2")))
        #expect(try machine.run(native, number("mount")) == FilterMachine.errno(1))
    }

    @Test func callsNewerThanTheProfileDoNotExist() throws {
        let machine = try machine(profile(rule("openat2")))
        let highest = try number("openat2")
        #expect(try machine.run(native, highest) == FilterMachine.allow)
        #expect(try machine.run(native, highest + 1) == FilterMachine.errno(38))
        #expect(try machine.run(native, highest - 1) == FilterMachine.errno(1))
        #expect(try machine.run(native, 0xffff_ffff) == FilterMachine.errno(38))
    }

    @Test func aRefusedCallCountsAsKnownToTheProfile() throws {
        let machine = try machine(profile(rule("getpid"), rule("openat2", action: "SCMP_ACT_ERRNO")))
        #expect(try machine.run(native, number("openat2")) == FilterMachine.errno(1))
    }

    @Test(arguments: ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"])
    func aDefaultThatLetsCallsThroughLetsNewerOnesThrough(_ action: String) throws {
        let machine = try machine(profile(rule("getpid", action: "SCMP_ACT_KILL"), action: action))
        #expect(try machine.run(native, 5000) != FilterMachine.errno(38))
        #expect(try machine.run(native, number("getpid")) == 0)
    }

    @Test func aProfileThatNamesNothingRefusesEverything() throws {
        #expect(try machine(profile()).run(native, 5000) == FilterMachine.errno(1))
    }

    @Test func callsThatLibseccompDoesNotKnowGoByNumber() throws {
        let machine = try machine(
            profile(rule("file_setattr", "mseal"), rule("listmount", action: "SCMP_ACT_KILL_PROCESS")))
        #expect(try machine.run(native, 469) == FilterMachine.allow)
        #expect(try machine.run(native, 462) == FilterMachine.allow)
        #expect(try machine.run(native, 458) == 0x8000_0000)
        #expect(try machine.run(native, 463) == FilterMachine.errno(1))
        #expect(try machine.run(native, 470) == FilterMachine.errno(38))
    }

    @Test func unknownNamesAreListedNotRefused() throws {
        let program = try SeccompCompiler.compile(profile(rule("getpid", "no_such_call", "openat2")))
        #expect(program.unknownSyscalls == ["no_such_call"])
    }

    @Test func otherArchitecturesAreKilledUnlessNamed() throws {
        #expect(try machine(profile(rule("getpid"))).run(0x1234, 1) == 0)
    }

    @Test func architecturesOfOtherProcessorsMakeNoDifference() throws {
        var asked = profile(rule("getpid"))
        let plain = try SeccompCompiler.compile(asked)
        asked.architectures = ["SCMP_ARCH_PPC64", "SCMP_ARCH_S390X", "SCMP_ARCH_LOONGARCH64"]
        #expect(try SeccompCompiler.compile(asked) == plain)
    }

    @Test func flagsAreTheKernels() throws {
        var asked = profile(rule("getpid"))
        #expect(try SeccompCompiler.compile(asked).flags == 0)
        asked.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]
        #expect(try SeccompCompiler.compile(asked).flags == 7)
    }

    @Test func aListenerIsAskedForWhereACallIsNotified() throws {
        var asked = profile(rule("getpid"))
        asked.listenerPath = "/run/agent"
        #expect(try SeccompCompiler.compile(asked) == SeccompCompiler.compile(profile(rule("getpid"))))
        asked.syscalls.append(rule("mkdir", action: "SCMP_ACT_NOTIFY"))
        #expect(try SeccompCompiler.compile(asked).listens && SeccompCompiler.compile(asked).flags == 8)
        // NEW_LISTENER, WAIT_KILLABLE_RECV, and TSYNC_ESRCH because of TSYNC.
        asked.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]
        #expect(try SeccompCompiler.compile(asked).flags == 8 | 32 | 16 | 1)
    }

    @Test func theTwiceNamedNewerCallKeepsTheProgramShort() throws {
        let names = [String](repeating: "file_setattr", count: 300)
        var asked = profile()
        asked.syscalls = [Seccomp.Syscall(names: names, action: "SCMP_ACT_ALLOW")]
        #expect(try machine(asked).run(native, 469) == FilterMachine.allow)
    }
}

@Suite struct SeccompErrorTests {
    private func fault(_ change: (inout Seccomp) -> Void) throws -> BoxError {
        var asked = profile(rule("getpid"), rule("openat2"))
        change(&asked)
        return try #require(throws: BoxError.self) { _ = try SeccompCompiler.compile(asked) }
    }

    private func argument(_ index: UInt32, _ op: String) -> [Seccomp.Argument] {
        [Seccomp.Argument(index: index, value: 0, op: op)]
    }

    @Test func everyFaultNamesItsField() throws {
        let faults: [(String, BoxError.Kind, (inout Seccomp) -> Void)] = [
            ("defaultAction", .invalidSpec, { $0.defaultAction = "ALLOW" }),
            ("defaultAction", .invalidSpec, { $0.defaultAction = "SCMP_ACT_NOTIFY" }),
            ("defaultErrnoRet", .invalidSpec, { $0.defaultErrnoRet = 4095 }),
            (
                "defaultErrnoRet", .invalidSpec,
                {
                    $0.defaultAction = "SCMP_ACT_KILL"; $0.defaultErrnoRet = 1
                }
            ),
            ("architectures[0]", .invalidSpec, { $0.architectures = ["x86_64"] }),
            ("flags[1]", .invalidSpec, { $0.flags = ["SECCOMP_FILTER_FLAG_LOG", "LOG"] }),
            ("flags[0]", .invalidSpec, { $0.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] }),
            ("syscalls[1].action", .invalidSpec, { $0.syscalls[1].action = "SCMP_ACT_DENY" }),
            ("syscalls[1].errnoRet", .invalidSpec, { $0.syscalls[1].errnoRet = 1 }),
            ("syscalls[1].names", .invalidSpec, { $0.syscalls[1].names = [] }),
            ("syscalls[1].args[0].op", .invalidSpec, { $0.syscalls[1].args = argument(0, "EQ") }),
            ("syscalls[1].args[0].index", .invalidSpec, { $0.syscalls[1].args = argument(6, "SCMP_CMP_EQ") }),
            (
                "syscalls[1].args", .unsupported,
                {
                    $0.syscalls[1].names = ["file_setattr"]
                    $0.syscalls[1].args = argument(0, "SCMP_CMP_EQ")
                }
            ),
        ]
        for (field, kind, change) in faults {
            let error = try fault(change)
            #expect(error.field == "linux.seccomp.\(field)")
            #expect(error.kind == kind, "\(field)")
        }
    }

    @Test func aFilterLongerThanTheKernelTakesIsRefused() throws {
        let error = try fault { asked in
            asked.syscalls = (0..<3000).map { value in
                var one = rule("openat2")
                one.args = [Seccomp.Argument(index: 0, value: UInt64(value) << 32, op: "SCMP_CMP_EQ")]
                return one
            }
        }
        #expect(error.field == "linux.seccomp.syscalls")
    }
}

#if arch(x86_64)
    @Suite struct SeccompArchitectureTests {
        private func all() throws -> FilterMachine {
            var asked = profile(rule("getpid", "socket", "execve", "openat2", "file_setattr"))
            asked.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
            return try machine(asked)
        }

        @Test func i386HasItsOwnNumbers() throws {
            let machine = try all()
            #expect(try machine.run(FilterMachine.i386, 20) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.i386, 39) == FilterMachine.errno(1))
            #expect(try machine.run(FilterMachine.i386, 359) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.i386, 469) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.i386, 470) == FilterMachine.errno(38))
            #expect(try machine.run(FilterMachine.i386, 0xffff_ffff) == FilterMachine.errno(38))
        }

        @Test func i386sSocketCallsCountAsKnown() throws {
            var asked = profile(rule("socket"))
            asked.architectures = ["SCMP_ARCH_X86"]
            let machine = try machine(asked)
            #expect(try machine.run(FilterMachine.i386, 359) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.i386, 102, [1]) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.i386, 102, [2]) == FilterMachine.errno(1))
        }

        private func i386(_ action: String, _ rules: Seccomp.Syscall...) throws -> FilterMachine {
            var asked = Seccomp(defaultAction: action)
            asked.syscalls = rules
            asked.architectures = ["SCMP_ARCH_X86"]
            return try machine(asked)
        }

        private func compared(_ name: String, _ action: String, argument: UInt64) -> Seccomp.Syscall {
            var one = Seccomp.Syscall(names: [name], action: action)
            one.args = [Seccomp.Argument(index: 0, value: argument, op: "SCMP_CMP_EQ")]
            return one
        }

        /// In memory, where the filter does not see them: what a condition would allow is not allowed by the way round it.
        @Test func argumentsThatSocketcallHidesAreNotTakenForGiven() throws {
            let permissive = try i386(
                "SCMP_ACT_ERRNO", compared("socket", "SCMP_ACT_ALLOW", argument: 1), allowed("bind"))
            #expect(try permissive.run(FilterMachine.i386, 359, [1]) == FilterMachine.allow)
            #expect(try permissive.run(FilterMachine.i386, 359, [2]) == FilterMachine.errno(1))
            #expect(try permissive.run(FilterMachine.i386, 102, [1, 0]) == FilterMachine.errno(1))
            #expect(try permissive.run(FilterMachine.i386, 102, [2, 0]) == FilterMachine.allow)
            #expect(try permissive.run(FilterMachine.i386, 361) == FilterMachine.allow)
            let strict = try i386("SCMP_ACT_ALLOW", compared("socket", "SCMP_ACT_KILL_PROCESS", argument: 40))
            #expect(try strict.run(FilterMachine.i386, 359, [2]) == FilterMachine.allow)
            #expect(try strict.run(FilterMachine.i386, 102, [1, 0]) == 0x8000_0000)
            #expect(try strict.run(FilterMachine.i386, 102, [2, 0]) == FilterMachine.allow)
        }

        @Test func whoNamesSocketcallItselfMeansIt() throws {
            let machine = try i386(
                "SCMP_ACT_ERRNO", compared("socket", "SCMP_ACT_ALLOW", argument: 1), allowed("socketcall"))
            #expect(try machine.run(FilterMachine.i386, 102, [1, 0]) == FilterMachine.allow)
        }

        /// ipc(2) takes off the upper half of its first argument, a version.
        @Test func aVersionDoesNotHideWhichCallOfIpcItIs() throws {
            let one = try i386("SCMP_ACT_ERRNO", compared("shmget", "SCMP_ACT_ALLOW", argument: 7))
            #expect(try one.run(FilterMachine.i386, 117, [23, 7]) == FilterMachine.errno(1))
            #expect(try one.run(FilterMachine.i386, 395, [7]) == FilterMachine.allow)
            let refused = try i386("SCMP_ACT_ALLOW", Seccomp.Syscall(names: ["shmget"], action: "SCMP_ACT_KILL"))
            #expect(try refused.run(FilterMachine.i386, 117, [23]) == 0)
            #expect(try refused.run(FilterMachine.i386, 117, [0x1_0017]) == 0)
            #expect(try refused.run(FilterMachine.i386, 117, [21]) == FilterMachine.allow)
        }

        @Test func x32IsToldByItsBit() throws {
            let machine = try all()
            #expect(try machine.run(FilterMachine.x86_64, FilterMachine.x32Bit | 39) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.x86_64, FilterMachine.x32Bit | 520) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.x86_64, FilterMachine.x32Bit | 40) == FilterMachine.errno(1))
            #expect(try machine.run(FilterMachine.x86_64, FilterMachine.x32Bit | 469) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.x86_64, FilterMachine.x32Bit | 600) == FilterMachine.errno(38))
            #expect(try machine.run(FilterMachine.x86_64, 0xffff_ffff) == FilterMachine.errno(38))
        }

        @Test func unnamedX32AndI386AreKilled() throws {
            let machine = try machine(profile(rule("getpid")))
            #expect(try machine.run(FilterMachine.i386, 20) == 0)
            #expect(try machine.run(FilterMachine.x86_64, FilterMachine.x32Bit | 39) == 0)
        }
    }
#endif
