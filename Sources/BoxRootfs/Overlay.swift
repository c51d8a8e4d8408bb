public import BoxOCI
public import BoxSystem

/// An overlay (Documentation/filesystems/overlayfs) that a box gets as its root, as plain data.
///
/// It is put together in a mount namespace of the runtime's own, so that nothing of it shows on the
/// host and the kernel takes it apart when the runtime ends, however it ends.
public struct Overlay: Equatable, Sendable {
    /// Where the changes go.
    public enum Upper: Equatable, Sendable {
        /// Read-only: no upper layer.
        case none
        /// A directory that keeps the changes, taken by the caller (`UpperDirectory.take`).
        case directory(String)
        /// On a tmpfs that goes with the box; bytes, nil for the kernel's default of half the memory.
        case scratch(size: UInt64?)
    }

    /// Directories, topmost first.
    public var lowers: [String]
    /// What must not be seen of the topmost lower.
    public var hidden: HiddenPaths?
    public var upper: Upper
    /// Whether the lower and upper directories are id-mapped into the box's user namespace.
    public var idMapped: Bool
    /// The host's ids for the box's root: owner of what is made here.
    public var rootUser: UInt32
    public var rootGroup: UInt32
    /// `redirect_dir=on`, `metacopy=on`, `userxattr`, `volatile`, as the plan chose them.
    public var options: [MountOptions.Datum]
    /// Directories below one of which each lower must lie when it is taken; nil is anywhere.
    public var within: [String]?
    /// A directory over which the parts are attached while they are put together.
    public var staging: String

    public init(
        lowers: [String], hidden: HiddenPaths?, upper: Upper, idMapped: Bool, rootUser: UInt32, rootGroup: UInt32,
        options: [MountOptions.Datum], staging: String
    ) {
        self.lowers = lowers
        self.hidden = hidden
        self.upper = upper
        self.idMapped = idMapped
        self.rootUser = rootUser
        self.rootGroup = rootGroup
        self.options = options
        self.staging = staging
    }

    /// Mounts it, detached. The caller is alone in a private mount namespace: the parts are attached for that long,
    /// because kernels before 6.15 take only attached mounts as layers. Not over `/`: a process whose root is covered
    /// counts as chrooted, and may make no user namespace.
    /// `idMap` is a user namespace's descriptor, or -1.
    public func mount(idMap: CInt) throws(BoxError) -> Descriptor {
        let open = OpenLayers(staging: staging)
        let overlay: Descriptor
        do throws(BoxError) {
            overlay = try build(open, idMap: idMap)
        } catch {
            try explaining(failure("cannot detach the layers")) { () throws(Errno) in try open.detachAll() }
            throw error
        }
        try explaining(failure("cannot detach the layers")) { () throws(Errno) in try open.detachAll() }
        return overlay
    }

    private func build(_ open: OpenLayers, idMap: CInt) throws(BoxError) -> Descriptor {
        let context = try explaining(failure("the kernel has no overlay file system")) {
            () throws(Errno) in try FileSystemContext(type: "overlay")
        }
        for path in lowers { open.lowers.append(try openLower(path, idMap: idMap, into: open)) }
        if let hidden, let top = open.lowers.first {
            let tree = try explaining(failure("cannot hide the host's secrets")) { () throws(Errno) in
                try hidden.makeLayer(over: top, options: self, attaching: open)
            }
            open.lowers.insert(tree.release(), at: 0)
        }
        try openUpper(into: open, idMap: idMap)
        do throws(Errno) {
            return try assemble(context, open)
        } catch {
            let message = context.kernelMessage()
            throw BoxError(.kernel, "cannot mount the overlay", errno: error, found: message.isEmpty ? nil : message)
        }
    }

