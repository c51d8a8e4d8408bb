internal import BoxOCI
internal import BoxSystem

/// Writes a file, or a directory with all below it, as a tar. The caller has made the box's root its own. One thread only.
struct Packing {
    private static let deepest = 256
    private let output: CInt
    /// Of files with several names: the one that each was told under first. Inode numbers are those of one file system.
    private var linked: [Inode: String] = [:]

    private struct Inode: Hashable {
        let device: DeviceNumber
        let number: UInt64
    }

    init(_ output: CInt) { self.output = output }

    /// `name` in `directory`, called `path` in the archive; `contents` leaves the directory itself out.
    mutating func add(_ name: String, in directory: CInt, as path: String, contents: Bool = false) throws(BoxError) {
        try add(name, directory, path, depth: 0, contents: contents)
        if contents || !path.isEmpty { try write([UInt8](repeating: 0, count: 2 * TarHeader.size)) }
    }

    private mutating func add(
        _ name: String, _ directory: CInt, _ path: String, depth: Int, contents: Bool
    ) throws(BoxError) {
        if depth > Self.deepest { throw BoxError(.unsupported, "\(path) lies more than \(Self.deepest) levels deep") }
        let failure: (Errno) -> BoxError = {
            BoxError($0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot read /\(path)", errno: $0)
        }
        let status: FileStatus
        do throws(Errno) {
            status = try File.status(name, at: directory)
        } catch {
            // Removed while its directory was read.
            if depth > 0 && error == .noSuchFileOrDirectory { return }
            throw failure(error)
        }
        guard var entry = try explaining(failure, { () throws(Errno) in try Self.entry(status, name, directory, path) })
        else { return }
        let inode = Inode(device: status.device, number: status.inode)
        if entry.kind == .file, let first = linked[inode] {
            (entry.kind, entry.target, entry.size) = (.hardLink, first, 0)
            return try write(TarHeader.bytes(entry))
        }
        if entry.kind == .file {
            if status.links > 1 { linked[inode] = path }
            return try addFile(entry, name, directory, failure)
        }
        if !contents { try write(TarHeader.bytes(entry)) }
        if entry.kind != .directory { return }
        let open = try explaining(failure) { () throws(Errno) in
            try File.open(name, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow, at: directory)
        }
        let names = try explaining(failure) { () throws(Errno) in try File.list(open.raw).sorted() }
        let prefix = contents && depth == 0 ? "" : path.hasSuffix("/") ? path : path + "/"
        for child in names { try add(child, open.raw, prefix + child, depth: depth + 1, contents: false) }
    }

    /// nil for a socket, which no archive holds.
    private static func entry(
        _ status: FileStatus, _ name: String, _ directory: CInt, _ path: String
    ) throws(Errno) -> TarEntry? {
        let kinds: [(FileStatus.Kind, TarEntry.Kind)] = [
            (.file, .file), (.directory, .directory), (.link, .link), (.character, .character), (.block, .block),
            (.fifo, .fifo),
        ]
        guard let kind = kinds.first(where: { $0.0 == status.kind })?.1 else { return nil }
        var entry = TarEntry(kind: kind, path: kind == .directory && !path.hasSuffix("/") ? path + "/" : path)
        entry.mode = status.mode
        entry.uid = status.uid
        entry.gid = status.gid
        entry.size = kind == .file ? status.size : 0
        entry.modified = try File.modified(name, at: directory)
        entry.major = status.represents.major
        entry.minor = status.represents.minor
        if kind == .link { entry.target = try File.readLink(name, at: directory) }
        return entry
    }

    /// A file that shrinks meanwhile is filled up with zeros, one that grows is cut: its size is told already.
    private func addFile(
        _ entry: TarEntry, _ name: String, _ directory: CInt, _ failure: (Errno) -> BoxError
    ) throws(BoxError) {
        let file = try explaining(failure) { () throws(Errno) in
            try File.open(name, FileFlags.readOnly | FileFlags.noFollow | FileFlags.nonBlocking, at: directory)
        }
        try write(TarHeader.bytes(entry))
        var left = entry.size
        while left > 0 {
            var bytes = try explaining(failure) { () throws(Errno) in
                try File.readSome(file.raw, atMost: Int(min(left, 1 << 18)))
            }
            if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Int(min(left, 1 << 18))) }
            try write(bytes)
            left -= UInt64(bytes.count)
        }
        try write([UInt8](repeating: 0, count: TarHeader.padding(entry.size)))
    }

    private func write(_ bytes: [UInt8]) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write the archive", errno: $0) }) { () throws(Errno) in
            try File.write(bytes, to: output)
        }
    }
}
