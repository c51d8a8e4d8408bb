internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

extension Compiler {
    /// `mounts`, in their order; and a fresh /dev where the spec has none (CVE-2026-88264).
    mutating func addMounts() throws(BoxError) {
        if !spec.mounts.contains(where: { Self.normal($0.destination) == "/dev" }) {
            let options = try MountOptions.parse(
                ["nosuid", "strictatime", "mode=755", "size=65536k"], type: "tmpfs", field: "mounts")
            let mount = BoxMount(destination: "/dev", type: "tmpfs", source: "tmpfs", options: options)
            initialise(.mount(mount), "the box never works on the root file system's own /dev")
        }
        for (index, mount) in spec.mounts.enumerated() { try add(mount, field: "mounts[\(index)]") }
    }

    static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private mutating func add(_ mount: Mount, field: String) throws(BoxError) {
        if !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty { throw missing("\(field).uidMappings") }
        var mount = mount
        if mount.type == "cgroup" { mount.type = "cgroup2" }
        if mount.type == "cgroup2" && host.cgroup.mountPoint == nil {
            return warn("\(field): no cgroup file system at \(mount.destination): this host has no cgroup v2")
        }
        if mount.type == "sysfs" && makes(.user) && !makes(.network) {
            // The kernel gives a sysfs only to who owns the network namespace.
            mount = Mount(destination: mount.destination, type: "bind", source: "/sys", options: ["rbind", "rro"])
        }
        let options = try MountOptions.parse(mount.options, type: mount.type, field: field)
        guard options.bind != nil else {
            guard let type = mount.type, !type.isEmpty, type != "none" else {
                throw BoxError(.invalidSpec, "\(field) has neither a type nor the option bind", field: "\(field).type")
            }
            let made = BoxMount(
                destination: mount.destination, type: type, source: mount.source ?? type, options: options)
            return initialise(.mount(made), "asked for by \(field)", field)
        }
        try addBind(mount, options, field: field)
    }

    private mutating func addBind(_ mount: Mount, _ options: MountOptions, field: String) throws(BoxError) {
        guard let source = mount.source, !source.isEmpty else {
            throw BoxError(.invalidSpec, "\(field) is a bind mount without a source", field: "\(field).source")
        }
        let path = absolute(source)
        let idMapped = options.idMapped ? try canMap(path, field: field) : false
        if idMapped { addIDMapOnce() }
        let index = nextSource()
        prepare(
            .cloneSource(index: index, path: path, recursive: options.bind == .recursive, idMapped: idMapped),
            "taken before the box exists, as the caller sees it", field)
        let bound = BoxMount(destination: mount.destination, type: nil, source: path, options: options)
        initialise(.bind(index: index, bound), "asked for by \(field)", field)
    }

    /// Where a mapping was our own idea, a file system that cannot have one is a warning.
    private mutating func canMap(_ path: String, field: String) throws(BoxError) -> Bool {
        if idMap == nil {
            throw BoxError(.invalidSpec, "the option idmap needs a user namespace", field: "\(field).options")
        }
        if !host.initialUserNamespace {
            throw BoxError(
                .unsupported, "without root no mount can be id-mapped", field: "\(field).options",
                remedy: "leave idmap out")
        }
        if !host.unmappable.contains(path) { return true }
        if spec.box.bestEffort || spec.box.defaults.contains("\(field).options") {
            warn("\(path) cannot be id-mapped: its files belong to nobody in the box")
            return false
        }
        throw BoxError(
            .unsupported, "the file system of \(path) cannot be id-mapped", field: "\(field).options",
            remedy: "leave idmap out")
    }

    private mutating func addIDMapOnce() {
        guard let idMap else { return }
        let step = Action.makeIDMap(idMap)
        if plan.prepare.contains(where: { $0.action == step }) { return }
        prepare(step, "files keep their owners inside the box's user namespace", "linux.uidMappings")
    }
}
