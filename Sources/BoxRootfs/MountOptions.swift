public import BoxOCI
public import BoxSystem

/// The options of one OCI mount, sorted into what the kernel takes where.
/// Pure; the names are those of the runtime specification's table and of mount(8).
public struct MountOptions: Equatable, Sendable {
    /// `bind` or `rbind`.
    public enum Bind: Equatable, Sendable { case plain, recursive }

    /// `private`, `rslave` and their like.
    public struct PropagationChange: Equatable, Sendable {
        public var kind: Propagation
        public var recursive: Bool

        public init(kind: Propagation, recursive: Bool) {
            self.kind = kind
            self.recursive = recursive
        }
    }

    public var bind: Bind?
    public var set: MountAttributes = []
    public var clear: MountAttributes = []
    public var recursiveSet: MountAttributes = []
    public var recursiveClear: MountAttributes = []
    /// In the order given: `slave` and then `shared` is both.
    public var propagation: [PropagationChange] = []
    /// `idmap`: the box's ids own the files as on the host (mount_setattr(2), MOUNT_ATTR_IDMAP); `ridmap`: those of the
    /// mounts below too.
    public var idMap: Bind?
    /// `tmpcopyup`: a tmpfs begins with what lies under it.
    public var copiesUp = false
    /// `remount`: changes what is mounted there already.
    public var remounts = false
    /// What only mount(2) can hand to a file system: MS_SILENT, MS_I_VERSION.
    public var mountFlags: UInt = 0
    /// For the file system itself: a flag when the value is nil.
    public var data: [Datum] = []

    /// An option that goes to the file system itself, as fsconfig(2) takes it.
    public struct Datum: Equatable, Sendable {
        public var key: String
        public var value: String?

        public init(key: String, value: String?) {
            self.key = key
            self.value = value
        }
    }

    public init() {}

    // Switches, not dictionaries: a start would have to fill them first.

    private static func attribute(_ option: String) -> MountAttributes? {
        switch option {
        case "ro": .readOnly
        case "nosuid": .noSuid
        case "nodev": .noDev
        case "noexec": .noExec
        case "noatime": .noAccessTime
        case "strictatime": .strictAccessTime
        case "nodiratime": .noDirectoryAccessTime
        case "nosymfollow": .noSymlinkFollow
        default: nil
        }
    }

    private static func opposite(_ option: String) -> MountAttributes? {
        switch option {
        case "rw": .readOnly
        case "suid": .noSuid
        case "dev": .noDev
        case "exec": .noExec
        case "atime": .noAccessTime
        case "nostrictatime": .strictAccessTime
        case "diratime": .noDirectoryAccessTime
        case "symfollow": .noSymlinkFollow
        // The kernel's default: nothing set in the access-time field.
        case "relatime": .accessTimeMask
        case "norelatime": []
        default: nil
        }
    }

    private static func propagation(_ option: String) -> Propagation? {
        switch option {
        case "private": .private
        case "shared": .shared
        case "slave": .slave
        case "unbindable": .unbindable
        default: nil
        }
    }

    /// MS_SILENT and MS_I_VERSION, to be set or taken away.
    private static func mountFlag(_ option: String) -> (flag: UInt, isSet: Bool)? {
        switch option {
        case "silent": (1 << 15, true)
        case "iversion": (1 << 23, true)
        case "loud": (1 << 15, false)
        case "noiversion": (1 << 23, false)
        default: nil
        }
    }

    /// Off by default; fsconfig(2) takes these and their opposites by these very names, for any file system.
    private static let superblockFlags = ["sync", "dirsync", "lazytime", "mand"]
    private static let withoutSuperblockFlags = ["async", "nolazytime", "nomand"]

    /// Every option that `parse` understands itself, sorted; others are the file system's own affair.
    public static var recognized: [String] {
        let recursive = [
            "ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "noatime", "atime", "strictatime",
            "nostrictatime", "nodiratime", "diratime", "nosymfollow", "symfollow", "relatime", "norelatime", "private",
            "shared", "slave", "unbindable",
        ]
        let plain = ["bind", "defaults", "idmap", "rbind", "remount", "ridmap", "tmpcopyup"]
        let flags = superblockFlags + withoutSuperblockFlags + ["silent", "loud", "iversion", "noiversion"]
        return (plain + flags + recursive + recursive.map { "r" + $0 }).sorted()
    }

