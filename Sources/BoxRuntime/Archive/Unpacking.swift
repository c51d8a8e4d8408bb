internal import BoxOCI
internal import BoxSystem

/// Writes a tar's entries below a directory. The caller has made the box's or the image's root its own, so that no link
/// leads out; names that climb are refused all the same. One thread only.
struct Unpacking {
    /// The owner of all there is; nil is what the archive says.
    var owner: (uid: UInt32, gid: UInt32)?
    /// A directory does not take the place of something else, nor the other way round.
    var keepsKinds = false
    private let directory: CInt
    private var reader: TarReader
    /// Set last: what is unpacked into a directory changes it.
    private var times: [(path: String, modified: Int64)] = []
    /// Left out: a box has a /dev of its own.
    private(set) var devices = 0

    /// `directory` stays the caller's.
    init(_ input: CInt, into directory: CInt) {
        reader = TarReader(input)
        self.directory = directory
    }

    mutating func run() throws(BoxError) {
        while let entry = try reader.next() {
            guard let path = try Self.clean(entry.path) else { continue }
            do throws(Errno) {
                try make(entry, path)
            } catch {
                throw BoxError(.kernel, "cannot unpack \(path)", errno: error)
            }
            if entry.kind == .file { try fill(path, entry) }
        }
        for (path, modified) in times.reversed() {
            try explaining({ BoxError(.kernel, "cannot set the time of \(path)", errno: $0) }) { () throws(Errno) in
                try File.setModified(path, modified, at: directory)
            }
        }
    }

    /// Relative, without `.`; nil for the directory itself.
    static func clean(_ path: String) throws(BoxError) -> String? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        if parts.contains("..") || path.utf8.count > 4096 || path.utf8.contains(0) {
            throw TarReader.broken("the name \(path.prefix(80)) leads out of it")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    private mutating func make(_ entry: TarEntry, _ path: String) throws(Errno) {
        try makeParents(path)
        let there = try status(path)
        if entry.kind == .directory, there?.kind == .directory { return try finish(entry, path) }
        if let there { try remove(path, there, for: entry) }
        switch entry.kind {
        case .directory: try File.makeDirectory(path, mode: 0o755, at: directory)
        case .link: try File.makeLink(path, to: entry.target, at: directory)
        case .hardLink:
            guard let target = Self.target(entry.target) else { throw .invalidArgument }
            return try File.makeHardLink(path, to: target, at: directory)
        case .fifo:
            try File.makeNode(
                path, type: 0o010000, mode: 0o600, device: DeviceNumber(major: 0, minor: 0), at: directory)
        case .character, .block:
            devices += 1
            return
        case .file:
            try File.open(
                path, FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow, mode: 0o600,
                at: directory
            ).close()
            return
        }
        try finish(entry, path)
    }

    private static func target(_ text: String) -> String? {
        do throws(BoxError) { return try clean(text) } catch { return nil }
    }

    private func status(_ path: String) throws(Errno) -> FileStatus? {
        do throws(Errno) {
            return try File.status(path, at: directory)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    private func remove(_ path: String, _ there: FileStatus, for entry: TarEntry) throws(Errno) {
        let changesKind = (there.kind == .directory) != (entry.kind == .directory)
        if keepsKinds && changesKind { throw there.kind == .directory ? .isDirectory : .notDirectory }
        if there.kind == .directory {
            try File.remove(path, directory: true, at: directory)
        } else {
            try File.remove(path, at: directory)
        }
    }

    private func makeParents(_ path: String) throws(Errno) {
        var prefix = ""
        for part in path.split(separator: "/").dropLast() {
            prefix += prefix.isEmpty ? String(part) : "/\(part)"
            if try status(prefix) == nil { try File.makeDirectory(prefix, mode: 0o755, at: directory) }
        }
    }

    private mutating func fill(_ path: String, _ entry: TarEntry) throws(BoxError) {
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot write \(path)", errno: $0) }
        let file = try explaining(failure) { () throws(Errno) in
            try File.open(path, FileFlags.writeOnly | FileFlags.noFollow, at: directory)
        }
        while true {
            let bytes = try reader.read(atMost: 1 << 18)
            if bytes.isEmpty { break }
            try explaining(failure) { () throws(Errno) in try File.write(bytes, to: file.raw) }
        }
        do throws(Errno) {
            try file.close()
            try finish(entry, path)
        } catch {
            throw failure(error)
        }
    }

    /// The owner before the mode: chown(2) takes set-id bits away.
    private mutating func finish(_ entry: TarEntry, _ path: String) throws(Errno) {
        try File.changeOwner(path, uid: owner?.uid ?? entry.uid, gid: owner?.gid ?? entry.gid, at: directory)
        if entry.kind != .link { try File.changeMode(path, mode: entry.mode, at: directory) }
        times.append((path, entry.modified))
    }
}
