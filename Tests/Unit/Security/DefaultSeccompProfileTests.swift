import BoxOCI
import BoxSystem
import Testing

@testable import BoxSecurity

#if arch(x86_64)
    private let native = FilterMachine.x86_64
#else
    private let native = FilterMachine.aarch64
#endif

private func machine(_ capabilities: CapabilitySet) throws -> FilterMachine {
    let profile = DefaultSeccompProfile.profile(capabilities: capabilities)
    return FilterMachine(instructions: try SeccompCompiler.compile(profile).instructions)
}

private func number(_ name: String) throws -> UInt32? {
    switch try #require(SeccompRule.Number(name), "\(name)") {
    case .known(let number): number < 0 ? nil : UInt32(number)
    case .newer(let number): number
    }
}

@Suite struct DefaultSeccompProfileTests {
    @Test func everyNameIsACallWeKnow() throws {
        let profile = DefaultSeccompProfile.profile(capabilities: .all)
        #expect(try SeccompCompiler.compile(profile).unknownSyscalls == [])
    }

    /// The compiled program against a plain reading of the profile, over every number and telling arguments.
    @Test(arguments: [CapabilitySet.swiftboxDefault, .all, []])
    func theProgramSaysWhatTheProfileSays(_ capabilities: CapabilitySet) throws {
        let profile = DefaultSeccompProfile.profile(capabilities: capabilities)
        let machine = try machine(capabilities)
        var rules: [UInt32: [Seccomp.Syscall]] = [:]
        for rule in profile.syscalls {
            for name in rule.names {
                if let number = try number(name) { rules[number, default: []].append(rule) }
            }
        }
        let highest = try #require(rules.keys.max())
        let telling: [UInt64] = [0, 8, 37, 38, 40, 0x20000, 0x20008, 0xffff_ffff, 0x1000_0000, 1 << 32 | 40]
        for number in 0...highest + 20 {
            for argument in telling {
                let matching = rules[number]?.first { $0.args.allSatisfy { Self.holds($0, argument) } }
                let expected: UInt32 =
                    if let matching {
                        matching.action == "SCMP_ACT_ALLOW"
                            ? FilterMachine.allow : FilterMachine.errno(matching.errnoRet ?? 1)
                    } else {
                        FilterMachine.errno(number > highest ? 38 : 1)
                    }
                #expect(try machine.run(native, number, [argument]) == expected, "\(number)(\(argument))")
            }
        }
    }

    private static func holds(_ condition: Seccomp.Argument, _ argument: UInt64) -> Bool {
        switch condition.op {
        case "SCMP_CMP_EQ": argument == condition.value
        case "SCMP_CMP_LT": argument < condition.value
        default: argument & condition.value == condition.valueTwo
        }
    }

    @Test func dangerousCallsAreRefusedWhateverTheArguments() throws {
        let machine = try machine(.swiftboxDefault)
        let refused = [
            "mount", "umount2", "unshare", "setns", "pivot_root", "bpf", "perf_event_open", "syslog", "init_module",
            "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "add_key", "request_key", "keyctl",
            "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "open_by_handle_at", "acct",
            "process_vm_readv", "pidfd_getfd", "kcmp", "settimeofday", "clock_settime", "quotactl", "fsopen",
            "open_tree",
            "move_mount", "mount_setattr", "open_tree_attr", "statmount", "mbind", "vhangup", "sethostname",
        ]
        for name in refused {
            let number = try #require(try number(name))
            #expect(try machine.run(native, number) == FilterMachine.errno(1), "\(name)")
        }
    }

    @Test func namespacesNeedSysAdmin() throws {
        let clone = try #require(try number("clone"))
        let clone3 = try #require(try number("clone3"))
        let plain = try machine(.swiftboxDefault)
        #expect(try plain.run(native, clone, [17]) == FilterMachine.allow)
        for bit in [17, 25, 26, 27, 28, 29, 30] as [UInt64] {
            #expect(try plain.run(native, clone, [17 | 1 << bit]) == FilterMachine.errno(1), "bit \(bit)")
        }
        #expect(try plain.run(native, clone3) == FilterMachine.errno(38))
        let admin = try machine(.sysAdmin)
        #expect(try admin.run(native, clone, [1 << 28]) == FilterMachine.allow)
        #expect(try admin.run(native, clone3) == FilterMachine.allow)
    }

    @Test func socketFamiliesAreBoundedInAllTheirBits() throws {
        let socket = try #require(try number("socket"))
        let machine = try machine(.all)
        #expect(try machine.run(native, socket, [2]) == FilterMachine.allow)
        #expect(try machine.run(native, socket, [16]) == FilterMachine.allow)
        for family in [38, 40, 1 << 32 | 40, 1 << 32 | 2] as [UInt64] {
            #expect(try machine.run(native, socket, [family]) == FilterMachine.errno(1), "\(family)")
        }
    }

    @Test(arguments: [
        (CapabilitySet.sysModule, "init_module"), (.sysPtrace, "process_vm_readv"), (.sysBoot, "reboot"),
        (.sysTime, "clock_settime"), (.sysChroot, "chroot"), (.dacReadSearch, "open_by_handle_at"), (.sysNice, "mbind"),
        (.syslog, "syslog"), (.sysAdmin, "syslog"), (.sysTtyConfig, "vhangup"), (.bpf, "bpf"), (.sysAdmin, "bpf"),
        (.perfmon, "perf_event_open"), (.sysPacct, "acct"), (.sysAdmin, "mount"),
    ])
    func aCapabilityOpensItsCalls(_ capability: CapabilitySet, _ name: String) throws {
        let number = try #require(try number(name))
        #expect(try machine([]).run(native, number) == FilterMachine.errno(1))
        #expect(try machine(capability).run(native, number) == FilterMachine.allow)
    }

    #if arch(x86_64)
        @Test func i386ProgramsRun() throws {
            let machine = try machine(.swiftboxDefault)
            for allowed in [3, 5, 192, 197, 403, 422] as [UInt32] {
                #expect(try machine.run(FilterMachine.i386, allowed) == FilterMachine.allow, "\(allowed)")
            }
            // mount, unshare, io_uring_setup
            for refused in [21, 310, 425] as [UInt32] {
                #expect(try machine.run(FilterMachine.i386, refused) == FilterMachine.errno(1), "\(refused)")
            }
            #expect(try machine.run(FilterMachine.i386, 359, [40]) == FilterMachine.errno(1))
            // socketcall: socket, whose family no filter sees, and bind.
            #expect(try machine.run(FilterMachine.i386, 102, [1]) == FilterMachine.errno(1))
            #expect(try machine.run(FilterMachine.i386, 102, [2]) == FilterMachine.allow)
            #expect(try machine.run(FilterMachine.i386, 470) == FilterMachine.errno(38))
        }
    #endif

    @Test func theFileIsTheProfile() throws {
        let path =
            "\(#filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" })/configs/seccomp/default.json"
        let text = ProfileText.write(DefaultSeccompProfile.profile(capabilities: .swiftboxDefault))
        #expect(try File.text(of: path) == text)
    }
}
