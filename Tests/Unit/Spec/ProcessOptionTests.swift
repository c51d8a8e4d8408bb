import BoxOCI
import BoxSecurity
import BoxSpec
import Testing

@Suite struct ProcessOptionTests {
    private func environment(
        terminal: Bool = false, _ change: (inout RunOptions) -> Void = { _ in }
    ) throws -> [String] {
        try Compiling.spec(terminal: terminal, change).process?.env ?? []
    }

    @Test func theEnvironmentIsClean() throws {
        #expect(
            try environment() == [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                "container=swiftbox",
            ])
    }

    @Test func termIsForTerminals() throws {
        #expect(try environment { $0.tty = true }.contains("TERM=vt100"))
        #expect(try environment(terminal: true) { $0.interactive = true }.contains("TERM=vt100"))
        #expect(try !environment(terminal: true).contains { $0.hasPrefix("TERM=") })
    }

    @Test func filesThenFlagsAndTheLastWins() throws {
        let variables = try environment {
            ($0.envFiles, $0.env) = (["vars"], ["ONE=9", "EMPTY=", "PATH=/bin", "ONE=a=b"])
        }
        #expect(variables.contains("ONE=a=b"))
        #expect(variables.contains("TWO=two words"))
        #expect(variables.contains("HOME=/elsewhere"))
        #expect(variables.contains("TOKEN=t0ps3cret"))
        #expect(variables.contains("EMPTY="))
        #expect(variables.first == "PATH=/bin")
        #expect(variables.filter { $0.hasPrefix("ONE=") }.count == 1)
    }

    @Test func callersValuesAreTakenByName() throws {
        #expect(try environment { $0.env = ["TOKEN"] }.contains("TOKEN=t0ps3cret"))
    }

    @Test(
        arguments: [
            (nil, 0, 0, [], "/root"), ("root", 0, 0, [], "/root"), ("ann", 1000, 1000, [6, 44], "/home/ann"),
            ("1000", 1000, 1000, [6, 44], "/home/ann"), ("ann:disk", 1000, 6, [], "/home/ann"),
            ("1", 1, 7, [6], "/one"), ("2", 2, 0, [], "/"), ("2:2", 2, 2, [], "/"), ("broken:0", -1, 0, [], ""),
        ] as [(String?, Int, UInt32, [UInt32], String)])
    func users(_ text: String?, _ uid: Int, _ gid: UInt32, _ groups: [UInt32], _ home: String) throws {
        guard uid >= 0 else {
            #expect(Compiling.refusal { $0.user = text }?.kind == .notFound)
            return
        }
        let process = try Compiling.spec { $0.user = text }.process
        #expect(process?.user.uid == UInt32(uid))
        #expect(process?.user.gid == gid)
        #expect(process?.user.additionalGids == groups)
        #expect(process?.env.contains("HOME=\(home)") == true)
    }

    @Test func furtherGroups() throws {
        let process = try Compiling.spec { ($0.user, $0.groupAdd) = ("ann", ["disk", "77", "tty"]) }.process
        #expect(process?.user.additionalGids == [6, 44, 77, 5])
    }

    @Test func entrypointComesFirst() throws {
        let spec = try Compiling.spec { ($0.entrypoint, $0.command) = ("/bin/sh", ["-c", "id"]) }
        #expect(spec.process?.args == ["/bin/sh", "-c", "id"])
        #expect(try Compiling.spec { ($0.entrypoint, $0.command) = ("id", []) }.process?.args == ["id"])
    }

    @Test func terminalDirectoryInit() throws {
        let spec = try Compiling.spec { ($0.tty, $0.workdir, $0.initProcess) = (true, "/srv", true) }
        #expect(spec.process?.terminal == true)
        #expect(spec.process?.cwd == "/srv")
        #expect(spec.box.initProcess)
    }

    // MARK: Rights

    private func bounding(_ change: (inout RunOptions) -> Void) throws -> [String] {
        try Compiling.spec(change).process?.capabilities?.bounding ?? []
    }

    @Test func capabilities() throws {
        let names = CapabilitySet.swiftboxDefault.names
        #expect(try bounding { $0.capAdd = ["net_admin"] }.contains("CAP_NET_ADMIN"))
        #expect(try bounding { $0.capAdd = ["net_admin"] }.count == names.count + 1)
        #expect(try bounding { $0.capDrop = ["CAP_CHOWN"] } == names.filter { $0 != "CAP_CHOWN" })
        #expect(try bounding { $0.capDrop = ["ALL"] } == [])
        #expect(try bounding { ($0.capAdd, $0.capDrop) = (["KILL"], ["all"]) } == ["CAP_KILL"])
        #expect(
            try bounding { ($0.capAdd, $0.capDrop) = (["all"], ["SYS_ADMIN"]) }
                == CapabilitySet.all.subtracting(.sysAdmin).names)
    }

    @Test func allIsWhatTheCallerHasUnlessTheBoxHasItsOwnUsers() throws {
        var options = RunOptions()
        (options.command, options.capAdd) = (["true"], ["ALL"])
        var context = Compiling.context()
        context.callerCapabilities = CapabilitySet.all.subtracting(.sysTime)
        let mapped = try compile(options, context: context).process?.capabilities?.bounding
        #expect(mapped == CapabilitySet.all.names)
        options.userns = "host"
        let shared = try compile(options, context: context).process?.capabilities?.bounding
        #expect(shared == context.callerCapabilities.names)
    }

    @Test func whoIsNotRootKeepsWhatWasNamedAlone() throws {
        let sets = try Compiling.spec { ($0.user, $0.capAdd) = ("1000", ["NET_ADMIN"]) }.process?.capabilities
        #expect(sets?.effective == ["CAP_NET_ADMIN"])
        #expect(sets?.ambient == ["CAP_NET_ADMIN"])
        #expect(try Compiling.spec { $0.user = "1000" }.process?.capabilities?.effective == [])
    }

    @Test func securityOptions() throws {
        let spec = try Compiling.spec {
            $0.securityOpts = [
                "seccomp=unconfined", "no-new-privileges=false", "apparmor=box", "label=u:r:t:s0:c1",
            ]
        }
        #expect(spec.linux.seccomp == nil)
        #expect(spec.process?.noNewPrivileges == false)
        #expect(spec.process?.apparmorProfile == "box")
        #expect(spec.process?.selinuxLabel == "u:r:t:s0:c1")
        let own = try Compiling.spec { $0.securityOpts = ["seccomp=seccomp.json"] }
        #expect(own.linux.seccomp?.defaultAction == "SCMP_ACT_ALLOW")
        let sent = try Compiling.spec { $0.securityOpts = ["seccomp= {\"defaultAction\": \"SCMP_ACT_LOG\"}"] }
        #expect(sent.linux.seccomp?.defaultAction == "SCMP_ACT_LOG")
    }

    @Test func privileged() throws {
        let spec = try Compiling.spec { $0.privileged = true }
        #expect(spec.process?.capabilities?.effective == CapabilitySet.all.names)
        #expect(spec.process?.noNewPrivileges == false)
        #expect(spec.linux.seccomp == nil)
        #expect(spec.linux.maskedPaths == [])
        #expect(spec.linux.readonlyPaths == [])
        #expect(!spec.box.autoUserNamespace)
        #expect(spec.linux.resources.devices.allSatisfy { $0.allow })
    }
}
