internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// Files of a box as tars, for the daemon's `cp` and `export`, and tars as image root file systems. Each call changes this
/// process's root for good: one call, from a process with one thread.
public enum BoxArchive {
    /// Where the box is.
    public enum Place {
        case running(id: String, stateRoot: String)
        /// Its configuration, as the daemon wrote it.
        case stopped(config: String)
        case directory(String)

        func enter() throws(BoxError) {
            switch self {
            case .running(let id, let stateRoot): try ArchiveRoot.enter(box: id, stateRoot: stateRoot)
            case .stopped(let config): try ArchiveRoot.enter(stopped: config)
            case .directory(let path): try ArchiveRoot.enter(directory: path)
            }
        }
    }

    /// Unpacks what comes in by `input` below `path`, which must be a directory there. How many device nodes were left
    /// out.
    public static func put(
        _ input: CInt, to path: String, of place: Place, keepsKinds: Bool = false
    ) throws(BoxError) -> Int {
        try place.enter()
        let directory = try explaining({
            BoxError($0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot open \(path)", errno: $0)
        }) { () throws(Errno) in try File.open(path, FileFlags.readOnly | FileFlags.directory) }
        OwnProcess.setUmask(0)
        var unpacking = Unpacking(input, into: directory.raw)
        unpacking.keepsKinds = keepsKinds
        try unpacking.run()
        return unpacking.devices
    }

    /// Packs what is at `path`: under its own name, or, of a directory with `contents`, what is in it.
    public static func get(_ path: String, of place: Place, contents: Bool, to output: CInt) throws(BoxError) {
        try place.enter()
        let (parent, name) = File.split(path)
        let directory = try open(parent, path)
        var packing = Packing(output)
        // A path that ends in a slash, or is the root, is the directory itself.
        try packing.add(name.isEmpty ? "." : name, in: directory.raw, as: name.isEmpty ? "." : name, contents: contents)
    }

    private static func open(_ parent: String, _ path: String) throws(BoxError) -> Descriptor {
        try explaining({
            BoxError($0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot find \(path)", errno: $0)
        }) { () throws(Errno) in try File.open(parent, FileFlags.readOnly | FileFlags.directory) }
    }

    /// Docker's `X-Docker-Container-Path-Stat`: name, size, mode as Go has it, mtime, linkTarget.
    public static func stat(_ path: String, of place: Place) throws(BoxError) -> [UInt8] {
        try place.enter()
        let (parent, name) = File.split(path)
        let directory = try open(parent, path)
        let own = name.isEmpty ? "." : name
        return try explaining({
            BoxError($0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot find \(path)", errno: $0)
        }) { () throws(Errno) in
            let status = try File.status(own, at: directory.raw)
            let target = status.kind == .link ? try File.readLink(own, at: directory.raw) : ""
            return JSON.write(
                Node(
                    .object([
                        Member("name", Node(.string(name.isEmpty ? "/" : name))),
                        Member("size", Node(.integer(Int64(clamping: status.size)))),
                        Member("mode", Node(.integer(Int64(goMode(status))))),
                        Member(
                            "mtime", Node(.string(Timestamp.text(seconds: try File.modified(own, at: directory.raw))))),
                        Member("linkTarget", Node(.string(target))),
                    ])))
        }
    }

    /// Permissions below, kinds above: the bits of Go's io/fs.FileMode.
    private static func goMode(_ status: FileStatus) -> UInt32 {
        var mode = status.mode & 0o777
        if status.mode & 0o4000 != 0 { mode |= 1 << 23 }
        if status.mode & 0o2000 != 0 { mode |= 1 << 22 }
        if status.mode & 0o1000 != 0 { mode |= 1 << 20 }
        switch status.kind {
        case .file: return mode
        case .directory: return mode | 1 << 31
        case .link: return mode | 1 << 27
        case .block: return mode | 1 << 26
        case .character: return mode | 1 << 26 | 1 << 21
        case .fifo: return mode | 1 << 25
        case .socket: return mode | 1 << 24
        }
    }
}
