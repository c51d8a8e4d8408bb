import BoxOCI
import Testing

@testable import BoxRuntime

/// What flags and process file make of the box's own process.
@Suite struct ExecProcessTests {
    private static let accounts = Accounts(
        passwd: "root:x:0:0::/root:\nbox:x:1000:1000::/home/box:\ntoor:x:0:5::/toor:\n7:x:4242:4242::/seven:\n",
        group: "box:x:1000:\nextra:x:2000:box\n")

    private func box() -> Spec {
        var process = Process()
        process.args = ["init"]
        process.env = ["PATH=/bin", "HOME=/root", "LISTEN_FDS=1", "LISTEN_PID=1", "A=0"]
        process.terminal = true
        process.noNewPrivileges = true
        process.capabilities = CapabilitySets()
        process.capabilities?.bounding = ["CAP_KILL"]
        process.apparmorProfile = "box"
        process.rlimits = [Rlimit(type: "RLIMIT_CORE", soft: 0, hard: 0)]
        process.oomScoreAdj = 100
        process.user.umask = 0o27
        var spec = Spec()
        spec.process = process
        spec.hooks.startContainer = [Hook(path: "/hook")]
        spec.box.initProcess = true
        return spec
    }

    private func process(
        file: Process? = nil, _ change: (inout ExecRequest) -> Void = { _ in }
    ) throws(BoxError) -> Process {
        var request = ExecRequest(id: "b", stateRoot: "/state")
        request.command = ["sh"]
        if file != nil { request.processFile = "/process.json" }
        change(&request)
        return try request.spec(for: box(), file: file, accounts: Self.accounts).process ?? Process()
    }

    @Test func whatIsNotSaidIsTheBoxs() throws {
        var expected = box().process
        expected?.args = ["sh"]
        expected?.terminal = false
        expected?.env = ["PATH=/bin", "HOME=/root", "A=0"]
        #expect(try process() == expected)
    }

    @Test func theBoxsLifeIsNotTheProcesss() throws {
        var request = ExecRequest(id: "b", stateRoot: "/state")
        request.command = ["sh"]
        let spec = try request.spec(for: box(), file: nil, accounts: Self.accounts)
        #expect(spec.hooks == Hooks() && !spec.box.initProcess)
    }

    @Test func variablesComeBehindTheBoxs() throws {
        let process = try process { $0.environment = ["A=1", "B=2", "A="] }
        #expect(process.env == ["PATH=/bin", "HOME=/root", "A=0", "A=1", "B=2", "A="])
    }

    /// What is missing, the plan finds in the box's passwd.
    @Test(arguments: [
        ("box", [], []), ("0", [], ["HOME=/root"]), ("toor", [], ["HOME=/root"]),
        ("box", ["HOME=/own"], ["HOME=/own"]), ("box", ["HOME=/root"], ["HOME=/root"]),
    ])
    func theBoxsHomeIsNotAnotherUsers(_ user: String, _ environment: [String], _ home: [String]) throws {
        let process = try process {
            $0.user = user
            $0.environment = environment
        }
        #expect(process.env.filter { $0.hasPrefix("HOME=") } == home)
    }

    @Test(
        arguments: [
            ("box", 1000, 1000, [2000]), ("box:extra", 1000, 2000, []), ("1000:5", 1000, 5, []), ("1", 1, 0, []),
            // Digits are never a name.
            ("7", 7, 0, []), ("4294967294", 4_294_967_294, 0, []),
        ] as [(String, UInt32, UInt32, [UInt32])])
    func usersAreNamesOrNumbers(_ text: String, _ uid: UInt32, _ gid: UInt32, _ groups: [UInt32]) throws {
        let user = try process { $0.user = text }.user
        #expect(user.uid == uid && user.gid == gid && user.additionalGids == groups && user.umask == 0o27)
    }

    /// crun CVE-2026-30892: what was no number after all ran as root.
    @Test(arguments: [
        "", ":", "1:", ":1", "01", "+1", "-1", " 1", "1 ", "1x", "0x1", "1e3", "1.0", "4294967295", "4294967296",
        "18446744073709551617", "1:2:3", "１", "box:nobody", "box:01", "nobody", "root\u{0}",
    ])
    func whatIsNoUserIsRefused(_ text: String) {
        let error = #expect(throws: BoxError.self) { try process { $0.user = text } }
        #expect(error?.field == "--user")
    }

    @Test func furtherGroupsAreAdded() throws {
        let process = try process {
            $0.user = "box"
            $0.additionalGroups = ["5", "extra", "5"]
        }
        #expect(process.user.additionalGids == [2000, 5])
        let error = #expect(throws: BoxError.self) { try self.process { $0.additionalGroups = ["x"] } }
        #expect(error?.field == "--additional-gids")
    }

    /// CVE-2022-29162: inheritable stays empty for root; another user would not keep what is not ambient.
    @Test func capabilitiesComeOnTopOfTheBoxs() throws {
        let root = try process { $0.capabilities = ["net_admin"] }.capabilities
        #expect(root?.bounding == ["CAP_KILL", "CAP_NET_ADMIN"] && root?.effective == ["CAP_NET_ADMIN"])
        #expect(root?.permitted == ["CAP_NET_ADMIN"] && root?.inheritable == [] && root?.ambient == [])
        let other = try process {
            $0.capabilities = ["CAP_NET_ADMIN"]
            $0.user = "box"
        }.capabilities
        #expect(other?.inheritable == ["CAP_NET_ADMIN"] && other?.ambient == ["CAP_NET_ADMIN"])
        let error = #expect(throws: BoxError.self) { try process { $0.capabilities = ["NONE"] } }
        #expect(error?.field == "--cap")
    }

    @Test func aFileStandsForTheBoxsProcessButForItsRights() throws {
        var file = Process()
        file.args = ["ls"]
        file.cwd = "/tmp"
        file.user = User(uid: 1000, gid: 7)
        var process = try process(file: file) { $0.command = [] }
        #expect(process.args == ["ls"] && process.cwd == "/tmp" && process.user == User(uid: 1000, gid: 7))
        #expect(process.env == [] && !process.terminal)
        let own = box().process
        #expect(process.capabilities == own?.capabilities && process.apparmorProfile == "box")
        #expect(process.rlimits == own?.rlimits && process.oomScoreAdj == 100 && process.noNewPrivileges)
        file.capabilities = CapabilitySets()
        file.oomScoreAdj = 0
        file.terminal = true
        process = try self.process(file: file) {
            $0.command = ["pwd"]
            $0.cwd = "/"
            $0.environment = ["A=1"]
        }
        #expect(process.capabilities == CapabilitySets() && process.oomScoreAdj == 0 && process.terminal)
        #expect(process.args == ["pwd"] && process.cwd == "/" && process.env == ["A=1"])
    }

    @Test func whatIsMissingOrWrongNamesItsFlag() throws {
        let changes: [(String, (inout ExecRequest) -> Void)] = [
            ("COMMAND", { $0.command = [] }), ("--env", { $0.environment = ["A"] }),
            ("--env", { $0.environment = ["=A"] }),
        ]
        for (field, change) in changes {
            let error = #expect(throws: BoxError.self) { try process(change) }
            #expect(error?.field == field)
        }
    }
}
