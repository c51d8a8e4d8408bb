public import BoxOCI
public import BoxSystem

/// The host's root for a box of an ordinary user. Nobody but root may put an overlay over `/` itself: what is mounted below
/// it must not be uncovered. So the root is a file system in memory with the host's links, and overlays of the directories
/// that programs live in, one by one; of everything else only the names are there.
public struct HostRootAssembly: Equatable, Sendable {
    /// Bytes that all changes may take; nil for the kernel's default of half the memory.
    public var size: UInt64?
    public var readonly: Bool
    /// A directory over which the parts are attached while they are put together.
    public var staging: String

    public init(size: UInt64?, readonly: Bool, staging: String) {
        self.size = size
        self.readonly = readonly
        self.staging = staging
    }

    static let layered = ["usr", "etc", "opt"]
    private static let empty: [(name: String, mode: UInt32)] = [
        ("dev", 0o755), ("proc", 0o755), ("sys", 0o755), ("run", 0o755), ("tmp", 0o1777), ("root", 0o700),
        ("home", 0o755),
        ("var", 0o755), ("srv", 0o755), ("mnt", 0o755), ("media", 0o755),
    ]

    /// Mounts it, detached: in a private mount namespace, by its root.
    public func assemble() throws(BoxError) -> Descriptor {
        try explaining({ BoxError(.kernel, "cannot put the host's directories together", errno: $0) }) {
            () throws(Errno) in
            let context = try FileSystemContext(type: "tmpfs")
            try context.set("mode", "0755")
            if let size { try context.set("size", String(size)) }
            let base = try context.mount([.noDev])
            try Mounts.attach(base.raw, ontoPath: staging)
            do throws(Errno) {
                let root = try build(base.raw)
                try Mounts.detach(staging)
                return root
            } catch {
                try Mounts.detach(staging)
                throw error
            }
        }
    }

    private func build(_ base: CInt) throws(Errno) -> Descriptor {
        for name in ["root", "upper", "workdir"] { try File.makeDirectory(name, mode: 0o755, at: base) }
        let host = try File.open("/", FileFlags.readOnly | FileFlags.directory)
        let root = try File.open("root", FileFlags.path | FileFlags.directory, at: base)
        for (name, mode) in Self.empty {
            try File.makeDirectory(name, mode: mode, at: root.raw)
            try File.changeMode(name, mode: mode, at: root.raw)
        }
        for name in try File.list(host.raw) {
            let status = try File.status(name, at: host.raw)
            if status.kind == .link, !File.exists(name, at: root.raw) {
                try File.makeLink(name, to: File.readLink(name, at: host.raw), at: root.raw)
            } else if status.kind == .directory, Self.layered.contains(name) {
                try File.makeDirectory(name, mode: 0o755, at: root.raw)
                let tree = try layer(name, base)
                try Mounts.attach(tree.raw, ontoPath: staging + "/root/" + name)
            }
        }
        return try Mounts.cloneTree(staging + "/root", recursive: true)
    }

    /// An overlay; where the kernel refuses one, because something is mounted below, the directory itself, read-only.
    private func layer(_ name: String, _ base: CInt) throws(Errno) -> Descriptor {
        if !readonly {
            for kind in ["upper", "workdir"] { try File.makeDirectory("\(kind)/\(name)", mode: 0o755, at: base) }
            do throws(Errno) {
                let context = try FileSystemContext(type: "overlay")
                try context.set("source", "swiftbox")
                try context.set("lowerdir", "/" + name)
                try context.set("upperdir", "/proc/self/fd/\(base)/upper/\(name)")
                try context.set("workdir", "/proc/self/fd/\(base)/workdir/\(name)")
                try context.set("userxattr")
                return try context.mount([.noDev])
            } catch {
                if error != .invalidArgument && error != .notPermitted { throw error }
            }
        }
        let tree = try Mounts.cloneTree("/" + name, recursive: true)
        try Mounts.change(tree.raw, set: .readOnly, propagation: .private, recursive: true)
        return tree
    }
}