    private func assemble(_ context: borrowing FileSystemContext, _ open: OpenLayers) throws(Errno) -> Descriptor {
        try context.set("source", "swiftbox")
        try setLowers(context, open.lowers.map(Self.path))
        if let base = open.upperBase {
            try context.set("upperdir", Self.path(base) + "/" + open.upperName)
            try context.set("workdir", Self.path(base) + "/" + open.workName)
        }
        for option in options { try context.configure(option) }
        let attributes: MountAttributes = upper == .none ? [.readOnly, .noDev] : .noDev
        guard case .directory = upper, idMapped else { return try context.mount(attributes) }
        // overlayfs writes to its upper layer as who mounted it: on an id-mapped one, an id that the map knows.
        return try OwnProcess.actingOnFiles(as: rootUser, rootGroup) { () throws(Errno) in
            try context.mount(attributes)
        }
    }

    /// `lowerdir+` takes one layer at a time (6.7); before, all go into one string, which can hold about 14.
    private func setLowers(_ context: borrowing FileSystemContext, _ paths: [String]) throws(Errno) {
        if !context.takesAnyOption() {
            do throws(Errno) {
                for path in paths { try context.set("lowerdir+", path) }
                return
            } catch {
                if error != .invalidArgument { throw error }
            }
        }
        let all = paths.joined(separator: ":")
        if all.utf8.count > 255 { throw .argListTooLong }
        try context.set("lowerdir", all)
    }

    private func openLower(_ path: String, idMap: CInt, into open: OpenLayers) throws(BoxError) -> CInt {
        try explaining(failure("cannot use \(path) as a layer")) { () throws(Errno) in
            let place: Descriptor
            if let within {
                place = try HostPath.open(path, within: within)
            } else {
                place = try File.open(path, FileFlags.path | FileFlags.directory)
            }
            if !idMapped { return place.release() }
            let tree = try Mounts.cloneTree("", at: place.raw, recursive: false)
            try Mounts.change(tree.raw, set: .idMap, propagation: .private, userNamespace: idMap)
            try open.attach(tree.raw)
            return tree.release()
        }
    }

    private func openUpper(into open: OpenLayers, idMap: CInt) throws(BoxError) {
        switch upper {
        case .none:
            return
        case .scratch(let size):
            try explaining(failure("cannot make the scratch layer")) { () throws(Errno) in
                let tree = try Self.makeScratch(size: size, attaching: open)
                try File.makeDirectory("upper", mode: 0o755, at: tree.raw)
                try File.makeDirectory("work", mode: 0o700, at: tree.raw)
                try File.changeOwner("upper", uid: rootUser, gid: rootGroup, at: tree.raw)
                open.setUpper(tree.release(), name: "upper", work: "work")
            }
        case .directory(let path):
            try UpperDirectory(path).open(into: open, idMap: idMapped ? idMap : -1)
        }
    }

    static func makeScratch(size: UInt64?, attaching open: OpenLayers) throws(Errno) -> Descriptor {
        let context = try FileSystemContext(type: "tmpfs")
        try context.set("mode", "0755")
        if let size { try context.set("size", String(size)) }
        let tree = try context.mount([.noDev])
        try open.attach(tree.raw)
        return tree
    }

    /// A descriptor as a path that overlayfs can be given, free of its separators.
    static func path(_ descriptor: CInt) -> String { "/proc/self/fd/\(descriptor)" }

    private func failure(_ message: String) -> (Errno) -> BoxError {
        { BoxError(.kernel, message, errno: $0) }
    }
}

/// The descriptors of one overlay's layers while it is mounted; the kernel keeps its own references.
final class OpenLayers {
    var lowers: [CInt] = []
    var upperBase: CInt?
    var upperName = ""
    var workName = ""

    private let staging: String
    private var attached = 0

    init(staging: String) { self.staging = staging }

    func attach(_ tree: CInt) throws(Errno) {
        try Mounts.attach(tree, ontoPath: staging)
        attached += 1
    }

    /// The overlay keeps what it needs of them.
    func detachAll() throws(Errno) {
        for _ in 0..<attached { try Mounts.detach(staging) }
        attached = 0
    }

    func setUpper(_ base: CInt, name: String, work: String) {
        upperBase = base
        upperName = name
        workName = work
    }

    deinit {
        for raw in lowers + [upperBase].compactMap({ $0 }) { _ = Descriptor(owning: raw) }
    }
}
