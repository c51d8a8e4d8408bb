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
    }

    public var bind: Bind?
    public var set: MountAttributes = []
    public var clear: MountAttributes = []
    public var recursiveSet: MountAttributes = []
    public var recursiveClear: MountAttributes = []
    public var propagation: PropagationChange?
    /// `idmap`: the box's ids own the files as on the host (mount_setattr(2), MOUNT_ATTR_IDMAP).
    public var idMapped = false
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

    private static let attributes: [String: MountAttributes] = [
        "ro": .readOnly, "nosuid": .noSuid, "nodev": .noDev, "noexec": .noExec, "noatime": .noAccessTime,
        "strictatime": .strictAccessTime, "nodiratime": .noDirectoryAccessTime, "nosymfollow": .noSymlinkFollow,
    ]
    private static let opposites: [String: MountAttributes] = [
        "rw": .readOnly, "suid": .noSuid, "dev": .noDev, "exec": .noExec, "atime": .noAccessTime,
        "nostrictatime": .strictAccessTime, "diratime": .noDirectoryAccessTime, "symfollow": .noSymlinkFollow,
        // relatime is the kernel's default: nothing set in the access-time field.
        "relatime": .accessTimeMask, "norelatime": [],
    ]
    private static let propagations: [String: Propagation] = [
        "private": .private, "shared": .shared, "slave": .slave, "unbindable": .unbindable,
    ]
    /// Flags of the superblock that fsconfig(2) takes by these very names.
    private static let superblockFlags: Set<String> = [
        "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand", "iversion", "noiversion",
    ]
    /// Say how chatty the kernel's log is or repeat a default: nothing to set in the mount API.
    private static let withoutEffect: Set<String> = ["defaults", "silent", "loud", "remount"]
    private static let notYet: Set<String> = ["ridmap", "tmpcopyup"]

    /// Every option that `parse` understands itself, sorted; others are the file system's own affair.
    public static var recognized: [String] {
        let attributes = Array(attributes.keys) + opposites.keys
        let plain = attributes + superblockFlags + withoutEffect + ["bind", "rbind", "idmap"]
        return (plain + propagations.keys + (attributes + propagations.keys).map { "r" + $0 }).sorted()
    }

    /// Sorts the options of a mount; `field` is the mount's place, `mounts[3]`.
    public static func parse(_ options: [String], type: String?, field: String) throws(BoxError) -> MountOptions {
        var result = MountOptions()
        if type == "bind" { result.bind = .plain }
        for option in options {
            if notYet.contains(option) {
                throw BoxError(
                    .unsupported, "the mount option \(option) is not available in this version",
                    field: "\(field).options")
            }
            result.add(option)
        }
        if result.bind != nil, let datum = result.data.first {
            throw BoxError(
                .invalidSpec, "\(datum.key) means nothing for a bind mount", field: "\(field).options",
                remedy: "remove it, or name the file system's type")
        }
        return result
    }

    private mutating func add(_ option: String) {
        if option == "bind" {
            bind = bind ?? .plain
        } else if option == "rbind" {
            bind = .recursive
        } else if option == "idmap" {
            idMapped = true
        } else if Self.withoutEffect.contains(option) {
            return
        } else if let attribute = Self.attributes[option] {
            set.formUnion(attribute)
            clear.subtract(attribute)
        } else if let attribute = Self.opposites[option] {
            clear.formUnion(attribute)
            set.subtract(attribute)
        } else if let kind = Self.propagations[option] {
            propagation = PropagationChange(kind: kind, recursive: false)
        } else if option.first == "r", addRecursive(String(option.dropFirst())) {
            return
        } else if Self.superblockFlags.contains(option) {
            data.append(Datum(key: option, value: nil))
        } else {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            data.append(Datum(key: String(parts[0]), value: parts.count == 2 ? String(parts[1]) : nil))
        }
    }

    /// `rro`, `rnosuid`, `rprivate`: the option without its `r`. False when there is no such option.
    private mutating func addRecursive(_ option: String) -> Bool {
        if let kind = Self.propagations[option] {
            propagation = PropagationChange(kind: kind, recursive: true)
        } else if let attribute = Self.attributes[option] {
            recursiveSet.formUnion(attribute)
            recursiveClear.subtract(attribute)
        } else if let attribute = Self.opposites[option] {
            recursiveClear.formUnion(attribute)
            recursiveSet.subtract(attribute)
        } else {
            return false
        }
        return true
    }
}
