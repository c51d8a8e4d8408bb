internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// Detached copies of what is mounted on the host, for the box to attach.
extension Launcher {
    func clone(_ source: MountSource) throws(BoxError) -> Descriptor {
        let failure: (Errno) -> BoxError = { errno in
            let isAbsent = errno == .noSuchFileOrDirectory
            return BoxError(
                isAbsent ? .notFound : .kernel, "cannot take the mount source \(source.path)", errno: errno,
                remedy: isAbsent ? "make it first, or correct the path" : nil)
        }
        return try explaining(failure) { () throws(Errno) in try tree(source) }
    }

    func tree(_ source: MountSource) throws(Errno) -> Descriptor {
        let tree: Descriptor
        if let within = source.within {
            // Who may change the directories on the way may also change where they lead, after it was looked at by name.
            let place = try HostPath.open(source.path, within: within)
            tree = try Mounts.cloneTree("", at: place.raw, recursive: source.recursive)
        } else {
            tree = try Mounts.cloneTree(source.path, recursive: source.recursive)
        }
        if let kind = propagation(source.follows) {
            try Mounts.change(tree.raw, propagation: kind, recursive: source.recursive)
        }
        if let slot = source.idMap {
            try Mounts.change(tree.raw, set: .idMap, userNamespace: slots.get(slot), recursive: source.mapsBelow)
        }
        return tree
    }

    /// A box with a user namespace may not show the host its mounts, as with any mount namespace that such a one owns
    /// (mount_namespaces(7)). nil leaves the copy in the peer group of what it was made from.
    private func propagation(_ follows: Propagation?) -> Propagation? {
        switch follows {
        case .slave?: .slave
        case .shared?: plan.spec.linux.namespace(.user) == nil ? nil : .slave
        default: .private
        }
    }

    /// The host's node for a box that can make none. What it cannot be given is told.
    func clone(_ device: Device) throws(BoxError) -> Descriptor {
        let tree = try clone(MountSource(device.path, recursive: false))
        let status = try explaining(failure("look at the device \(device.path)")) { () throws(Errno) in
            try File.status(at: tree.raw)
        }
        let owner = (device.uid ?? status.uid, device.gid ?? status.gid)
        if owner != (status.uid, status.gid) || device.fileMode ?? status.mode != status.mode {
            warnings.append(
                "\(device.path) keeps the host's owner and mode: a box with a user namespace cannot make device nodes")
        }
        return tree
    }
}
