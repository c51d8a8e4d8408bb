internal import BoxOCI
internal import BoxSystem

/// What a box on the host's own root must not see. A read-only layer above the host's root takes the names away
/// before the first process of the box exists.
public struct HiddenPaths: Equatable, Sendable {
    /// Shown as empty directories; relative to the root, no leading slash.
    public var emptied: [String]
    /// Taken away altogether; the last part may end or begin with `*`.
    public var removed: [String]
    /// Entries of `/` that are shown; whatever else lies there (/data, /work, a swap file) is taken away.
    public var shownTopLevel: Set<String>

    /// The standing list, with `extra` (absolute paths) beside it.
    public init(extra: [String] = []) {
        emptied = [
            "root", "home", "boot", "srv", "mnt", "media", "tmp", "run", "var/lib", "var/spool", "var/mail", "var/tmp",
            "var/log", "var/backups", "etc/ssl/private", "etc/sudoers.d", "etc/wireguard", "etc/swiftbox",
            "etc/NetworkManager/system-connections", "etc/letsencrypt", "usr/local/etc",
        ]
        removed = [
            "etc/shadow*", "etc/gshadow*", "etc/ssh/*key*", "etc/sudoers", "etc/krb5.keytab", "etc/ipsec.secrets",
            "etc/security/opasswd", "etc/.pwd.lock",
        ]
        shownTopLevel = [
            "bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt", "var", "dev", "proc", "sys", "run",
            "tmp", "mnt", "media", "root", "home", "boot", "srv", "nix", "gnu",
        ]
        removed += extra.map { String($0.drop { $0 == "/" }) }
    }

    /// Builds the layer over the root behind `lower`, attached, owned so that the box's root owns what is shown.
    func makeLayer(over lower: CInt, options: Overlay, attaching open: OpenLayers) throws(Errno) -> Descriptor {
        let tree = try Overlay.makeScratch(size: 1 << 20, attaching: open)
        let layer = Layer(tree: tree.raw, lower: lower, idMapped: options.idMapped, owner: options)
        try layer.copyAttributes(of: ".", to: ".")
        for name in try File.list(lower) where !shownTopLevel.contains(name) {
            try layer.remove(name)
        }
        for path in emptied { try layer.empty(path) }
        for path in removed {
            for name in try layer.expand(path) { try layer.remove(name) }
        }
        try Mounts.change(tree.raw, set: .readOnly)
        return tree
    }

    private struct Layer {
        let tree: CInt
        let lower: CInt
        let idMapped: Bool
        let owner: Overlay

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
            try File.setAttribute("trusted.overlay.opaque", "y", on: made.raw)
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
    }
}

extension Overlay {
    /// The host's id that shows as the given one in the box; ids outside the block show as the box's root.
    func shown(user: UInt32) -> UInt32 { user < 65536 ? rootUser + user : rootUser }
    func shown(group: UInt32) -> UInt32 { group < 65536 ? rootGroup + group : rootGroup }
}
