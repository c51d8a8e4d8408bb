internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Writes a file, or a directory with all below it, as a tar. The caller has made the box's root its own. One thread only.
struct Packing {
    private static let deepest = 256
    /// In one directory.
    private static let mostNames = 1_000_000
    private let output: CInt
    /// A place where something is mounted is packed as it is without: an empty file or directory.
    private let leavesMounts: Bool
    /// Of files with several names: the one that each was told under first. Inode numbers are those of one file system.
    private var linked: [Inode: String] = [:]
    /// Beyond, a file is packed under each of its names.
    private static let mostLinked = 100_000

    private struct Inode: Hashable {
        let device: DeviceNumber
        let number: UInt64
    }

    init(_ output: CInt, leavesMounts: Bool) {
        self.output = output
        self.leavesMounts = leavesMounts
    }

    /// `name` in `directory`, called `path` in the archive; `contents` leaves the directory itself out.
    mutating func add(_ name: String, in directory: CInt, as path: String, contents: Bool = false) throws(BoxError) {
        try add(name, directory, path, depth: 0, contents: contents)
        if contents || !path.isEmpty { try write([UInt8](repeating: 0, count: 2 * TarHeader.size)) }
    }

    private mutating func add(
        _ name: String, _ directory: CInt, _ path: String, depth: Int, contents: Bool
    ) throws(BoxError) {
        if depth > Self.deepest {
            let name = JSON.quoted(String(path.suffix(200)))
            throw BoxError(.unsupported, "\(name) lies more than \(Self.deepest) levels deep")
        }
        let failure: (Errno) -> BoxError = {
            BoxError(
                $0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot read \(JSON.quoted("/" + path))", errno: $0)
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
        let isMount = try explaining(failure) { () throws(Errno) in
            leavesMounts && depth > 0 ? try Self.isMount(name, directory) : false
        }
        if isMount {
            entry.size = 0
            return try write(TarHeader.bytes(entry))
        }
        if entry.kind == .file {
            let inode = Inode(device: status.device, number: status.inode)
            if let first = linked[inode] {
                (entry.kind, entry.target, entry.size) = (.hardLink, first, 0)
                return try write(TarHeader.bytes(entry))
            }
            if status.links > 1 && linked.count < Self.mostLinked { linked[inode] = path }
            return try addFile(entry, name, directory, failure)
        }
        guard entry.kind == .directory else { return try write(TarHeader.bytes(entry)) }
        let open = try explaining(failure) { () throws(Errno) in try OpenDirectory(name, at: directory) }
        if !contents {
            entry.attributes = try explaining(failure) { () throws(Errno) in try TarAttributes.read(open.raw) }
            try write(TarHeader.bytes(entry))
        }
        let names = try explaining({
            $0 == .illegalByteSequence
                ? BoxError(.unsupported, "a name in \(JSON.quoted("/" + path)) is not UTF-8") : failure($0)
        }) { () throws(Errno) in try File.list(open.raw, limit: Self.mostNames).sorted() }
        let prefix = contents && depth == 0 ? "" : path.hasSuffix("/") ? path : path + "/"
        for child in names { try add(child, open.raw, prefix + child, depth: depth + 1, contents: false) }
    }

    /// openat2(2) says EXDEV for the step into another mount.
    private static func isMount(_ name: String, _ directory: CInt) throws(Errno) -> Bool {
        do throws(Errno) {
            let flags = FileFlags.path | FileFlags.noFollow
            _ = try File.open(name, flags, below: directory, [.noXdev, .noMagicLinks])
            return false
        } catch {
            if error == .improperLink { return true }
            // Removed meanwhile: that is seen once more.
            if error == .noSuchFileOrDirectory { return false }
            throw error
        }
    }

    /// nil for a socket, which no archive holds.
    private static func entry(
        _ status: FileStatus, _ name: String, _ directory: CInt, _ path: String
    ) throws(Errno) -> TarMember? {
        let kinds: [(FileStatus.Kind, TarMember.Kind)] = [
            (.file, .file), (.directory, .directory), (.link, .link), (.character, .character), (.block, .block),
            (.fifo, .fifo),
        ]
        guard let kind = kinds.first(where: { $0.0 == status.kind })?.1 else { return nil }
        var entry = TarMember(kind: kind, path: kind == .directory && !path.hasSuffix("/") ? path + "/" : path)
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
        _ described: TarMember, _ name: String, _ directory: CInt, _ failure: (Errno) -> BoxError
    ) throws(BoxError) {
        let file = try explaining(failure) { () throws(Errno) in
            try File.open(name, FileFlags.readOnly | FileFlags.noFollow | FileFlags.nonBlocking, at: directory)
        }
        var entry = described
        let isFile = try explaining(failure) { () throws(Errno) in
            entry.attributes = try TarAttributes.read(file.raw)
            return try File.status(at: file.raw).kind == .file
        }
        // It was one when its name was looked at: a device might have no end.
        if !isFile { throw failure(.noSuchFileOrDirectory) }
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
