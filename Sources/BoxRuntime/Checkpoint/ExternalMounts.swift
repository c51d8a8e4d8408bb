internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// Mounts of a box that are not its own: binds of what lies on the host. criu leaves their contents alone, knows them by a
/// name, and is told at the restore what stands for it.
struct ExternalMounts {
    /// The destinations of all the mounts of a plan, which of them are binds, and of what source.
    struct Destination: Equatable {
        /// As config.json has it, without what says nothing.
        var name: String
        /// The number of `Slot.source`.
        var source: Int?
    }

    /// In the order in which the box gets them.
    static func destinations(of plan: LaunchPlan) -> [Destination] {
        plan.initialise.compactMap { step in
            switch step.action {
            case .bind(let index, let mount): Destination(name: Compiler.normal(mount.destination), source: index)
            case .bindDevice(let index, let device): Destination(name: Compiler.normal(device.path), source: index)
            case .mount(let mount): Destination(name: Compiler.normal(mount.destination), source: nil)
            default: nil
            }
        }
    }

    /// What criu is to be told of a box that lives: the place of each mount that is external, and its name, which is the
    /// destination in config.json. `root` is the box's.
    static func names(
        of mounts: [MountTable.Entry], _ destinations: [Destination], in root: CInt
    ) throws(BoxError) -> [(point: String, name: String)] {
        var places: [(point: String, destination: Destination)] = []
        for destination in destinations {
            try explaining({ BoxError(.kernel, "cannot find \(destination.name) in the box", errno: $0) }) {
                () throws(Errno) in
                // The box may have unmounted it since.
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    let place = try RootedPath.open(destination.name, in: root)
                    places.append((try File.readLink("/proc/self/fd/\(place.raw)"), destination))
                }
            }
        }
        return mounts.compactMap { mount in
            let owners = places.filter { rest(of: mount.point, below: $0.point) != nil }
            // Of two at one place the later one lies on top.
            let deepest = owners.map(\.point.utf8.count).max()
            guard let owner = owners.last(where: { $0.point.utf8.count == deepest }), owner.destination.source != nil,
                let below = rest(of: mount.point, below: owner.point)
            else { return nil }
            return (mount.point, owner.destination.name + below)
        }
    }

    /// The source that stands for a name, and what of it.
    static func source(of name: String, in destinations: [Destination]) -> (index: Int, below: String)? {
        let owners = destinations.filter { $0.source != nil && rest(of: name, below: $0.name) != nil }
        let deepest = owners.map(\.name.utf8.count).max()
        guard let owner = owners.last(where: { $0.name.utf8.count == deepest }), let index = owner.source,
            let below = rest(of: name, below: owner.name)
        else { return nil }
        return (index, below)
    }

    /// `/c` of `/a/b/c` below `/a/b`, "" for the place itself.
    private static func rest(of path: String, below place: String) -> String? {
        if path == place { return "" }
        let prefix = place == "/" ? "" : place
        return path.hasPrefix(prefix + "/") ? String(path.dropFirst(prefix.count)) : nil
    }
}
