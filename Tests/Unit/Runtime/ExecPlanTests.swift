import BoxCgroup
import BoxOCI
import BoxSystem
import Testing

@testable import BoxRuntime

/// The plan of a process that joins a box.
@Suite struct ExecPlanTests {
    private func spec() -> Spec {
        var process = Process()
        process.args = ["true"]
        var spec = Spec()
        spec.process = process
        spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: 1 << 20, size: 65536)]
        spec.linux.gidMappings = spec.linux.uidMappings
        return spec
    }

    private func facts() -> BoxFacts {
        var facts = BoxFacts(pid: 77, processStart: 4711, namespaces: [.mount, .pid, .user, .network])
        facts.cgroup = "/box"
        return facts
    }

    struct Asked {
        var spec: Spec
        var request = ExecRequest(id: "b", stateRoot: "/state")
        var box: BoxFacts
    }

    private func compile(_ change: (inout Asked) -> Void = { _ in }) throws(BoxError) -> LaunchPlan {
        var asked = Asked(spec: spec(), box: facts())
        change(&asked)
        var cgroup = CgroupHost()
        cgroup.mountPoint = "/sys/fs/cgroup"
        var host = HostFacts(
            cgroup: cgroup, initialUserNamespace: true, overlay: .init(redirectDir: true, metacopy: true))
        host.securityModules.appArmor = true
        let place = BoxPlace(id: "b", bundle: "/bundle", stateRoot: "/state")
        return try Compiler.compileExec(asked.spec, asked.request, in: asked.box, at: place, host: host)
    }

    /// CVE-2016-9962, and a pid that was given out again.
    @Test func theRuntimeShieldsItselfBeforeItTouchesTheBox() throws {
        let plan = try compile()
        #expect(
            plan.prepare.map(\.action) == [
                .becomeUndumpable, .openBox(pid: 77, start: 4711), .openCgroup("/box"), .joinBox(.pid),
            ])
        #expect(plan.clone == [])
    }

    /// A network namespace may be older than the box's user namespace, whose root could not join it.
    @Test func theUserNamespaceIsJoinedLast() throws {
        let actions = try compile().initialise.map(\.action)
        #expect(actions[..<3] == [.joinBox([.mount, .network]), .joinBox(.user), .becomeBoxRoot])
        let without = try compile { $0.box.namespaces = [.mount] }
        #expect(!without.initialise.contains { $0.action == .becomeBoxRoot })
        #expect(!without.prepare.contains { $0.action == .joinBox(.pid) })
    }

    @Test func nothingOfTheBoxIsMadeAgain() throws {
        let plan = try compile {
            $0.spec.hostname = "box"
            $0.spec.mounts = [Mount(destination: "/data", type: "bind", source: "/data", options: ["bind"])]
            $0.spec.linux.resources.pids = Resources.Pids(limit: 5)
            $0.spec.linux.maskedPaths = ["/proc/keys"]
            $0.spec.linux.sysctl = [Pair("net.ipv4.ip_forward", "1")]
        }
        let other = try compile()
        #expect(plan.prepare == other.prepare && plan.initialise == other.initialise)
    }

    @Test func theBoxsRightsHold() throws {
        let plan = try compile {
            $0.spec.linux.seccomp = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
            $0.spec.linux.seccomp?.syscalls = [.init(names: ["reboot"], action: "SCMP_ACT_ERRNO")]
            $0.spec.process?.noNewPrivileges = true
            $0.spec.process?.oomScoreAdj = 5
            $0.spec.linux.personality = Personality(domain: "LINUX32")
        }
        let titles = plan.initialise.map(\.action.title)
        for title in [
            "install the seccomp filter", "set no_new_privs", "set the capabilities", "close the runtime's descriptors",
            "set the personality",
        ] { #expect(titles.contains(title)) }
        #expect(plan.attend.map(\.action) == [.adjustOOMScore(5)])
    }

    @Test func cacheAndBandwidthAreSharedWithTheBox() throws {
        let plan = try compile { $0.spec.linux.intelRdt = IntelRdt() }
        #expect(plan.attend.map(\.action) == [.joinResctrlGroup(ResctrlGroup(IntelRdt(), id: "b"))])
        #expect(!plan.prepare.contains { $0.field == "linux.intelRdt" })
    }

    @Test func theProcessorsAreChosenBeforeAndAfterTheCgroup() throws {
        let plan = try compile {
            $0.spec.process?.execCPUAffinity = ExecCPUAffinity()
            $0.spec.process?.execCPUAffinity?.initial = "0-1"
            $0.spec.process?.execCPUAffinity?.final = "64"
        }
        #expect(plan.prepare.first?.action == .setAffinity([3]))
        #expect(plan.initialise.contains { $0.action == .setAffinity([0, 1]) })
    }

    @Test func aMissingHomeIsFoundInTheBox() throws {
        let plan = try compile { $0.spec.process?.user.uid = 5 }
        let actions = plan.initialise.map(\.action)
        let (root, home) = (actions.firstIndex(of: .openRoot), actions.firstIndex(of: .findHome(user: 5)))
        #expect(try #require(root) < #require(home))
    }

    /// CVE-2019-16884: the box's /proc may be anything.
    @Test func labelsAreWrittenThroughAProcOfTheRuntimes() throws {
        let plan = try compile { $0.spec.process?.apparmorProfile = "box" }
        #expect(plan.prepare.contains { $0.action == .openProc })
        #expect(plan.initialise.contains { $0.action == .setExecLabel(.appArmor("box")) })
        #expect(!plan.initialise.contains { $0.action == .openProc })
    }

    @Test func aDetachedProcessOutlivesTheRuntime() throws {
        let attached = try compile().initialise
        let detached = try compile { $0.request.isDetached = true }.initialise
        #expect(attached.filter { $0.action != .dieWithRuntime } == detached && attached.count == detached.count + 1)
    }

    @Test func aTerminalIsNotTheConsole() throws {
        let plan = try compile { $0.spec.process?.terminal = true }
        #expect(plan.initialise.contains { $0.action == .openTerminal(nil, owner: 0, isConsole: false) })
        #expect(plan.workload.terminal)
    }

    @Test(arguments: [
        (nil, nil, "/box"), (nil, "/box/init.scope", "/box/init.scope"), ("a", nil, "/box/a"),
        ("/a//b/", nil, "/box/a/b"), ("/", "/box/init.scope", "/box"),
    ])
    func theCgroupIsTheBoxsOrBelow(_ asked: String?, _ current: String?, _ path: String) throws {
        let plan = try compile {
            $0.request.cgroup = asked
            $0.box.currentCgroup = current
        }
        #expect(plan.prepare.contains { $0.action == .openCgroup(path) })
    }

    @Test func whatCannotBeIsRefusedByName() throws {
        let changes: [(String, (inout Asked) -> Void)] = [
            ("--cgroup", { $0.request.cgroup = "../other" }), ("--cgroup", { $0.request.cgroup = "a/../../other" }),
            ("--cgroup", { $0.request.cgroup = "pids:a" }),
            ("--cgroup", { ($0.request.cgroup, $0.box.cgroup) = ("a", nil) }),
            ("--console-socket", { $0.request.consoleSocket = "/socket" }),
            (
                "--detach",
                {
                    $0.spec.process?.terminal = true
                    $0.request.isDetached = true
                }
            ),
            ("process.user.uid", { $0.spec.process?.user.uid = 70000 }),
            ("process.user.gid", { $0.spec.process?.user.additionalGids = [65536] }),
            (
                "process.user.additionalGids",
                {
                    $0.spec.process?.user.additionalGids = [5]
                    $0.box.groupsAreFixed = true
                }
            ),
            ("process.cwd", { $0.spec.process?.cwd = "relative" }),
        ]
        for (field, change) in changes {
            let error = #expect(throws: BoxError.self) { try compile(change) }
            #expect(error?.field == field)
        }
    }

    @Test func aPlanPrintsEveryStepWithItsReason() throws {
        let plan = try compile { $0.spec.process?.terminal = true }
        for step in plan.steps { #expect(plan.text.contains(step.action.title) && plan.text.contains(step.reason)) }
        #expect(plan.text.contains("join the box's mount namespace, network namespace"))
    }

    @Test func socketsAreForWhomTheEnvironmentNames() {
        let sockets = ["LISTEN_FDS": "2", "LISTEN_PID": "5", "LISTEN_FDNAMES": "a:b"]
        let activation = SocketActivation({ sockets[$0] }, own: 5)
        #expect(activation?.environment(for: 9) == ["LISTEN_FDS=2", "LISTEN_PID=9", "LISTEN_FDNAMES=a:b"])
        #expect(SocketActivation({ sockets[$0] }, own: 6) == nil)
        #expect(SocketActivation({ ["LISTEN_FDS": "1"][$0] }, own: 6)?.count == 1)
        for text in ["0", "-1", "x", "", "01", "99999"] {
            #expect(SocketActivation({ ["LISTEN_FDS": text, "LISTEN_PID": "5"][$0] }, own: 5) == nil)
        }
    }
}
