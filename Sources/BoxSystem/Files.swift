internal import CBoxLinux
internal import Glibc

/// Flags of open(2), so that callers need no C module.
public enum FileFlags {
    public static let readOnly = O_RDONLY
    public static let writeOnly = O_WRONLY
    public static let readWrite = O_RDWR
    public static let create = O_CREAT
    public static let exclusive = O_EXCL
    public static let truncate = O_TRUNC
    public static let append = O_APPEND
    public static let directory = O_DIRECTORY
    public static let noFollow = O_NOFOLLOW
    public static let nonBlocking = O_NONBLOCK
    public static let noControllingTerminal = O_NOCTTY
    public static let closeOnExec = O_CLOEXEC
    /// Glibc shows it only with _GNU_SOURCE; the same on x86_64 and aarch64.
    public static let path: CInt = 0o10000000
    /// AT_FDCWD
    public static let currentDirectory: CInt = -100
    static let fDupFdCloexec: CInt = 1030
}

/// `resolve` of openat2(2).
public struct Resolve: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let noXdev = Resolve(rawValue: 0x01)
    public static let noMagicLinks = Resolve(rawValue: 0x02)
    public static let noSymlinks = Resolve(rawValue: 0x04)
    public static let beneath = Resolve(rawValue: 0x08)
    public static let inRoot = Resolve(rawValue: 0x10)
}

/// What fstatat(2) tells of a file.
public struct FileStatus: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case file, directory, link, character, block, fifo, socket
    }
    public var kind: Kind
    /// Permission bits, set-id and sticky bits included.
    public var mode: UInt32
    public var uid: UInt32
    public var gid: UInt32
    public var size: UInt64
    public var inode: UInt64
    /// Names that the file has.
    public var links: UInt32
    public var device: DeviceNumber
    /// Of a device node: the device it stands for.
    public var represents: DeviceNumber
}

/// A device as the kernel numbers it.
public struct DeviceNumber: Equatable, Hashable, Sendable {
    public var major: UInt32
    public var minor: UInt32
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }
}

/// Files by path or below a directory descriptor. Every call is thread-safe; every descriptor made
/// is close-on-exec. Each function's C namesake does the work.
public enum File {
    /// openat(2).
    public static func open(
        _ path: String, _ flags: CInt, mode: UInt32 = 0, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) -> Descriptor {
        Descriptor(
            owning: CInt(
                try checkRetrying {
                    box_openat(directory, path, flags | FileFlags.closeOnExec, mode)
                }))
    }

    /// openat2(2): the resolution is bound as `resolve` says; the way into everything inside a rootfs.
    public static func open(
        _ path: String, _ flags: CInt, mode: UInt32 = 0, below directory: CInt, _ resolve: Resolve
    ) throws(Errno) -> Descriptor {
        Descriptor(
            owning: CInt(
                try checkRetrying {
                    box_openat2(
                        directory, path, UInt64(UInt32(bitPattern: flags | FileFlags.closeOnExec)), UInt64(mode),
                        resolve.rawValue)
                }))
    }

    /// fstatat(2); AT_EMPTY_PATH when the path is empty, links are not followed unless asked.
    public static func status(
        _ path: String = "", at directory: CInt = FileFlags.currentDirectory, follow: Bool = false
    ) throws(Errno) -> FileStatus {
        var raw = box_stat()
        let flags = (path.isEmpty ? 0x1000 : 0) | (follow ? 0 : 0x100)
        try check(box_fstatat(directory, path, CInt(flags), &raw))
        return FileStatus(raw)
    }

    /// Whether there is anything at the path; links are not followed.
    public static func exists(_ path: String, at directory: CInt = FileFlags.currentDirectory) -> Bool {
        var raw = box_stat()
        return box_fstatat(directory, path, 0x100, &raw) == 0
    }

    /// statfs(2)'s f_type: which file system stands behind the descriptor.
    public static func fileSystemType(_ descriptor: CInt) throws(Errno) -> UInt32 {
        UInt32(try check(box_fstatfs_type(descriptor)))
    }

    /// mkdirat(2).
    public static func makeDirectory(
        _ path: String, mode: UInt32, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) {
        try check(box_mkdirat(directory, path, mode))
    }

    /// mknodat(2) of a device; `type` is S_IFCHR, S_IFBLK or S_IFIFO.
    public static func makeNode(
        _ path: String, type: UInt32, mode: UInt32, device: DeviceNumber, at directory: CInt
    ) throws(Errno) {
        try check(box_mknodat(directory, path, type | mode, device.major, device.minor))
    }

