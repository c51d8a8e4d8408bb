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

    /// Makes the work directory and locks it against a second box: as long as the descriptor is open.
    /// `.alreadyExists` where somebody else's files are in its place.
    public func take() throws(BoxError) -> Descriptor {
        let taken: Descriptor? = try explaining(failure) { () throws(Errno) in
            while true {
                let work = try makeWork()
                if try !File.tryLock(work.raw) { return nil }
                // The box before may have removed it between open and lock.
                if try File.isStill(work.raw, workPath) { return work }
            }
        }
        guard let taken else {
            throw BoxError(
                .invalidState, "the upper directory \(parent)/\(name) is in use by another box", field: "--upper")
        }
        try refuseForeign(taken.raw)
        return taken
    }

    private func makeWork() throws(Errno) -> Descriptor {
        while true {
            try tolerating(.fileExists) { () throws(Errno) in try File.makeDirectory(workPath, mode: 0o700) }
            do throws(Errno) {
                return try openWork()
            } catch {
                if error != .noSuchFileOrDirectory { throw error }
            }
        }
    }

    private func openWork() throws(Errno) -> Descriptor {
        try File.open(workPath, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow)
    }

    /// The work directory is emptied in the end. What overlayfs makes in it are directories that nobody may open.
    private func refuseForeign(_ work: CInt) throws(BoxError) {
        let foreign: String? = try explaining(failure) { () throws(Errno) in
            for child in try File.list(work) {
                let status = try File.status(child, at: work)
                let isOurs = ["work", "index"].contains(child) && status.kind == .directory && status.mode == 0
                if !isOurs { return child }
            }
            return nil
        }
        guard let foreign else { return }
        throw BoxError(
            .alreadyExists, "overlayfs needs \(workPath) as its work directory, and it holds other files",
            field: "--upper", found: "\(workPath)/\(foreign)", remedy: "move it, or name another upper directory")
    }

    /// Opens upper and work directory below one mount, as overlayfs demands. The id-mapped clone comes after `take`,
    /// so that the work directory belongs to the host's root.
    func open(into open: OpenLayers, idMap: CInt) throws(BoxError) {
        let tree = try explaining(failure) { () throws(Errno) in
            let tree = try Mounts.cloneTree(parent, recursive: false)
            if idMap >= 0 { try Mounts.change(tree.raw, set: .idMap, userNamespace: idMap) }
            try Mounts.change(tree.raw, propagation: .private)
            try open.attach(tree.raw)
            return tree
        }
        open.setUpper(tree.release(), name: name, work: workName)
    }

    /// Removes the work directory after the run, for who has taken it: overlayfs leaves `work` and `index` in it,
    /// which hold nothing then.
    public func removeWork() throws(BoxError) {
        try explaining(failure) { () throws(Errno) in
            let work = try openWork()
            for child in try File.list(work.raw) { try DirectoryTree.remove(child, in: work.raw, depth: 4) }
            try File.remove(workPath, directory: true)
        }
    }

    /// The same for a box that was killed with its runtime, unless another box has the directory by now.
    public func clearAbandoned() throws(BoxError) {
        if !File.exists(workPath) { return }
        let work = try explaining(failure) { () throws(Errno) in try openWork() }
        if try !explaining(failure, { () throws(Errno) in try File.tryLock(work.raw) }) { return }
        try refuseForeign(work.raw)
        try removeWork()
    }

    private var workPath: String { parent + "/" + workName }

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