    /// Sorts the options of a mount; `field` is the mount's place, `mounts[3]`.
    public static func parse(_ options: [String], type: String?, field: String) throws(BoxError) -> MountOptions {
        var result = MountOptions()
        if type == "bind" { result.bind = .plain }
        for option in options { result.add(option) }
        if result.bind != nil { try result.refuseForBind(field) }
        if result.copiesUp && type != "tmpfs" {
            throw BoxError(
                .invalidSpec, "tmpcopyup needs a tmpfs, found \(type ?? "no type")", field: "\(field).options")
        }
        return result
    }

    /// A bind shows a file system that is there already: what belongs to that, it cannot change. What is off by default
    /// may be named.
    private mutating func refuseForBind(_ field: String) throws(BoxError) {
        data.removeAll { $0.value == nil && Self.withoutSuperblockFlags.contains($0.key) }
        mountFlags &= ~(1 << 15)
        let words = data.map(\.key) + (mountFlags == 0 ? [] : ["iversion"])
        if let word = words.first {
            throw BoxError(
                .invalidSpec, "\(word) means nothing for a bind mount", field: "\(field).options",
                remedy: "remove it, or name the file system's type")
        }
    }

    private mutating func add(_ option: String) {
        switch option {
        case "defaults": return
        case "bind": bind = bind ?? .plain
        case "rbind": bind = .recursive
        case "idmap": idMap = idMap ?? .plain
        case "ridmap": idMap = .recursive
        case "tmpcopyup": copiesUp = true
        case "remount": remounts = true
        default: addFlag(option)
        }
    }

    private mutating func addFlag(_ option: String) {
        if let attribute = Self.attribute(option) {
            Self.add(attribute, to: &set, takingFrom: &clear)
        } else if let attribute = Self.opposite(option) {
            Self.remove(attribute, from: &set, addingTo: &clear)
        } else if let kind = Self.propagation(option) {
            propagation.append(PropagationChange(kind: kind, recursive: false))
        } else if let (flag, isSet) = Self.mountFlag(option) {
            mountFlags = isSet ? mountFlags | flag : mountFlags & ~flag
        } else if option.first == "r", addRecursive(String(option.dropFirst())) {
            return
        } else {
            addDatum(option)
        }
    }

    /// A flag of the superblock, which fsconfig(2) knows by this name, or the file system's own language.
    private mutating func addDatum(_ option: String) {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        data.append(Datum(key: String(parts[0]), value: parts.count == 2 ? String(parts[1]) : nil))
    }

    /// The access-time settings are one value: the last one counts.
    private static func add(
        _ attribute: MountAttributes, to set: inout MountAttributes, takingFrom clear: inout MountAttributes
    ) {
        if !attribute.isDisjoint(with: .accessTimeMask) { set.subtract(.accessTimeMask) }
        set.formUnion(attribute)
        clear.subtract(attribute)
    }

    private static func remove(
        _ attribute: MountAttributes, from set: inout MountAttributes, addingTo clear: inout MountAttributes
    ) {
        clear.formUnion(attribute)
        set.subtract(attribute)
    }

    /// `rro`, `rnosuid`, `rprivate`: the option without its `r`. False when there is no such option.
    private mutating func addRecursive(_ option: String) -> Bool {
        if let kind = Self.propagation(option) {
            propagation.append(PropagationChange(kind: kind, recursive: true))
        } else if let attribute = Self.attribute(option) {
            Self.add(attribute, to: &recursiveSet, takingFrom: &recursiveClear)
        } else if let attribute = Self.opposite(option) {
            Self.remove(attribute, from: &recursiveSet, addingTo: &recursiveClear)
        } else {
            return false
        }
        return true
    }
}