    /// symlinkat(2).
    public static func makeLink(_ path: String, to target: String, at directory: CInt) throws(Errno) {
        try check(box_symlinkat(target, directory, path))
    }

    /// unlinkat(2).
    public static func remove(
        _ path: String, directory isDirectory: Bool = false, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) {
        try check(box_unlinkat(directory, path, isDirectory ? 0x200 : 0))
    }

    /// renameat(2).
    public static func rename(
        _ from: String, to: String, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) {
        try check(box_renameat(directory, from, directory, to))
    }

    /// renameat2(2) with RENAME_EXCHANGE: both exist, and change places at once.
    public static func exchange(_ one: String, _ other: String, at directory: CInt) throws(Errno) {
        try check(box_renameat2(directory, one, directory, other, 2))
    }

    /// fchownat(2); AT_EMPTY_PATH when the path is empty, links are not followed.
    public static func changeOwner(
        _ path: String = "", uid: UInt32, gid: UInt32, at directory: CInt
    ) throws(Errno) {
        try check(box_fchownat(directory, path, uid, gid, path.isEmpty ? 0x1100 : 0x100))
    }

    /// fchmodat(2); follows links, so only for names just made.
    public static func changeMode(_ path: String, mode: UInt32, at directory: CInt) throws(Errno) {
        try check(box_fchmodat(directory, path, mode))
    }

    /// fchmod(2).
    public static func changeMode(of descriptor: CInt, _ mode: UInt32) throws(Errno) {
        try check(box_fchmod(descriptor, mode))
    }

