internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Writes a tar's entries below a directory. The caller has made the box's or the image's root its own, so that no link
/// leads out; names that climb are refused all the same. Processes of the box may change the tree meanwhile: an entry's
/// directory is found once, and what is made there is worked on by its descriptor. One thread only.
struct Unpacking {
    /// A directory does not take the place of something else, nor the other way round.
    var keepsKinds = false
    /// What was left out.
    private(set) var omissions = Omissions()
    private var reader: TarReader
    private var folders: UnpackFolders
    /// Of directories, set last: what is unpacked into one changes it.
    private var times: [(path: String, modified: Int64)] = []
    /// Bytes of the paths in `times`, and how many there may be.
    private var kept = 0
    private static let mostKept = 64 << 20

    /// `directory` stays the caller's.
    init(_ input: CInt, into directory: CInt, limit: ArchiveLimit) {
        reader = TarReader(input, limit: limit)
        folders = UnpackFolders(directory)
    }

    mutating func run() throws(BoxError) {
        while let entry = try reader.next() {
            let path = try Self.parts(entry.path)
            guard let name = path.last else { continue }
            let failure: (Errno) -> BoxError = { Self.failure($0, path) }
            if entry.kind == .character || entry.kind == .block {
                omissions.add(device: path)
                continue
            }
            let parent = try explaining(failure) { () throws(Errno) in try folders.open(path.dropLast()) }
            try make(room: name, parent, for: entry, path)
            if entry.kind == .directory {
                kept += entry.path.utf8.count
                if kept > Self.mostKept { throw TarReader.broken("it has too many directories") }
            }
            if entry.kind == .file {
                try fill(name, parent, entry, path)
            } else {
                do throws(Errno) {
                    try make(entry, name, parent, path)
                } catch {
                    throw failure(error)
                }
            }
        }
        for (path, modified) in times.reversed() {
            let parts = try Self.parts(path)
            try explaining({ Self.failure($0, parts) }) { () throws(Errno) in
                try File.setModified(parts.last ?? ".", modified, at: try folders.open(parts.dropLast()).raw)
            }
        }
    }

    /// Relative, without `.`; none for the directory itself.
    static func parts(_ path: String) throws(BoxError) -> [String] {
        let parts = path.split(separator: "/").filter { $0 != "." }.map { String($0) }
        if parts.contains("..") || path.utf8.count > 4096 || path.utf8.contains(0) {
            throw TarReader.broken("the name \(JSON.quoted(String(path.prefix(80)))) leads out of it")
        }
        return parts
    }

    private static func failure(_ errno: Errno, _ path: [String]) -> BoxError {
        let name = JSON.quoted(String(path.joined(separator: "/").suffix(200)))
        return BoxError(.kernel, "cannot unpack \(name)", errno: errno)
    }

    // MARK: What is there already

    private mutating func make(
        room name: String, _ parent: OpenDirectory, for entry: TarMember, _ path: [String]
    ) throws(BoxError) {
        let failure: (Errno) -> BoxError = { Self.failure($0, path) }
        let there: FileStatus
        do throws(Errno) {
            there = try File.status(name, at: parent.raw)
        } catch {
            if error == .noSuchFileOrDirectory { return }
            throw failure(error)
        }
        let isDirectory = there.kind == .directory
        if isDirectory && entry.kind == .directory { return }
        if keepsKinds && isDirectory != (entry.kind == .directory) {
            throw BoxError(
                .invalidSpec,
                isDirectory
                    ? "cannot overwrite the directory \(JSON.quoted(name)) with what is none"
                    : "cannot overwrite \(JSON.quoted(name)) with a directory")
        }
        folders.forget()
        try explaining(failure) { () throws(Errno) in
            try File.remove(name, directory: isDirectory, at: parent.raw)
        }
    }

    // MARK: Making

