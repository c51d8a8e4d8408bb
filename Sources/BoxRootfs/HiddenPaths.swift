internal import BoxOCI
internal import BoxSystem

/// What a box on the host's own root must not see. A read-only layer above the host's root takes the names away
/// before the first process of the box exists.
public struct HiddenPaths: Equatable, Sendable {
    /// Shown as empty directories; relative to the root, no leading slash.
    public var emptied: [String]
    /// Taken away altogether; the last part may end or begin with `*`.
    public var removed: [String]
    /// Trees in which whatever the host does not let everybody read is taken away too, to this depth: the box's root
    /// owns the files that the host's root owns, so their modes alone would not keep it out.
    public var guarded: [Guarded]
    /// Entries of `/` that are shown; whatever else lies there (/data, /projects, a swap file) is taken away.
    public var shownTopLevel: Set<String>

    public struct Guarded: Equatable, Sendable {
        public var path: String
        public var depth: Int
    }

    /// Paths of /etc that no box sees, where they can only be masked.
    public static let ofEtc = [
        "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/sudoers.d",
        "/etc/ssl/private",
        "/etc/wireguard", "/etc/swiftbox", "/etc/NetworkManager/system-connections", "/etc/letsencrypt",
        "/etc/krb5.keytab",
    ]

    /// The standing list, with `extra` (absolute paths) beside it.
    public init(extra: [String] = []) {
        emptied = [
            "root", "home", "boot", "srv", "mnt", "media", "tmp", "run", "var/lib", "var/spool", "var/mail", "var/tmp",
            "var/log", "var/backups", "etc/ssl/private", "etc/sudoers.d", "etc/wireguard", "etc/swiftbox",
            "etc/NetworkManager/system-connections", "etc/letsencrypt",
        ]
        removed = [
            "etc/shadow*", "etc/gshadow*", "etc/ssh/*key*", "etc/sudoers", "etc/krb5.keytab", "etc/ipsec.secrets",
            "etc/security/opasswd", "etc/.pwd.lock",
        ]
        shownTopLevel = [
            "bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt", "var", "dev", "proc", "sys", "run",
            "tmp", "mnt", "media", "root", "home", "boot", "srv", "nix", "gnu",
        ]
        guarded = [
            Guarded(path: "etc", depth: 16), Guarded(path: "opt", depth: 2), Guarded(path: "var", depth: 2),
            Guarded(path: "usr/local", depth: 2),
        ]
        removed += extra.map { String($0.drop { $0 == "/" }) }
    }

    /// Builds the layer over the root behind `lower`, attached, owned so that the box's root owns what is shown.
    func makeLayer(over lower: CInt, options: Overlay, attaching open: OpenLayers) throws(Errno) -> Descriptor {
        let tree = try Overlay.makeScratch(size: 1 << 20, attaching: open)
        let layer = HidingLayer(
            tree: tree.raw, lower: lower, idMapped: options.idMapped, owner: options, emptied: emptied)
        try layer.copyAttributes(of: ".", to: ".")
        for name in try File.list(lower) where !shownTopLevel.contains(name) {
            try layer.remove(name)
        }
        for path in emptied { try layer.empty(path) }
        for path in removed {
            for name in try layer.expand(path) { try layer.remove(name) }
        }
        for tree in guarded { try layer.guardTree(tree.path, depth: tree.depth) }
        try Mounts.change(tree.raw, set: .readOnly)
        return tree
    }
}

extension Overlay {
    /// The host's id that shows as the given one in the box; ids outside the block show as the box's root.
    func shown(user: UInt32) -> UInt32 { user < 65536 ? rootUser + user : rootUser }
    func shown(group: UInt32) -> UInt32 { group < 65536 ? rootGroup + group : rootGroup }
}
