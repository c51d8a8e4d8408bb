import BoxCgroup
import BoxOCI
import BoxRootfs
import BoxRuntime
import BoxSystem
import Testing

/// Spec and host facts in, plan out: nothing here touches the kernel.
@Suite struct CompilerTests {
    private func host(_ change: (inout HostFacts) -> Void = { _ in }) -> HostFacts {
        var cgroup = CgroupHost()
        cgroup.mountPoint = "/sys/fs/cgroup"
        cgroup.controllers = ["cpu", "io", "memory", "pids"]
        var facts = HostFacts(
            cgroup: cgroup, initialUserNamespace: true, overlay: .init(redirectDir: true, metacopy: true))
        change(&facts)
        return facts
    }

    /// Layers in a user namespace, as `--rootfs /layer --userns auto` asks for.
    private func spec(_ change: (inout Spec) -> Void = { _ in }) -> Spec {
        var spec = Spec()
        var process = Process()
        process.args = ["true"]
        process.noNewPrivileges = true
        spec.process = process
        spec.box.rootfs = RootSource(.layers(["/layer"]))
        spec.linux.namespaces = [.mount, .pid, .user, .cgroup, .network].map { Namespace($0) }
        spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: 1 << 20, size: 65536)]
        spec.linux.gidMappings = spec.linux.uidMappings
        change(&spec)
        return spec
    }

    private func compile(_ spec: Spec, _ host: HostFacts) throws(BoxError) -> LaunchPlan {
        try Compiler.compile(spec, at: BoxPlace(id: "b", bundle: "/bundle", stateRoot: "/state"), host: host)
    }

    private func overlay(_ plan: LaunchPlan) throws -> (Overlay, Step) {
        for step in plan.prepare {
            if case .mountOverlay(let overlay) = step.action { return (overlay, step) }
        }
        throw BoxError(.internal, "no overlay in the plan")
    }

    private func options(_ overlay: Overlay) -> [String] {
        overlay.options.map { $0.key + ($0.value.map { "=\($0)" } ?? "") }
    }

    @Test func overlayTakesWhatTheKernelHas() throws {
        let (overlay, _) = try overlay(compile(spec(), host()))
        #expect(options(overlay) == ["redirect_dir=on", "metacopy=on", "volatile"])
        #expect(overlay.upper == .scratch(size: nil))
        #expect(overlay.idMapped && overlay.rootUser == 1 << 20)
    }

    @Test func overlayOfAUserNamespaceUsesUserxattrAndSaysWhy() throws {
        let (overlay, step) = try overlay(compile(spec(), host { $0.initialUserNamespace = false }))
        #expect(options(overlay) == ["userxattr", "volatile"])
        #expect(step.reason.contains("the kernel refuses them in a user namespace"))
    }

    @Test func overlaySaysWhatTheKernelLacks() throws {
        let facts = host { $0.overlay = .init(redirectDir: false, metacopy: true) }
        let (overlay, step) = try overlay(compile(spec(), facts))
        #expect(options(overlay) == ["metacopy=on", "volatile"])
        #expect(step.reason.contains("redirect_dir is off: this kernel does not have it"))
    }

    @Test func keptChangesAreNotVolatile() throws {
        let (overlay, _) = try overlay(compile(spec { $0.box.rootfs?.upper = "/upper" }, host()))
        #expect(options(overlay) == ["redirect_dir=on", "metacopy=on"])
        #expect(overlay.upper == .directory("/upper"))
    }

    @Test func oneReadOnlyLayerNeedsNoOverlay() throws {
        let plan = try compile(spec { $0.root = Root(path: "", readonly: true) }, host())
        #expect(plan.prepare.contains { $0.action == .cloneRoot(MountSource("/layer", idMap: .idMap(0))) })
        #expect(plan.initialise.contains { $0.action == .makeRootReadOnly })
    }

    @Test func hostRootIsHiddenAndWarnsWhereItCannotBeMapped() throws {
        let hostRoot = spec { $0.box.rootfs = RootSource(.host, upper: nil) }
        let plan = try compile(hostRoot, host { $0.unmappable = ["/"] })
        let (overlay, _) = try overlay(plan)
        #expect(overlay.lowers == ["/"] && !overlay.idMapped)
        #expect(overlay.hidden?.emptied.contains("root") == true)
        #expect(plan.warnings.contains { $0.hasPrefix("/ cannot be id-mapped") })
    }

    @Test func ownersThatCannotBeKeptAreRefused() throws {
        let kept = spec { $0.box.rootfs?.upper = "/upper" }
        let error = #expect(throws: BoxError.self) { try compile(kept, host { $0.unmappable = ["/layer"] }) }
        #expect(error?.field == "--upper" && error?.kind == .unsupported)
    }

    @Test func cgroupIsSetUpBeforeTheBoxIsBorn() throws {
        let limited = spec { $0.linux.resources.pids = Resources.Pids(limit: 64) }
        let plan = try compile(limited, host())
        let titles = plan.prepare.map(\.action.title)
        let made = titles.firstIndex(of: "make the cgroup /swiftbox-b")
        let set = titles.firstIndex(of: "set pids.max to 64")
        #expect(made != nil && set != nil && (made ?? 0) < (set ?? 0))
        #expect(plan.prepare[set ?? 0].field == "linux.resources.pids.limit")
        // Born with CLONE_NEWCGROUP, the box would see its parent's cgroup as the root.
        #expect(!plan.clone.contains(.cgroup) && plan.initialise.contains { $0.action == .enterCgroupNamespace })
    }

    @Test func rightsAreDroppedInTheOrderThatLastsToTheEnd() throws {
        func order(_ newPrivileges: Bool) throws -> [String] {
            let wanted = spec {
                $0.process?.noNewPrivileges = !newPrivileges
                $0.linux.seccomp = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
                $0.linux.seccomp?.syscalls = [.init(names: ["reboot"], action: "SCMP_ACT_ERRNO")]
            }
            let all = try compile(wanted, host()).initialise.map(\.action.title)
            let interesting = ["set no_new_privs", "install the seccomp filter", "set the capabilities"]
            return all.filter { title in interesting.contains { title.hasPrefix($0) } }
        }
        #expect(try order(false) == ["set the capabilities", "set no_new_privs", "install the seccomp filter"])
        #expect(try order(true) == ["install the seccomp filter", "set the capabilities"])
    }

    @Test func whatThisVersionLacksIsRefusedByName() throws {
        let changes: [(String, (inout Spec) -> Void)] = [
            ("linux.intelRdt", { $0.linux.intelRdt = IntelRdt() }),
            ("linux.mountLabel", { $0.linux.mountLabel = "label" }),
            ("linux.cgroupsPath", { $0.linux.cgroupsPath = "system.slice:box:b" }),
        ]
        for (field, change) in changes {
            let error = #expect(throws: BoxError.self) { try compile(spec(change), host()) }
            #expect(error?.field == field && error?.kind == .unsupported, "\(field)")
        }
    }

    @Test func aBoxAlwaysHasADevOfItsOwn() throws {
        let plan = try compile(spec(), host())
        let mounts = plan.initialise.compactMap { step -> String? in
            if case .mount(let mount) = step.action { return "\(mount.type ?? "") \(mount.destination)" }
            return nil
        }
        #expect(mounts.first == "tmpfs /dev")
    }

    @Test func theSameInputGivesTheSamePlan() throws {
        #expect(try compile(spec(), host()) == compile(spec(), host()))
    }

    @Test func aPlanPrintsEveryStepWithItsReason() throws {
        let plan = try compile(spec(), host())
        for step in plan.steps {
            #expect(plan.text.contains(step.action.title) && plan.text.contains(step.reason))
        }
        #expect(plan.json.hasPrefix(#"{"schema":1,"id":"b","#))
    }
}