    private mutating func make(
        _ entry: TarMember, _ name: String, _ parent: OpenDirectory, _ path: [String]
    ) throws(Errno) {
        switch entry.kind {
        case .directory:
            try tolerating(.fileExists) { () throws(Errno) in
                try File.makeDirectory(name, mode: 0o755, at: parent.raw)
            }
            let made = try OpenDirectory(name, at: parent.raw)
            try finish(made.raw, entry, path)
            times.append((entry.path, entry.modified))
        case .hardLink:
            let target: [String]
            do throws(BoxError) { target = try Self.parts(entry.target) } catch { throw .invalidArgument }
            guard let existing = target.last else { throw .invalidArgument }
            if omissions.devices.contains(target) { return omissions.add(device: path) }
            let place = try folders.open(target.dropLast())
            try File.makeHardLink(name, at: parent.raw, to: existing, at: place.raw)
        case .link, .fifo:
            if entry.kind == .link {
                // It would be cut there.
                if entry.target.utf8.contains(0) { throw .invalidArgument }
                try File.makeLink(name, to: entry.target, at: parent.raw)
            } else {
                let none = DeviceNumber(major: 0, minor: 0)
                try File.makeNode(name, type: 0o010000, mode: entry.mode & 0o777, device: none, at: parent.raw)
            }
            try File.changeOwner(name, uid: entry.uid, gid: entry.gid, at: parent.raw)
            omissions.add(attributes: Array(entry.attributes.keys))
            try File.setModified(name, entry.modified, at: parent.raw)
        case .file, .character, .block: return
        }
    }

    private mutating func fill(
        _ name: String, _ parent: OpenDirectory, _ entry: TarMember, _ path: [String]
    ) throws(BoxError) {
        let failure: (Errno) -> BoxError = { Self.failure($0, path) }
        let flags = FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow
        let file = try explaining(failure) { () throws(Errno) in
            try File.open(name, flags, mode: 0o600, at: parent.raw)
        }
        while true {
            let bytes = try reader.read(atMost: 1 << 18)
            if bytes.isEmpty { break }
            try explaining(failure) { () throws(Errno) in try File.write(bytes, to: file.raw) }
        }
        do throws(Errno) {
            try finish(file.raw, entry, path)
            try file.close()
            try File.setModified(name, entry.modified, at: parent.raw)
        } catch {
            throw failure(error)
        }
    }

    /// The owner before the mode, and both before the attributes: chown(2) takes set-id bits and capabilities away.
    private mutating func finish(_ descriptor: CInt, _ entry: TarMember, _ path: [String]) throws(Errno) {
        try File.changeOwner(uid: entry.uid, gid: entry.gid, at: descriptor)
        try File.changeMode(of: descriptor, entry.mode)
        omissions.add(attributes: try TarAttributes.write(entry.attributes, to: descriptor))
    }
}

/// What of an archive was not unpacked.
struct Omissions {
    /// A box has a /dev of its own. Some of them, and how many there are.
    private(set) var devices: Set<[String]> = []
    private var deviceCount = 0
    /// By name, on how many files.
    private var attributes: [String: Int] = [:]

    mutating func add(device path: [String]) {
        deviceCount += 1
        if devices.count < 10_000 { devices.insert(path) }
    }
    mutating func add(attributes names: [String]) {
        for name in names where attributes.count < 20 || attributes[name] != nil { attributes[name, default: 0] += 1 }
    }

    /// A line each.
    var warnings: [String] {
        var lines: [String] = []
        if deviceCount > 0 {
            lines.append("\(deviceCount) device nodes of the archive are left out: a box has a /dev of its own")
        }
        for (name, count) in attributes.sorted(by: { $0.key < $1.key }) {
            lines.append("the attribute \(JSON.quoted(String(name.prefix(80)))) of \(count) files is left out")
        }
        return lines
    }
}

/// The directories that entries go into, found and made below one. The last one is kept open.
struct UnpackFolders {
    private let base: CInt
    private var last: (path: ArraySlice<String>, directory: OpenDirectory)?

    init(_ directory: CInt) { base = directory }

    /// After something was removed, which the directory that is kept open may have been.
    mutating func forget() { last = nil }

    /// What is missing is made, with mode 755. Links lead where they lead in this root.
    mutating func open(_ path: ArraySlice<String>) throws(Errno) -> OpenDirectory {
        if let last, last.path == path { return last.directory }
        var here = try OpenDirectory(".", at: base)
        for name in path {
            do throws(Errno) {
                here = try OpenDirectory(following: name, at: here.raw)
            } catch {
                if error != .noSuchFileOrDirectory { throw error }
                try tolerating(.fileExists) { () throws(Errno) in
                    try File.makeDirectory(name, mode: 0o755, at: here.raw)
                }
                here = try OpenDirectory(name, at: here.raw)
            }
        }
        last = (path, here)
        return here
    }
}
