internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

extension Compiler {
    /// The root file system, made by the runtime before there is a process.
    mutating func addRoot() throws(BoxError) {
        if let source = spec.box.rootfs {
            try addRoot(source)
        } else {
            var source = MountSource(absolute(spec.root?.path ?? ""))
            if rootPropagation?.kind == .slave { source.follows = .slave }
            prepare(.cloneRoot(source), "the bundle's root file system", "root.path")
        }
        let propagation: Propagation = rootPropagation?.kind == .slave ? .slave : .private
        if makes(.mount) {
            initialise(.propagateMounts(propagation, recursive: true), "no mount of the box shows on the host")
        } else {
            let reason = "what is mounted there stays as it is; no mount of the box shows elsewhere"
            initialise(.propagateMounts(.slave, recursive: false), reason)
        }
        initialise(.attachRoot, "the box's root is in place before anything is mounted in it", "root.path")
    }

    /// `linux.rootfsPropagation`, and whether it is for the mounts below as well.
    var rootPropagation: (kind: Propagation, recursive: Bool)? {
        guard let name = spec.linux.rootfsPropagation else { return nil }
        let kinds: [String: Propagation] = [
            "shared": .shared, "slave": .slave, "private": .private, "unbindable": .unbindable,
        ]
        if let kind = kinds[name] { return (kind, false) }
        return kinds[String(name.dropFirst())].map { ($0, true) }
    }

    private mutating func addRoot(_ source: RootSource) throws(BoxError) {
        let readonly = spec.root?.readonly ?? false
        let lowers: [String]
        var hidden: HiddenPaths?
        switch source.base {
        case .host:
            lowers = ["/"]
            hidden = HiddenPaths(extra: source.hide)
        case .layers(let paths): lowers = paths
        }
        if !host.initialUserNamespace, case .host = source.base { return try addHostDirectories(readonly, source) }
        if readonly && source.upper != nil {
            throw BoxError(.invalidSpec, "a read-only box has no use for an upper directory", field: "--upper")
        }
        prepare(.privateMounts, "the overlay is put together where the host does not see it")
        let mapped = try addIDMap(lowers, upper: source.upper)
        if readonly && hidden == nil && lowers.count == 1 {
            var one = MountSource(lowers[0], idMap: mapped ? .idMap(0) : nil)
            one.within = source.hostPaths
            return prepare(.cloneRoot(one), "one read-only layer needs no overlay", "root.path")
        }
        let upper: Overlay.Upper =
            readonly ? .none : source.upper.map { .directory($0) } ?? .scratch(size: spec.box.scratchSize)
        let (options, reason) = overlayOptions(scratch: !readonly && source.upper == nil)
        var overlay = Overlay(
            lowers: lowers, hidden: hidden, upper: upper, idMapped: mapped, rootUser: idMap?.rootUser ?? 0,
            rootGroup: idMap?.rootGroup ?? 0, options: options, staging: place.stateRoot + "/" + place.id)
        overlay.within = source.hostPaths
        prepare(.mountOverlay(overlay), reason, "root.path")
    }

    private mutating func addHostDirectories(_ readonly: Bool, _ source: RootSource) throws(BoxError) {
        if source.upper != nil {
            throw BoxError(
                .unsupported, "without root, changes to the host's directories cannot be kept",
                field: "swiftbox.rootfs.upper",
                remedy: "--rootfs DIR, or run as root")
        }
        prepare(.privateMounts, "the root is put together where the host does not see it")
        prepare(
            .assembleRoot(
                HostRootAssembly(
                    size: spec.box.scratchSize, readonly: readonly, staging: place.stateRoot + "/" + place.id)),
            "without root no overlay can lie over /: /usr, /etc and /opt have one each, the rest is empty", "root.path")
    }

    /// The id map for layers, where there is a user namespace and their file systems can be mapped.
    private mutating func addIDMap(_ lowers: [String], upper: String?) throws(BoxError) -> Bool {
        // The ids of a box without root are those of its user namespace's parent.
        guard let idMap, host.initialUserNamespace else { return false }
        let unmappable = (lowers + [upper].compactMap { $0 }).filter { host.unmappable.contains($0) }
        if let path = unmappable.first {
            if upper != nil {
                throw BoxError(
                    .unsupported, "the owners of files in \(upper ?? "") cannot be kept", field: "--upper",
                    found: "the file system of \(path) cannot be id-mapped", remedy: "add --userns host")
            }
            warn("\(path) cannot be id-mapped: its files belong to nobody in the box, and most are read-only there")
            return false
        }
        _ = addIDMapOnce(idMap, "linux.uidMappings")
        return true
    }

    /// What the kernel takes, and why the rest is left out.
    private func overlayOptions(scratch: Bool) -> ([MountOptions.Datum], String) {
        var options: [MountOptions.Datum] = []
        var missing: [String] = []
        if host.initialUserNamespace {
            if host.overlay.redirectDir {
                options.append(.init(key: "redirect_dir", value: "on"))
            } else {
                missing.append("redirect_dir is off: this kernel does not have it")
            }
            if host.overlay.metacopy {
                options.append(.init(key: "metacopy", value: "on"))
            } else {
                missing.append("metacopy is off: this kernel does not have it")
            }
        } else {
            options.append(.init(key: "userxattr", value: nil))
            missing.append("redirect_dir and metacopy are off: the kernel refuses them in a user namespace")
        }
        if scratch { options.append(.init(key: "volatile", value: nil)) }
        let chosen = options.map { $0.key + ($0.value.map { "=\($0)" } ?? "") }.joined(separator: ", ")
        let reason = "the box's writes go to a layer of its own (\(chosen))"
        return (options, ([reason] + missing).joined(separator: "; "))
    }
}
