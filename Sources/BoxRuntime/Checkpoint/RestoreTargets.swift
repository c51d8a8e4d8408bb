internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// Where the mounts of a restored box go, and what goes there.
///
/// criu mounts by path. The rootfs may have changed since the checkpoint, and a link in it would lead criu to a directory
/// of the host (CVE-2026-119101). So every place is looked up inside the root, or inside the bind that it is on, without
/// following links; and while criu works the root follows none: the kernel refuses.
struct RestoreTargets {
    /// A mount that criu gets by a path of its own mount namespace.
    struct Staged: Equatable {
        /// criu's name for it.
        var name: String
        /// The number of `Slot.source`, and a path below it.
        var source: Int
        var below: String
    }

    let staged: [Staged]

    /// `root` is the detached root file system. Mount points that are missing are made there.
    init(
        _ mounts: [CheckpointImages.Mount], _ destinations: [ExternalMounts.Destination], in root: CInt,
        source: (Int) throws(BoxError) -> CInt
    ) throws(BoxError) {
        var staged: [Staged] = []
        for mount in mounts {
            var kind = RootedPath.Target.directory
            if let name = mount.source {
                guard let (index, below) = ExternalMounts.source(of: name, in: destinations) else {
                    throw BoxError(
                        .invalidSpec, "the checkpoint has a bind mount at \(name), and the configuration has none",
                        field: "mounts", remedy: "restore with the bundle's own config.json")
                }
                if below.isEmpty { kind = try Self.kind(source(index)) }
                if !staged.contains(where: { $0.name == name }) {
                    staged.append(Staged(name: name, source: index, below: below))
                }
            }
            if mount.point == "/" { continue }
            if mount.isOnRoot { try Self.make(mount.point, kind, in: root) }
            if let (index, path) = Self.bind(below: mount.point, mounts, destinations) {
                try Self.check(path, of: mount.point, in: source(index))
            }
        }
        self.staged = staged
    }

    private static func kind(_ tree: CInt) throws(BoxError) -> RootedPath.Target {
        try explaining({ BoxError(.kernel, "cannot look at a mount source", errno: $0) }) { () throws(Errno) in
            try File.status(at: tree).kind == .directory ? .directory : .file
        }
    }

    /// The bind that a place is on, and its path there.
    private static func bind(
        below point: String, _ mounts: [CheckpointImages.Mount], _ destinations: [ExternalMounts.Destination]
    ) -> (index: Int, path: String)? {
        let holders = mounts.filter { $0.point != "/" && point.hasPrefix($0.point + "/") }
        guard let holder = holders.max(by: { $0.point.utf8.count < $1.point.utf8.count }), let name = holder.source,
            let (index, below) = ExternalMounts.source(of: name, in: destinations)
        else { return nil }
        return (index, below + point.dropFirst(holder.point.count))
    }

    private static func check(_ path: String, of point: String, in source: CInt) throws(BoxError) {
        try explaining({ failure($0, point) }) { () throws(Errno) in
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                _ = try RootedPath.open(path, in: source, followLinks: false)
            }
        }
    }

    private static func make(_ point: String, _ kind: RootedPath.Target, in root: CInt) throws(BoxError) {
        try explaining({ failure($0, point) }) { () throws(Errno) in
            _ = try RootedPath.openOrMake(point, in: root, as: kind, followLinks: false)
        }
    }

    private static func failure(_ errno: Errno, _ point: String) -> BoxError {
        let isLink = errno == .tooManySymbolicLinkLevels
        return BoxError(
            isLink ? .denied : .kernel, "cannot restore the mount at \(point)", errno: errno,
            found: isLink ? "\(point) in the rootfs is, or leads through, a symbolic link" : nil,
            remedy: isLink ? "restore with the root file system and the volumes that the box had" : nil)
    }
}

/// The mount namespace that criu finds: the host's, with the root and the sources of the box in a directory of their own.
/// Nobody else sees it, and it ends with criu.
struct RestoreStage {
    /// Covered by a file system of its own.
    let directory: String
    var root: String { directory + "/root" }

    func path(of index: Int) -> String { directory + "/\(index)" }

    /// In a new mount namespace. `sources` are detached mounts by the number of their slot.
    func build(root: CInt, _ staged: [RestoreTargets.Staged], sources: [Int: CInt]) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot lay out the mounts for criu", errno: $0) }) { () throws(Errno) in
            try Mounts.changePropagation("/", .private, recursive: true)
            let own = try FileSystemContext(type: "tmpfs").mount()
            try Mounts.attach(own.raw, ontoPath: directory)
            try File.makeDirectory(self.root, mode: 0o700)
            try Mounts.change(root, set: .noSymlinkFollow)
            try Mounts.attach(root, ontoPath: self.root)
            var attached: Set<Int> = []
            // A part is taken of what is attached already.
            for (index, one) in staged.enumerated().sorted(by: { $0.element.below.count < $1.element.below.count }) {
                guard let source = sources[one.source] else { throw .badFileDescriptor }
                if attached.insert(one.source).inserted {
                    try attach(source, at: directory + "/source-\(one.source)")
                }
                let tree = try part(of: source, one.below)
                try attach(tree.raw, at: path(of: index))
            }
        }
    }

    private func part(of source: CInt, _ path: String) throws(Errno) -> Descriptor {
        if path.isEmpty { return try Mounts.cloneTree("", at: source, recursive: false) }
        let part = try RootedPath.open(path, in: source, followLinks: false)
        return try Mounts.cloneTree("", at: part.raw, recursive: false)
    }

    private func attach(_ tree: CInt, at path: String) throws(Errno) {
        if try File.status(at: tree).kind == .directory {
            try File.makeDirectory(path, mode: 0o700)
        } else {
            try File.open(path, FileFlags.create | FileFlags.writeOnly, mode: 0o600).close()
        }
        try Mounts.attach(tree, ontoPath: path)
    }

    /// In the box: its root follows links again.
    static func allowLinks(pid: CInt) throws(BoxError) {
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot free the mounts of the box", errno: $0) }
        let child = try explaining(failure) { () throws(Errno) in
            let namespace = try File.open("/proc/\(pid)/ns/mnt", FileFlags.readOnly)
            let child = try Processes.clone(into: [])
            if child == nil { Processes.exit(allowLinks(in: namespace.raw)) }
            return child
        }
        guard let child else { return }
        let pidfd = Descriptor(owning: child.pidfd)
        try explaining(failure) { () throws(Errno) in
            let end = try Processes.wait(for: pidfd.raw)
            if end.status != 0 { throw Errno(rawValue: end.status) }
        }
    }

    /// The number of the error, 0 for none.
    private static func allowLinks(in namespace: CInt) -> CInt {
        do throws(Errno) {
            try OwnProcess.becomeUndumpable()
            try Namespaces.mount.join(namespace)
            let root = try File.open("/", FileFlags.path | FileFlags.directory)
            try Mounts.change(root.raw, clear: .noSymlinkFollow)
            return 0
        } catch {
            return error.rawValue
        }
    }
}
