internal import BoxDocument
@testable import BoxEngine
internal import BoxOCI
@testable import BoxSpec
internal import Testing

/// What is asked for, as JSON and back: what box.json keeps is what was asked.
@Suite struct WantedBoxTests {
    @Test func everythingSurvivesBoxJSON() throws {
        var wanted = WantedBox()
        for flag in RunFlag.all {
            switch flag.place {
            case .text(let access): access(&wanted.options) { $0 = "value of \(flag.name)" }
            case .list(let access): access(&wanted.options) { $0 = ["a \(flag.name)", "b"] }
            case .flag(let access): access(&wanted.options) { $0 = true }
            }
        }
        wanted.options.entrypointArguments = ["-c", "x"]
        wanted.image = "alpine:3"
        wanted.clearsEntrypoint = true
        wanted.labels = ["a": "b", "c": ""]
        wanted.restart = .onFailure(maximum: 3)
        wanted.healthCheck = HealthCheck(
            test: ["CMD", "true"], interval: 1, timeout: 2, startPeriod: 3, retries: 4, onFailure: .restart)
        wanted.logDriver = "none"
        wanted.logOptions = ["max-size": "1m"]
        wanted.autoRemove = true
        wanted.openStdin = true
        wanted.stdinOnce = true
        wanted.attachStdin = true
        wanted.attachStdout = true
        wanted.attachStderr = true
        wanted.stopTimeout = 7
        wanted.terminalSize = TerminalSize(columns: 80, rows: 24)
        wanted.docker = Node(.object([Member("Image", Node(.string("x")))]))
        let text = JSON.write(wanted.document)
        #expect(try WantedBox(document: JSON.parse(text)) == wanted)
    }

    @Test func nothingIsAnEmptyObject() throws {
        #expect(try WantedBox(document: JSON.parse(Array("{}".utf8))) == WantedBox())
    }

    @Test(arguments: [
        (#"{"options":{"memmory":"1m"}}"#, "memmory"), (#"{"options":{"memory":true}}"#, "--memory"),
        (#"{"options":{"volume":"a:b"}}"#, "--volume"), (#"{"options":{"tty":"yes"}}"#, "--tty"),
        (#"{"option":{}}"#, "option"), (#"{"restart":"sometimes"}"#, "restart"),
        (#"{"healthcheck":{"on_failure":"cry"}}"#, "healthcheck.on_failure"), (#"{"labels":{"a":1}}"#, "labels.a"),
    ])
    func faultsAreNamed(text: String, name: String) {
        let error = #expect(throws: BoxError.self) { try WantedBox(document: JSON.parse(Array(text.utf8))) }
        #expect(error.map { "\($0)".contains(name) } == true, "\(String(describing: error))")
    }

    @Test(arguments: ["no", "always", "unless-stopped", "on-failure", "on-failure:3"])
    func restartPoliciesAreReadAsTheyAreWritten(text: String) { #expect(RestartPolicy(text)?.text == text) }

    @Test(arguments: ["never", "on-failure:x", "on-failure:-1", "always:2"])
    func otherRestartPoliciesAreNone(text: String) { #expect(RestartPolicy(text) == nil) }
}

@Suite struct PolicyTests {
    private func check(_ policy: Policy, _ change: (inout WantedBox) -> Void) throws(EngineError) {
        var wanted = WantedBox()
        wanted.image = "alpine"
        change(&wanted)
        try policy.check(wanted)
    }

    @Test(arguments: [
        "privileged", "devices", "unconfined", "cgroup", "capabilities", "capabilities: ALL", "seccomp_profiles",
    ])
    func whatIsNotPermittedIsNamed(key: String) {
        let error = #expect(throws: EngineError.self) {
            try check(Policy()) { box in
                switch key {
                case "privileged": box.options.privileged = true
                case "devices": box.options.devices = ["/dev/null"]
                case "capabilities": box.options.capAdd = ["SYS_PTRACE", "sys_module"]
                case "capabilities: ALL":
                    (box.options.capAdd, box.options.userns) = (["ALL"], "host")
                case "seccomp_profiles": box.options.securityOpts = ["seccomp={}"]
                case "unconfined": box.options.securityOpts = ["seccomp=unconfined"]
                default: box.options.cgroup = ["memory.max=1"]
                }
            }
        }
        let named = key == "cgroup" ? "privileged" : String(key.prefix { $0 != ":" })
        #expect(error?.kind == .denied && error?.message.contains(named) == true, "\(String(describing: error))")
    }

    @Test func whatIsPermittedPasses() throws {
        var policy = Policy()
        policy.privileged = true
        policy.devices = true
        policy.unconfined = true
        try check(policy) { box in
            box.options.privileged = true
            box.options.devices = ["/dev/null"]
            box.options.securityOpts = ["apparmor=unconfined"]
            box.options.volumes = ["/etc:/x"]
            box.options.network = "host"
        }
    }

    @Test func capabilitiesOfABoxWithUsersOfItsOwnAreItsOwn() throws {
        try check(Policy()) { ($0.options.capAdd, $0.options.userns) = (["ALL"], "auto") }
        try check(Policy()) { ($0.options.capAdd, $0.image) = (["SYS_ADMIN"], "host") }
        try check(Policy()) { $0.options.capAdd = ["CAP_CHOWN", "ipc_lock"] }
        var policy = Policy()
        policy.capabilities = ["NET_ADMIN"]
        try check(policy) { $0.options.capAdd = ["net_admin"] }
        #expect(throws: EngineError.self) { try check(policy) { $0.options.capAdd = ["IPC_LOCK"] } }
        policy.capabilities = nil
        try check(policy) { $0.options.capAdd = ["ALL"] }
    }

    /// A path with a brace is one all the same.
    @Test(arguments: ["/etc/shadow", "/tmp/{}"]) func noProfileIsReadFromTheHost(path: String) {
        var policy = Policy()
        policy.seccompProfiles = true
        let error = #expect(throws: EngineError.self) {
            try check(policy) { $0.options.securityOpts = ["seccomp=\(path)"] }
        }
        #expect(error?.kind == .unsupported)
    }

    @Test func hostPathsAreComparedByWholeNames() throws {
        var policy = Policy()
        policy.hostPaths = ["/usr/share"]
        try check(policy) { $0.options.volumes = ["/usr/share/doc:/doc:ro"] }
        try check(policy) { $0.options.mounts = ["type=tmpfs,dst=/x"] }
        for path in ["/usr/shared", "/usr", "/usr/share/../bin", "/proc/self/root/usr"] {
            let error = #expect(throws: EngineError.self) {
                try check(policy) { $0.options.volumes = ["\(path):/x"] }
            }
            #expect(error?.kind == .denied, "\(path)")
            #expect(throws: EngineError.self) {
                try check(policy) { $0.options.mounts = ["type=bind,src=\(path),dst=/x"] }
            }
        }
        #expect(throws: EngineError.self) { try check(policy) { $0.options.rootfs = "/srv" } }
    }

    @Test func namedVolumesAreNotThere() {
        let error = #expect(throws: EngineError.self) { try check(Policy()) { $0.options.volumes = ["data:/x"] } }
        #expect(error?.kind == .unsupported)
    }
}
