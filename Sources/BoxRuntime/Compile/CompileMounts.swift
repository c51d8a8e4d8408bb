internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

extension Compiler {
    /// `mounts`, in their order; and a fresh /dev where the spec has none (CVE-2026-88264).
    mutating func addMounts() throws(BoxError) {
        try refuseLabel()
        if !spec.mounts.contains(where: { Self.normal($0.destination) == "/dev" }) {
            let options = try MountOptions.parse(
                ["nosuid", "strictatime", "mode=755", "size=65536k"], type: "tmpfs", field: "mounts")
            let mount = BoxMount(destination: "/dev", type: "tmpfs", source: "tmpfs", options: options)
            initialise(.mount(mount), "the box never works on the root file system's own /dev")
        }
        for (index, mount) in spec.mounts.enumerated() { try add(mount, field: "mounts[\(index)]") }
    }

    static func normal(_ path: String) -> String {
        if File.isPlain(path) { return path }
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private mutating func add(_ mount: Mount, field: String) throws(BoxError) {
        var mount = mount
        if mount.type == "cgroup" { mount.type = "cgroup2" }
        if mount.type == "cgroup2" && host.cgroup.mountPoint == nil {
            return warn("\(field): no cgroup file system at \(mount.destination): this host has no cgroup v2")
        }
        if mount.type == "sysfs" && has(.user) && !makes(.network) {
            // The kernel gives a sysfs only to who owns the network namespace.
            mount = Mount(destination: mount.destination, type: "bind", source: "/sys", options: ["rbind", "rro"])
        }
        var options = try MountOptions.parse(mount.options, type: mount.type, field: field)
        if options.remounts {
            let made = BoxMount(destination: mount.destination, type: nil, source: "", options: options)
            return initialise(.remount(made), "asked for by \(field)", field)
        }
        if options.bind != nil { return try addBind(mount, options, field: field) }
        guard let type = mount.type, !type.isEmpty, type != "none" else {
            throw BoxError(.invalidSpec, "\(field) has neither a type nor the option bind", field: "\(field).type")
        }
        if options.idMap != nil || !mount.uidMappings.isEmpty {
            throw BoxError(
                .unsupported, "only a bind mount can be id-mapped, found \(type)",
                field: mount.uidMappings.isEmpty ? "\(field).options" : "\(field).uidMappings")
        }
        try addLabel(type, to: &options)
        let made = BoxMount(
            destination: mount.destination, type: type, source: mount.source ?? type, options: options)
        initialise(.mount(made), "asked for by \(field)", field)
    }

    /// Where SELinux runs, every file of a new file system gets the label; the kernel's own ones have theirs.
    private func addLabel(_ type: String, to options: inout MountOptions) throws(BoxError) {
        guard let label = spec.linux.mountLabel, !label.isEmpty else { return }
        if ["proc", "sysfs", "mqueue", "cgroup2"].contains(type) { return }
        if options.data.contains(where: { $0.key == "context" }) { return }
        options.data.append(MountOptions.Datum(key: "context", value: label))
    }

    private func refuseLabel() throws(BoxError) {
        guard let label = spec.linux.mountLabel, !label.isEmpty, !host.securityModules.seLinux else { return }
        throw BoxError(
            .unsupported, "cannot label mounts \"\(label)\"", field: "linux.mountLabel",
            found: "SELinux is not enabled on this host", remedy: "leave it out")
    }

    private mutating func addBind(_ mount: Mount, _ options: MountOptions, field: String) throws(BoxError) {
        guard let name = mount.source, !name.isEmpty else {
            throw BoxError(.invalidSpec, "\(field) is a bind mount without a source", field: "\(field).source")
        }
        var source = MountSource(absolute(name), recursive: options.bind == .recursive)
        source.idMap = try idMap(of: mount, options, source.path, field: field)
        source.within = spec.box.hostPaths
        source.mapsBelow = options.idMap == .recursive
        let kinds = options.propagation.map(\.kind)
        source.follows = kinds.contains(.shared) ? .shared : kinds.contains(.slave) ? .slave : nil
        let index = nextSource()
        prepare(.cloneSource(index: index, source), "taken before the box exists, as the caller sees it", field)
        let bound = BoxMount(destination: mount.destination, type: nil, source: source.path, options: options)
        initialise(.bind(index: index, bound), "asked for by \(field)", field)
    }

    /// The mount's own mappings, or else the box's (runtime-spec, mounts: idmap).
    private mutating func idMap(
        of mount: Mount, _ options: MountOptions, _ path: String, field: String
    ) throws(BoxError) -> Slot? {
        let isOwn = !mount.uidMappings.isEmpty
        if options.idMap == nil && !isOwn { return nil }
        let named = isOwn ? "\(field).uidMappings" : "\(field).options"
        let own = isOwn ? IDMap(users: mount.uidMappings, groups: mount.gidMappings) : idMap
        if own == nil && !has(.user) {
            throw BoxError(
                .invalidSpec, "the option idmap needs a user namespace", field: named,
                remedy: "add {\"type\": \"user\"} to linux.namespaces, or give the mount uidMappings and gidMappings")
        }
        if !host.initialUserNamespace {
            throw BoxError(
                .unsupported, "without root no mount can be id-mapped", field: named, remedy: "leave idmap out")
        }
        if host.unmappable.contains(path) {
            if !isOwn && (spec.box.bestEffort || spec.box.defaults.contains(named)) {
                warn("\(path) cannot be id-mapped: its files belong to nobody in the box")
                return nil
            }
            throw BoxError(
                .unsupported, "the file system of \(path) cannot be id-mapped", field: named,
                remedy: "leave idmap out")
        }
        guard let own else { return .namespace(.user) }
        return addIDMapOnce(own, isOwn ? "\(field).uidMappings" : "linux.uidMappings")
    }

    /// One user namespace for each different map.
    mutating func addIDMapOnce(_ map: IDMap, _ field: String) -> Slot {
        for step in plan.prepare {
            if case .makeIDMap(map, let slot) = step.action { return slot }
        }
        let slot: Slot
        if map == idMap {
            slot = .idMap(0)
        } else {
            maps += 1
            slot = .idMap(maps)
        }
        prepare(.makeIDMap(map, slot), "files keep their owners, as the map has them", field)
        return slot
    }
}
