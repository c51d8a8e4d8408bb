internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

extension Compiler {
    static func flag(_ kind: Namespace.Kind) -> Namespaces {
        switch kind {
        case .pid: .pid
        case .network: .network
        case .mount: .mount
        case .ipc: .ipc
        case .uts: .uts
        case .user: .user
        case .cgroup: .cgroup
        case .time: .time
        }
    }

    var idMap: IDMap? {
        if !makes(.user) { return nil }
        return IDMap(users: spec.linux.uidMappings, groups: spec.linux.gidMappings)
    }

    mutating func addNamespaces() throws(BoxError) {
        initialise(.becomeUndumpable, "nobody in the box may trace what is not yet the workload")
        if !has(.mount) {
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
        for (index, namespace) in spec.linux.namespaces.enumerated() where namespace.type != .user || makes(.user) {
            try add(namespace, field: "linux.namespaces[\(index)]")
        }
        joinUserNamespace()
        if let idMap {
            attend(.mapIDs(idMap), "the box's ids are the host's \(idMap.rootUser) and up", "linux.uidMappings")
        }
        if has(.user) { initialise(.becomeBoxRoot, "set-up runs as the box's root") }
        if makes(.cgroup) {
            initialise(.enterCgroupNamespace, "the box sees its own cgroup as the root", "linux.namespaces")
        }
        if let score = spec.process?.oomScoreAdj {
            attend(.adjustOOMScore(score), "set by the runtime, which may lower it", "process.oomScoreAdj")
        }
        if !spec.linux.netDevices.isEmpty {
            let reason = "asked for by linux.netDevices; they come back when the box has ended"
            attend(.moveNetDevices(spec.linux.netDevices), reason, "linux.netDevices")
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
        let kind = Self.flag(namespace.type)
        guard let path = namespace.path else {
            if namespace.type == .time {
                let reason = "the box's clocks count from elsewhere; children are born there"
                enter(.makeTimeNamespace(spec.linux.timeOffsets ?? TimeOffsets()), reason, "linux.timeOffsets")
            } else if namespace.type != .cgroup {
                // Born into its cgroup, a process that is cloned into a cgroup namespace would get its parent's as root.
                plan.clone.formUnion(kind)
            }
            return
        }
        let title = "join an existing \(namespace.type.rawValue) namespace"
        prepare(
            .openNamespace(kind, path: path, notOwn: settings(of: namespace.type)), title, "\(field).path")
        // In the box's user namespace there are no rights to what belongs to the host's; a pid namespace is joined for
        // children only.
        if has(.user) || namespace.type == .pid {
            enter(.joinNamespace(kind), title, "\(field).path")
        } else {
            initialise(.joinNamespace(kind), title, "\(field).path")
        }
    }

    /// Joined last, as that takes away the rights that the others need.
    private mutating func joinUserNamespace() {
        guard let index = spec.linux.namespaces.firstIndex(where: { $0.type == .user }),
            let path = spec.linux.namespaces[index].path
        else { return }
        let field = "linux.namespaces[\(index)].path"
        prepare(.openNamespace(.user, path: path, notOwn: nil), "join an existing user namespace", field)
        if !host.groupsAreFixed {
            enter(.dropGroups, "in a user namespace that was made without help, nobody may change them", field)
            plan.workload.groupsAreDropped = true
        }
        enter(.joinNamespace(.user), "join an existing user namespace", field)
    }

    /// What of the spec would be set in a namespace of this kind.
    private func settings(of kind: Namespace.Kind) -> String? {
        if let pair = spec.linux.sysctl.first(where: { Linux.namespace(ofSysctl: $0.name) == kind }) {
            return "linux.sysctl.\(pair.name)"
        }
        if kind != .uts { return nil }
        if spec.hostname?.isEmpty == false { return "hostname" }
        return spec.domainname?.isEmpty == false ? "domainname" : nil
    }
}
