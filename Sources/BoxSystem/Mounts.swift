internal import CBoxLinux

/// Attributes of one mount, as mount_setattr(2) and fsmount(2) take them (MOUNT_ATTR_*).
public struct MountAttributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let readOnly = MountAttributes(rawValue: 0x1)
    public static let noSuid = MountAttributes(rawValue: 0x2)
    public static let noDev = MountAttributes(rawValue: 0x4)
    public static let noExec = MountAttributes(rawValue: 0x8)
    /// The access-time settings share a field: relatime is 0.
    public static let noAccessTime = MountAttributes(rawValue: 0x10)
    public static let strictAccessTime = MountAttributes(rawValue: 0x20)
    public static let accessTimeMask = MountAttributes(rawValue: 0x70)
    public static let noDirectoryAccessTime = MountAttributes(rawValue: 0x80)
    public static let idMap = MountAttributes(rawValue: 0x100000)
    public static let noSymlinkFollow = MountAttributes(rawValue: 0x200000)
}

/// How mount events travel (mount_namespaces(7)).
public enum Propagation: UInt64, Hashable, Sendable {
    case unbindable = 0x20000
    case `private` = 0x40000
    case slave = 0x80000
    case shared = 0x100000
}

/// The mount calls of the kernel, on descriptors where they can be.
///
/// All work on the mount namespace of the caller and are thread-safe as far as the kernel's are.
public enum Mounts {
    static let emptyPath: CInt = 0x1000
    static let recursive: CInt = 0x8000

    /// open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount at a path.
    public static func cloneTree(
        _ path: String, at directory: CInt = FileFlags.currentDirectory, recursive: Bool
    ) throws(Errno) -> Descriptor {
        let flags =
            1 | UInt32(FileFlags.closeOnExec) | (path.isEmpty ? UInt32(emptyPath) : 0)
            | (recursive ? UInt32(Self.recursive) : 0)
        return Descriptor(owning: CInt(try check(box_open_tree(directory, path, flags))))
    }

    /// move_mount(2) of the mount behind one descriptor onto what another stands for.
    public static func attach(_ mount: CInt, onto target: CInt) throws(Errno) {
        try check(box_move_mount(mount, "", target, "", 0x4 | 0x40))
    }

    /// move_mount(2) onto a path; only for paths of our own making.
    public static func attach(_ mount: CInt, ontoPath path: String) throws(Errno) {
        try check(box_move_mount(mount, "", FileFlags.currentDirectory, path, 0x4))
    }

    /// mount_setattr(2) on the mount behind a descriptor. Setting one of the access-time
    /// settings clears the others, as the kernel asks for.
    public static func change(
        _ mount: CInt, set: MountAttributes = [], clear: MountAttributes = [],
        propagation: Propagation? = nil, userNamespace: CInt = -1, recursive: Bool = false
    ) throws(Errno) {
        let touchesTime = !set.union(clear).isDisjoint(with: .accessTimeMask)
        let cleared = touchesTime ? clear.union(.accessTimeMask) : clear
        let flags = UInt32(emptyPath) | (recursive ? UInt32(Self.recursive) : 0)
        try check(
            box_mount_setattr(
                mount, "", flags, set.rawValue, cleared.rawValue, propagation?.rawValue ?? 0, userNamespace))
    }

    /// mount_setattr(2) on a path, for the propagation of `/`.
    public static func changePropagation(_ path: String, _ propagation: Propagation, recursive: Bool) throws(Errno) {
        try check(
            box_mount_setattr(
                FileFlags.currentDirectory, path, recursive ? UInt32(Self.recursive) : 0, 0, 0,
                propagation.rawValue, -1))
    }

    /// mount(2) of a new file system onto the working directory: for the flags that only this call takes.
    public static func mountHere(_ type: String, source: String, flags: UInt, data: String) throws(Errno) {
        try check(box_mount(source, ".", type, flags, data))
    }

    /// umount2(2) with MNT_DETACH and UMOUNT_NOFOLLOW.
    public static func detach(_ path: String) throws(Errno) {
        try check(box_umount2(path, 2 | 8))
    }

    /// pivot_root(".", "."): the working directory becomes the root, the old root lies under it.
    public static func pivotToWorkingDirectory() throws(Errno) {
        try check(box_pivot_root(".", "."))
    }
}

/// A file system that is being configured: fsopen(2), fsconfig(2), fsmount(2).
public struct FileSystemContext: ~Copyable {
    let descriptor: Descriptor

    /// fsopen(2); ENODEV when the kernel does not have the type.
    public init(type: String) throws(Errno) {
        descriptor = Descriptor(owning: CInt(try check(box_fsopen(type, 1))))
    }

    /// fspick(2) of what is mounted at a directory, to be changed by `reconfigure`.
    public init(at mountPoint: CInt) throws(Errno) {
        descriptor = Descriptor(owning: CInt(try check(box_fspick(mountPoint, 1 | 8))))
    }

    /// FSCONFIG_CMD_RECONFIGURE.
    public borrowing func reconfigure() throws(Errno) {
        try check(box_fsconfig(descriptor.raw, 7, nil, nil, 0))
    }

    /// FSCONFIG_SET_STRING; at most 255 bytes.
    public borrowing func set(_ key: String, _ value: String) throws(Errno) {
        try check(box_fsconfig(descriptor.raw, 1, key, value, 0))
    }

    /// Whether the file system was not yet made for this interface (overlay before 6.5): it then takes any option as
    /// text and judges all of them in the end. The kernel tells by EOPNOTSUPP to FSCONFIG_SET_FD.
    public borrowing func takesAnyOption() -> Bool {
        let result = box_fsconfig(descriptor.raw, 5, "fd", nil, descriptor.raw)
        // What the others say of the option that they do not know.
        _ = kernelMessage()
        return result == -Int(Errno.notSupportedOnSocket.rawValue)
    }

    /// FSCONFIG_SET_FLAG.
    public borrowing func set(_ flag: String) throws(Errno) {
        try check(box_fsconfig(descriptor.raw, 0, flag, nil, 0))
    }

    /// FSCONFIG_CMD_CREATE and fsmount(2): a detached mount.
    public borrowing func mount(_ attributes: MountAttributes = []) throws(Errno) -> Descriptor {
        try check(box_fsconfig(descriptor.raw, 6, nil, nil, 0))
        return Descriptor(owning: CInt(try check(box_fsmount(descriptor.raw, 1, UInt32(attributes.rawValue)))))
    }

    /// What the kernel said about the last failure ("e overlay: ..."), or "" when it said nothing.
    public borrowing func kernelMessage() -> String {
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = box_read(descriptor.raw, &buffer, buffer.count)
        if count <= 2 { return "" }
        return String(decoding: buffer[2..<count].prefix { $0 != 10 }, as: UTF8.self)
    }
}
