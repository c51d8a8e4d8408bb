public import BoxOCI
public import BoxSystem

/// `--upper DIR`: a directory that keeps a box's changes, and `DIR.work` beside it for the time of the run.
/// Both must lie on one file system, which beside each other they do.
public struct UpperDirectory: Sendable {
    let parent: String
    let name: String
    var workName: String { name + ".work" }

    /// The path is absolute.
    public init(_ path: String) {
        (parent, name) = File.split(path)
    }

    /// Opens both below one mount, as overlayfs demands, locked against a second box.
    func take(holding open: OpenLayers, idMap: CInt) throws(BoxError) {
        let tree = try explaining(failure) { () throws(Errno) in
            let tree = try Mounts.cloneTree(parent, recursive: false)
            if idMap >= 0 { try Mounts.change(tree.raw, set: .idMap, userNamespace: idMap) }
            try Mounts.change(tree.raw, propagation: .private)
            try open.attach(tree.raw)
            return tree
        }
        try lock()
        open.setUpper(tree.release(), name: name, work: workName)
    }

    /// The lock lives as long as the runtime: its descriptor is never closed. Made before the id-mapped clone is
    /// used, by the host's path, so that the work directory belongs to the host's root.
    private func lock() throws(BoxError) {
        let free = try explaining(failure) { () throws(Errno) in
            let path = parent + "/" + workName
            try tolerating(.fileExists) { () throws(Errno) in try File.makeDirectory(path, mode: 0o700) }
            let held = try File.open(path, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow)
            if try !File.tryLock(held.raw) { return false }
            _ = held.release()
            return true
        }
        if !free {
            throw BoxError(
                .invalidState, "the upper directory \(parent)/\(name) is in use by another box", field: "--upper")
        }
    }

    /// Removes the work directory after the run: overlayfs leaves `work` and `index` in it, which hold nothing then.
    public func removeWork() throws(BoxError) {
        try explaining(failure) { () throws(Errno) in
            let path = parent + "/" + workName
            if !File.exists(path) { return }
            let work = try File.open(path, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow)
            for child in try File.list(work.raw) { try DirectoryTree.remove(child, in: work.raw, depth: 4) }
            try File.remove(path, directory: true)
        }
    }

    private var failure: (Errno) -> BoxError {
        { BoxError(.kernel, "cannot use the upper directory \(parent)/\(name)", field: "--upper", errno: $0) }
    }
}

/// Removing what lies below a directory that is ours.
public enum DirectoryTree {
    /// Removes a file, or a directory with all below it, `depth` levels at most (ELOOP beyond); no link is followed.
    public static func remove(_ name: String, in directory: CInt, depth: Int) throws(Errno) {
        if try File.status(name, at: directory).kind != .directory {
            return try File.remove(name, at: directory)
        }
        if depth == 0 { throw .tooManySymbolicLinkLevels }
        let here = try File.open(
            name, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow, below: directory,
            [.beneath, .noSymlinks])
        for child in try File.list(here.raw) { try remove(child, in: here.raw, depth: depth - 1) }
        try File.remove(name, directory: true, at: directory)
    }
}
