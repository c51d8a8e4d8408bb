internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// The layers of a box's root, as its configuration names them, put together in a mount namespace of this process's own.
/// From a process with one thread.
struct BoxLayers {
    private let lowers: [String]
    private let hidden: HiddenPaths?
    /// Where the changes are; nil where the box keeps none.
    let upper: String?
    let isReadOnly: Bool
    private let staging: String

    /// - Parameters:
    ///   - config: the box's config.json, as the daemon wrote it
    ///   - staging: a directory that may be covered in this process's mount namespace, none of the layers
    init(config: String, staging: String) throws(BoxError) {
        let spec = try ConfigFile.read(config)
        guard let source = spec.box.rootfs else {
            throw BoxError(.unsupported, "the box has no layers of its own: its root is a directory as it stands")
        }
        switch source.base {
        case .host: (lowers, hidden) = (["/"], HiddenPaths(extra: source.hide))
        case .layers(let paths): (lowers, hidden) = (paths, nil)
        }
        upper = source.upper
        isReadOnly = spec.root?.readonly ?? false
        self.staging = staging
    }

    /// Once, before any is mounted.
    static func unshare() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot make a mount namespace", errno: $0) }) { () throws(Errno) in
            try Namespaces.mount.unshare()
            try Mounts.changePropagation("/", .private, recursive: true)
        }
    }

    /// What the box was made of, read-only.
    func below() throws(BoxError) -> Descriptor { try mount(lowers, .none) }

    /// What the box's processes would see, to be read alone.
    func view() throws(BoxError) -> Descriptor {
        // No lower layer may hold another: where the box's lies below one, it must be the upper one.
        if let upper, lowers.contains(where: { upper.hasPrefix($0 == "/" ? $0 : $0 + "/") }) { return try writable() }
        return try mount([upper].compactMap { $0 } + lowers, .none)
    }

    /// The same to be written to. No box can start on it as long as this process lives.
    func writable() throws(BoxError) -> Descriptor {
        guard let upper else {
            throw BoxError(.unsupported, "the box keeps no changes: what was written would be lost")
        }
        _ = try UpperDirectory(upper).take().release()
        return try mount(lowers, .directory(upper))
    }

    private func mount(_ layers: [String], _ upper: Overlay.Upper) throws(BoxError) -> Descriptor {
        if layers.count == 1 && hidden == nil && upper == .none {
            return try explaining({ BoxError(.kernel, "cannot open \(layers[0])", errno: $0) }) { () throws(Errno) in
                try File.open(layers[0], FileFlags.readOnly | FileFlags.directory)
            }
        }
        // As the box has them: a directory that was renamed, and a file whose owner changed, are else unreadable.
        let kernel = HostFacts.Overlay.probe()
        let options: [(String, Bool)] = [("redirect_dir", kernel.redirectDir), ("metacopy", kernel.metacopy)]
        let overlay = Overlay(
            lowers: layers, hidden: hidden, upper: upper, idMapped: false, rootUser: 0, rootGroup: 0,
            options: options.filter(\.1).map { .init(key: $0.0, value: "on") }, staging: staging)
        return try overlay.mount(idMap: -1)
    }
}
