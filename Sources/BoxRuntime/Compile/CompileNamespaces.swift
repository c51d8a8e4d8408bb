internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

extension Compiler {
    static let flags: [Namespace.Kind: Namespaces] = [
        .pid: .pid, .network: .network, .mount: .mount, .ipc: .ipc, .uts: .uts, .user: .user, .cgroup: .cgroup,
        .time: .time,
    ]

    var idMap: IDMap? {
        if !makes(.user) { return nil }
        return IDMap(users: spec.linux.uidMappings, groups: spec.linux.gidMappings)
    }

    mutating func addNamespaces() throws(BoxError) {
        initialise(.becomeUndumpable, "nobody in the box may trace what is not yet the workload")
        if !makes(.mount) {
            throw BoxError(
                .unsupported, "a box needs a mount namespace of its own", field: "linux.namespaces",
                remedy: "add {\"type\": \"mount\"}")
        }
        plan.workload.ownsProcesses = makes(.pid)
        plan.workload.keepsGroups = host.groupsAreFixed
        if host.groupsAreFixed, let user = spec.process?.user, !user.additionalGids.isEmpty {
            throw BoxError(
                .unsupported, "a box of one id can have no further groups", field: "process.user.additionalGids",
                remedy: "give the user ids in /etc/subuid and /etc/subgid")
        }
        for (index, namespace) in spec.linux.namespaces.enumerated() {
            try add(namespace, field: "linux.namespaces[\(index)]")
        }
        if let idMap {
            attend(.mapIDs(idMap), "the box's ids are the host's \(idMap.rootUser) and up", "linux.uidMappings")
            initialise(.becomeBoxRoot, "set-up runs as the box's root")
        }
        if makes(.cgroup) {
            initialise(.enterCgroupNamespace, "the box sees its own cgroup as the root", "linux.namespaces")
        }
        if let score = spec.process?.oomScoreAdj {
            attend(.adjustOOMScore(score), "set by the runtime, which may lower it", "process.oomScoreAdj")
        }
        if !spec.box.copyOut.isEmpty {
            attend(.holdMounts, "what is copied out may lie on a mount of the box", "swiftbox.copyOut")
        }
        initialise(.startSession, "signals of the caller's terminal reach the box only through the runtime")
        // After the change of user: the keyring counts against the quota of the box's root.
        if place.withoutKeyring { return }
        initialise(.joinSessionKeyring, "the caller's keys stay out of the box, and the box's out of other boxes")
    }

    private mutating func add(_ namespace: Namespace, field: String) throws(BoxError) {
        let kind = Self.flags[namespace.type] ?? []
        if namespace.type == .time && namespace.path == nil {
            let reason = "the box's clocks count from elsewhere; its children are born there, the runtime stays"
            return prepare(.makeTimeNamespace(spec.linux.timeOffsets ?? TimeOffsets()), reason, "linux.timeOffsets")
        }
        guard let path = namespace.path else {
            // Born into its cgroup, a process that is cloned into a cgroup namespace would get its parent's as root.
            if namespace.type != .cgroup { plan.clone.formUnion(kind) }
            return
        }
        if namespace.type == .user || namespace.type == .mount { throw missing("\(field).path") }
        prepare(.openNamespace(kind, path: path), "join an existing \(namespace.type.rawValue) namespace", field)
        if namespace.type == .pid {
            prepare(.joinPidNamespace, "children are born there, the runtime stays", field)
        } else {
            initialise(.joinNamespace(kind), "the spec names this namespace", field)
        }
    }
}
