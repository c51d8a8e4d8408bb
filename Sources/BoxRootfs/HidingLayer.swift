internal import BoxSystem

/// The layer above the host's root, while it is being written.
struct HidingLayer {
    let tree: CInt
    let lower: CInt
    let idMapped: Bool
    let owner: Overlay
    /// The directories that are shown empty.
    let emptied: [String]

    /// A whiteout: a character device 0:0.
    func remove(_ path: String) throws(Errno) {
        let (directory, name) = Self.split(path)
        guard try makeParents(directory) else { return }
        let parent = try RootedPath.open(directory, in: tree)
        if File.exists(name, at: parent.raw) { return }
        try File.makeNode(
            name, type: 0o020000, mode: 0, device: DeviceNumber(major: 0, minor: 0), at: parent.raw)
    }

    /// An opaque directory: what lies below it on the host does not shine through.
    func empty(_ path: String) throws(Errno) {
        guard try isDirectory(path), try makeParents(path) else { return }
        let made = try RootedPath.open(path, in: tree, FileFlags.readOnly | FileFlags.directory)
        try File.setAttribute("trusted.overlay.opaque", [UInt8(ascii: "y")], on: made.raw)
    }

    private func isDirectory(_ path: String) throws(Errno) -> Bool {
        do {
            return try status(path).kind == .directory
        } catch {
            if error == .noSuchFileOrDirectory || error == .notDirectory || error == .tooManySymbolicLinkLevels {
                return false
            }
            throw error
        }
    }

    private func status(_ path: String) throws(Errno) -> FileStatus {
        let file = try RootedPath.open(path, in: lower, followLinks: false)
        return try File.status(at: file.raw)
    }

    /// Makes the directories of a path in the layer as they are below. False when the host has no such path:
    /// then there is nothing to hide.
    private func makeParents(_ path: String) throws(Errno) -> Bool {
        var prefix = ""
        for name in path.split(separator: "/") {
            prefix += prefix.isEmpty ? String(name) : "/" + name
            if File.exists(prefix, at: tree) { continue }
            guard try isDirectory(prefix) else { return false }
            try File.makeDirectory(prefix, mode: 0o755, at: tree)
            try copyAttributes(of: prefix, to: prefix)
        }
        return true
    }

    func copyAttributes(of path: String, to name: String) throws(Errno) {
        let below = try status(path)
        var (user, group) = (below.uid, below.gid)
        if idMapped || path == "." {
            // The lower file's owner is shown through the id map; this layer has none, so it is spelt out.
            (user, group) = (owner.shown(user: user), owner.shown(group: group))
        }
        try File.changeOwner(name, uid: user, gid: group, at: tree)
        try File.changeMode(name, mode: below.mode, at: tree)
    }

    /// The names that a path with a `*` in its last part stands for; itself where there is none.
    func expand(_ path: String) throws(Errno) -> [String] {
        let (directory, pattern) = Self.split(path)
        guard pattern.contains("*") else { return [path] }
        guard try isDirectory(directory) else { return [] }
        let listed = try RootedPath.open(
            directory, in: lower, FileFlags.readOnly | FileFlags.directory, followLinks: false)
        let middle = pattern.split(separator: "*").joined()
        let names = try File.list(listed.raw).filter { name in
            if pattern.hasPrefix("*") { return Self.contains(name, middle) }
            return name.hasPrefix(middle)
        }
        return names.map { directory + "/" + $0 }
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
    }

    private static func split(_ path: String) -> (String, String) {
        let parts = path.split(separator: "/")
        return (parts.dropLast().joined(separator: "/"), parts.last.map(String.init) ?? "")
    }

    /// Hides below a directory what its mode does not let everybody read, or search.
    func guardTree(_ path: String, depth: Int) throws(Errno) {
        guard try isDirectory(path) else { return }
        let tree = try RootedPath.open(path, in: lower, FileFlags.readOnly | FileFlags.directory, followLinks: false)
        try guardTree(tree.raw, path, depth: depth)
    }

    /// /etc alone has a thousand files and more, and they are looked at whenever a box starts: a call for each of them.
    private func guardTree(_ here: CInt, _ path: String, depth: Int) throws(Errno) {
        for entry in try File.entries(reading: here) where !entry.isLink {
            guard let status = try Self.unlessGone({ () throws(Errno) in try File.status(entry.name, at: here) })
            else { continue }
            if status.kind == .link { continue }
            if status.kind != .directory {
                if status.mode & 0o004 == 0 { try remove(path + "/" + entry.name) }
                continue
            }
            let inside = path + "/" + entry.name
            // What lies below an opaque directory is hidden already.
            if emptied.contains(inside) { continue }
            if status.mode & 0o005 != 0o005 {
                try empty(inside)
            } else if depth > 1 {
                let flags = FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow
                let below = try Self.unlessGone { () throws(Errno) in
                    try File.open(entry.name, flags, at: here).release()
                }
                guard let below else { continue }
                let owned = Descriptor(owning: below)
                try guardTree(owned.raw, inside, depth: depth - 1)
            }
        }
    }

    /// nil for what was listed and is not there any more, or is something else by now: nothing is there to be hidden.
    private static func unlessGone<Value>(_ look: () throws(Errno) -> Value) throws(Errno) -> Value? {
        do throws(Errno) {
            return try look()
        } catch {
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw error
        }
    }
}
