internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// Files of a box as tars, for the daemon's `cp` and `export`, and tars as image root file systems. Each call changes this
/// process's root for good: one call, from a process with one thread.
public enum BoxArchive {
    /// The exit statuses of `swiftbox-runtime archive`, by which its caller tells failures apart.
    public static func status(of error: BoxError) -> Int32 {
        switch error.kind {
        case .notFound: 2
        case .unsupported: 3
        case .invalidSpec: 4
        case .invalidState: 5
        default: 1
        }
    }

    /// Where the box is.
    public enum Place {
        case running(id: String, stateRoot: String)
        /// Its configuration, as the daemon wrote it; and a directory that may be covered in this process's mount
        /// namespace.
        case stopped(config: String, staging: String)
        case directory(String)

        func enter(writing: Bool = false) throws(BoxError) {
            switch self {
            case .running(let id, let stateRoot): try ArchiveRoot.enter(box: id, stateRoot: stateRoot)
            case .stopped(let config, let staging):
                try ArchiveRoot.enter(stopped: config, staging: staging, writing: writing)
            case .directory(let path): try ArchiveRoot.enter(directory: path)
            }
        }
    }

    /// Unpacks what comes in by `input` below `path`, which must be a directory there.
    ///
    /// - Returns: what was left out, a line each
    public static func put(
        _ input: CInt, to path: String, of place: Place, keepsKinds: Bool = false, limit: ArchiveLimit
    ) throws(BoxError) -> [String] {
        try place.enter(writing: true)
        let directory = try explaining(finding(path)) { () throws(Errno) in
            try File.open(path, FileFlags.readOnly | FileFlags.directory)
        }
        OwnProcess.setUmask(0)
        var unpacking = Unpacking(input, into: directory.raw, limit: limit)
        unpacking.keepsKinds = keepsKinds
        try unpacking.run()
        return unpacking.omissions.warnings
    }

    private static func finding(_ path: String) -> (Errno) -> BoxError {
        {
            BoxError(
                $0 == .noSuchFileOrDirectory || $0 == .notDirectory ? .notFound : .kernel,
                "cannot find \(JSON.quoted(path))", errno: $0)
        }
    }

    /// Packs what is at `path`: under its own name, or, of a directory with `contents`, what is in it. Of the root that is the
    /// root file system, without what is mounted in it.
    public static func get(_ path: String, of place: Place, contents: Bool, to output: CInt) throws(BoxError) {
        try place.enter()
        let (parent, name) = File.split(path)
        let directory = try open(parent, path)
        var packing = Packing(output, leavesMounts: contents && path == "/")
        // A path that ends in a slash, or is the root, is the directory itself.
        try packing.add(name.isEmpty ? "." : name, in: directory.raw, as: name.isEmpty ? "." : name, contents: contents)
    }

    /// Writes what a box has changed in its root, as docker's list.
    ///
    /// - Parameters:
    ///   - config: the box's configuration, as the daemon wrote it
    ///   - staging: a directory that may be covered in this process's mount namespace
    public static func changes(config: String, staging: String, to output: CInt) throws(BoxError) {
        let layers = try BoxLayers(config: config, staging: staging)
        guard let upper = layers.upper else {
            if layers.isReadOnly { return try write(Array("[]\n".utf8), to: output) }
            throw BoxError(
                .unsupported, "the box's changes lie on a tmpfs of its own", remedy: "a box without --scratch-size")
        }
        try BoxLayers.unshare()
        let root = try layers.below()
        var walk = ChangeWalk(root: root.raw, to: output)
        try walk.run(upper: upper)
    }

    private static func write(_ bytes: [UInt8], to output: CInt) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write", errno: $0) }) { () throws(Errno) in
            try File.write(bytes, to: output)
        }
    }

    private static func open(_ parent: String, _ path: String) throws(BoxError) -> Descriptor {
        try explaining(finding(path)) { () throws(Errno) in
            try File.open(parent, FileFlags.readOnly | FileFlags.directory)
        }
    }

    /// Docker's `X-Docker-Container-Path-Stat`: name, size, mode as Go has it, mtime, linkTarget.
    public static func stat(_ path: String, of place: Place) throws(BoxError) -> [UInt8] {
        try place.enter()
        let (parent, name) = File.split(path)
        let directory = try open(parent, path)
        let own = name.isEmpty ? "." : name
        return try explaining(finding(path)) { () throws(Errno) in
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