    /// readlinkat(2), up to 4,096 bytes.
    public static func readLink(
        _ path: String, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) -> String {
        var filled = 0
        let text = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, used in
            filled = buffer.withMemoryRebound(to: CChar.self) {
                box_readlinkat(directory, path, $0.baseAddress, $0.count)
            }
            used = max(0, filled)
        }
        try check(filled)
        return String(decoding: text, as: UTF8.self)
    }

    /// read(2).
    public static func read(_ descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try checkRetrying { box_read(descriptor, buffer.baseAddress, buffer.count) }
    }

    /// One read(2) of so many bytes at most; empty at the end.
    public static func readSome(_ descriptor: CInt, atMost count: Int) throws(Errno) -> [UInt8] {
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            repeat {
                filled = box_read(descriptor, buffer.baseAddress, count)
            } while filled == -Int(Errno.interrupted.rawValue)
            used = max(0, filled)
        }
        try check(filled)
        return bytes
    }

    /// Everything up to the end, at most `limit` bytes; EFBIG beyond.
    public static func readAll(_ descriptor: CInt, limit: Int = 16 << 20) throws(Errno) -> [UInt8] {
        // Most of what is read is a kernel's file of a few lines.
        var size = 4096
        var all = try readSome(descriptor, atMost: size)
        if all.isEmpty { return all }
        while true {
            let more = try readSome(descriptor, atMost: size)
            if more.isEmpty { return all }
            all += more
            if all.count > limit { throw Errno.fileTooLarge }
            size = 65536
        }
    }

    /// The whole of a file as bytes; EFBIG beyond `limit`.
    public static func contents(
        of path: String, at directory: CInt = FileFlags.currentDirectory, limit: Int = 16 << 20
    ) throws(Errno) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY, at: directory)
        let bytes = try readAll(descriptor.raw, limit: limit)
        try descriptor.close()
        return bytes
    }

    /// The whole of a file as text; for the kernel's own files.
    public static func text(
        of path: String, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) -> String {
        String(decoding: try contents(of: path, at: directory), as: UTF8.self)
    }

    /// write(2) until all is written.
    public static func write(_ bytes: [UInt8], to descriptor: CInt) throws(Errno) {
        var done = 0
        while done < bytes.count {
            done += try checkRetrying {
                bytes.withUnsafeBytes { box_write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
            }
        }
    }

    /// One write(2) to a file that the kernel serves (cgroup, /proc, /sys): it takes a value whole or not at all.
    public static func writeValue(
        _ value: String, to path: String, at directory: CInt = FileFlags.currentDirectory
    ) throws(Errno) {
        let descriptor = try open(path, O_WRONLY, at: directory)
        try writeValue(value, to: descriptor.raw)
        try descriptor.close()
    }

    /// One write(2).
    public static func writeValue(_ value: String, to descriptor: CInt) throws(Errno) {
        try checkRetrying { box_write(descriptor, value, value.utf8.count) }
    }

    /// The names in a directory, `.` and `..` left out, in the kernel's order. EILSEQ where one is not UTF-8: repaired,
    /// it would name another file, and what is to be hidden or removed would stay. E2BIG where there are more than `limit`.
    public static func list(_ directory: CInt, limit: Int = .max) throws(Errno) -> [String] {
        let own = try open(".", O_RDONLY | FileFlags.directory, at: directory)
        let names = try entries(reading: own.raw, limit: limit).map(\.name)
        try own.close()
        return names
    }

    /// One of a directory's entries. What the file system does not tell with the name is `isLink` false.
    public struct Entry: Sendable {
        public var name: String
        public var isLink: Bool
    }

    /// What is left to read of a directory that was opened for reading; for the rest, as `list`.
    public static func entries(reading directory: CInt, limit: Int = .max) throws(Errno) -> [Entry] {
        var entries: [Entry] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let filled = try check(box_getdents64(directory, &buffer, buffer.count))
            if filled == 0 { return entries }
            try append(buffer[..<filled], to: &entries)
            if entries.count > limit { throw .argListTooLong }
        }
    }

    /// struct linux_dirent64: inode and offset 8 bytes each, record length 2, type 1, then the name.
    private static func append(_ records: ArraySlice<UInt8>, to entries: inout [Entry]) throws(Errno) {
        let link: UInt8 = 10
        var at = records.startIndex
        while at + 19 <= records.endIndex {
            let length = Int(records[at + 16]) | Int(records[at + 17]) << 8
            if length < 20 { return }
            let bytes = records[(at + 19)..<(at + length)].prefix { $0 != 0 }
            guard let name = String(validating: bytes, as: UTF8.self) else { throw .illegalByteSequence }
            if name != "." && name != ".." { entries.append(Entry(name: name, isLink: records[at + 18] == link)) }
            at += length
        }
    }

    /// flock(2) LOCK_EX | LOCK_NB: whether the lock was free and is now ours.
    public static func tryLock(_ descriptor: CInt) throws(Errno) -> Bool {
        let result = box_flock(descriptor, 2 | 4)
        if result == -Int(Errno.wouldBlock.rawValue) { return false }
        try check(result)
        return true
    }

    /// flock(2) LOCK_EX: waits until the lock is free.
    public static func lock(_ descriptor: CInt) throws(Errno) {
        try checkRetrying { box_flock(descriptor, 2) }
    }

    /// Whether the path still names the file behind the descriptor: between open and lock it may have been removed.
    public static func isStill(_ descriptor: CInt, _ path: String) throws(Errno) -> Bool {
        var named = box_stat()
        if box_fstatat(FileFlags.currentDirectory, path, 0x100, &named) < 0 { return false }
        let own = try status(at: descriptor)
        return own.inode == named.inode && own.device == FileStatus(named).device
    }

    /// Whether a descriptor is open for writing (fcntl(2), F_GETFL); EBADF when it is not open.
    public static func isWritable(_ descriptor: CInt) throws(Errno) -> Bool {
        try check(box_fcntl(descriptor, 3, 0)) & 3 != Int(FileFlags.readOnly)
    }

    /// O_NONBLOCK for the open file, wherever else it is open (fcntl(2), F_SETFL).
    public static func makeNonBlocking(_ descriptor: CInt) throws(Errno) {
        let flags = try check(box_fcntl(descriptor, 3, 0))
        try check(box_fcntl(descriptor, 4, flags | Int(FileFlags.nonBlocking)))
    }

    /// One write(2): how many bytes it took; 0 where a non-blocking descriptor has no room.
    public static func writeSome(_ bytes: ArraySlice<UInt8>, to descriptor: CInt) throws(Errno) -> Int {
        let result = bytes.withUnsafeBytes { bytes in
            while true {
                let result = box_write(descriptor, bytes.baseAddress, bytes.count)
                if result != -Int(Errno.interrupted.rawValue) { return result }
            }
        }
        return result == -Int(Errno.wouldBlock.rawValue) ? 0 : try check(result)
    }

    /// memfd_create(2), close-on-exec.
    public static func makeMemoryFile(_ name: String) throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try check(box_memfd_create(name, 1))))
    }
}

extension FileStatus {
    init(_ raw: box_stat) {
        kind =
            switch raw.mode & 0o170000 {
            case 0o040000: .directory
            case 0o120000: .link
            case 0o020000: .character
            case 0o060000: .block
            case 0o010000: .fifo
            case 0o140000: .socket
            default: .file
            }
        mode = raw.mode & 0o7777
        uid = raw.uid
        gid = raw.gid
        size = raw.size
        inode = raw.inode
        links = raw.links
        device = DeviceNumber(major: raw.major, minor: raw.minor)
        represents = DeviceNumber(major: raw.rdev_major, minor: raw.rdev_minor)
    }
}
