import BoxCgroup
import BoxOCI
import BoxRootfs
import BoxRuntime
import BoxSystem
import Testing

/// What mounts, namespaces and the process of a config.json become in a plan.
@Suite struct BundlePlanTests {
    private func plan(_ change: (inout Spec) -> Void) throws(BoxError) -> LaunchPlan {
        var cgroup = CgroupHost()
        cgroup.mountPoint = "/sys/fs/cgroup"
        let host = HostFacts(
            cgroup: cgroup, initialUserNamespace: true, overlay: .init(redirectDir: true, metacopy: true))
        var spec = Spec()
        var process = Process()
        process.args = ["true"]
        spec.process = process
        spec.root = Root(path: "rootfs")
        spec.linux.namespaces = [.mount, .pid, .network].map { Namespace($0) }
        change(&spec)
        return try Compiler.compile(
            spec, at: BoxPlace(id: "b", bundle: "/bundle", stateRoot: "/state"), host: host)
    }

    private func sources(_ plan: LaunchPlan) -> [MountSource] {
        plan.prepare.compactMap { step in
            if case .cloneSource(_, let source) = step.action { return source }
            return nil
        }
    }

    /// Joining goes ahead of init where init could not do it any more, and the user namespace comes last.
    @Test func whatInitCannotJoinIsJoinedBefore() throws {
        let alone = try plan { $0.linux.namespaces[2].path = "/ns/net" }
        #expect(alone.enter.isEmpty && alone.initialise.contains { $0.action == .joinNamespace(.network) })
        let users = try plan {
            $0.linux.namespaces = [
                Namespace(.user, path: "/ns/user"), Namespace(.mount), Namespace(.network, path: "/ns/net"),
            ]
        }
        #expect(
            users.enter.map(\.action) == [
                .becomeUndumpable, .joinNamespace(.network), .dropGroups, .joinNamespace(.user),
            ])
        #expect(users.initialise.contains { $0.action == .becomeBoxRoot })
        let pid = try plan { $0.linux.namespaces[1].path = "/ns/pid" }
        #expect(pid.enter.map(\.action) == [.becomeUndumpable, .joinNamespace(.pid)])
    }

    /// A pivot would take the root from who else is in a mount namespace.
    @Test func aJoinedMountNamespaceIsNotPivoted() throws {
        let joined = try plan { $0.linux.namespaces[0].path = "/ns/mnt" }
        #expect(joined.initialise.contains { $0.action == .changeRoot })
        #expect(!joined.initialise.contains { $0.action == .pivotRoot })
        #expect(try plan { _ in }.initialise.contains { $0.action == .pivotRoot })
    }

    @Test func aSourceFollowsTheHostOnlyWhereAsked() throws {
        for (options, follows) in [
            (["bind"], nil), (["rbind", "rprivate"], nil), (["bind", "slave"], Propagation.slave),
            (["rbind", "rslave", "rshared"], Propagation.shared),
        ] {
            let found = sources(
                try plan {
                    $0.mounts = [Mount(destination: "/x", type: "bind", source: "src", options: options)]
                })
            #expect(found.first?.path == "/bundle/src" && found.first?.follows == follows, "\(options)")
        }
    }

    /// One user namespace for each different map; without one of the box's, a mount has to bring its own.
    @Test func mapsAreSharedByTheirValue() throws {
        func mount(_ place: String, _ host: UInt32) -> Mount {
            var mount = Mount(destination: place, type: "bind", source: "/s", options: ["bind", "idmap"])
            mount.uidMappings = [IDMapping(containerID: 0, hostID: host, size: 1)]
            mount.gidMappings = mount.uidMappings
            return mount
        }
        let found = sources(try plan { $0.mounts = [mount("/a", 1), mount("/b", 2), mount("/c", 1)] })
        #expect(found.map(\.idMap) == [.idMap(1), .idMap(2), .idMap(1)])
        let error = #expect(throws: BoxError.self) {
            try plan {
                $0.mounts = [Mount(destination: "/a", type: "bind", source: "/s", options: ["bind", "ridmap"])]
            }
        }
        #expect(error?.field == "mounts[0].options")
    }

    @Test func theEnvironmentHasEachNameOnceAndAHome() throws {
        let found = try plan { $0.process?.env = ["A=1", "HOME=", "B=2", "A=3"] }
        #expect(found.workload.environment == ["B=2", "A=3"])
        #expect(found.initialise.contains { $0.action == .findHome(user: 0) })
        let named = try plan { $0.process?.env = ["HOME=/x"] }
        #expect(named.workload.environment == ["HOME=/x"])
        #expect(!named.initialise.contains { $0.action == .findHome(user: 0) })
    }

    @Test func whatThisHostLacksIsRefusedByName() throws {
        let error = #expect(throws: BoxError.self) { try plan { $0.linux.intelRdt = IntelRdt() } }
        #expect(error?.field == "linux.intelRdt" && error?.kind == .unsupported)
    }
}
