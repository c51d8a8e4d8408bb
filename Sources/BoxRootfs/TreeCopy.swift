public import BoxOCI
public import BoxSystem

/// Copies what lies in a box, which may be hostile, by descriptors alone: regular files, directories and links; with
/// their modes, less set-id bits unless they are to stay, and their owners as the box sees them. Devices, sockets and
/// pipes are left out.
public struct TreeCopy {
    let owners: IDMapping.Inverse
    private let limit: UInt64
    private let modes: UInt32
    private let entryLimit: Int
    public private(set) var bytes: UInt64 = 0
    public private(set) var entries = 0
    /// What was left out, up to ten names.
    public private(set) var skipped: [String] = []

    public static let maxEntries = 100_000
    public static let maxDepth = 100
    /// proc, sysfs, cgroup2, devpts, mqueue: what looks like files there is none.
    private static let kernelsOwn: Set<UInt32> = [0x9fa0, 0x6265_6572, 0x6367_7270, 0x1cd1, 0x1980_0202]

    /// At most `limit` bytes.
    public init(owners: IDMapping.Inverse, limit: UInt64) {
        self.owners = owners
        self.limit = limit
        (modes, entryLimit) = (0o777, Self.maxEntries)
    }

    /// A box's own files for the box itself: as they are, and as many as fit.
    init() {
        owners = IDMapping.Inverse(users: [], groups: [])
        (limit, modes, entryLimit) = (.max, 0o7777, .max)
    }

    /// What lies in one directory to another.
    mutating func copyContents(of source: CInt, to target: CInt) throws(Errno) {
        for child in try File.list(source) {
            let entry = try File.open(child, FileFlags.path | FileFlags.noFollow, at: source)
            try copy(entry.raw, named: child, to: child, in: target)
            try entry.close()
        }
    }

    /// One entry, opened with O_PATH, to a name that is not there yet. EFBIG beyond the limit of bytes, E2BIG beyond
    /// that of entries, ELOOP beyond that of depth.
    public mutating func copy(
        _ source: CInt, named path: String, to name: String, in target: CInt, depth: Int = 0
    ) throws(Errno) {
        let status = try File.status(at: source)
        entries += 1
        if entries > entryLimit { throw .argListTooLong }
        switch status.kind {
        case .file: try copyFile(source, status, path, to: name, in: target)
        case .directory: try copyDirectory(source, status, path, to: name, in: target, depth: depth)
        case .link:
            try File.makeLink(name, to: try File.readLink("", at: source), at: target)
            try own(name, status, in: target)
        default: skip(path)
        }
    }

    private mutating func skip(_ path: String) {
        if skipped.count < 10 { skipped.append(path) }
    }

    private mutating func copyFile(
        _ source: CInt, _ status: FileStatus, _ path: String, to name: String, in target: CInt
    ) throws(Errno) {
        if Self.kernelsOwn.contains(try File.fileSystemType(source)) { return skip(path) }
        let input = try Self.reopen(source, FileFlags.readOnly)
        let output = try File.open(
            name, FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow, mode: 0o600,
            at: target)
        while true {
            let chunk = try File.readSome(input.raw, atMost: 1 << 17)
            if chunk.isEmpty { break }
            bytes += UInt64(chunk.count)
            if bytes > limit { throw .fileTooLarge }
            try File.write(chunk, to: output.raw)
        }
        try output.close()
        try input.close()
        try own(name, status, in: target)
        try File.changeMode(name, mode: status.mode & modes, at: target)
    }

    private mutating func copyDirectory(
        _ source: CInt, _ status: FileStatus, _ path: String, to name: String, in target: CInt, depth: Int
    ) throws(Errno) {
        if depth == Self.maxDepth { throw .tooManySymbolicLinkLevels }
        if Self.kernelsOwn.contains(try File.fileSystemType(source)) { return skip(path) }
        let input = try Self.reopen(source, FileFlags.readOnly | FileFlags.directory)
        try File.makeDirectory(name, mode: 0o700, at: target)
        let output = try File.open(name, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow, at: target)
        for child in try File.list(input.raw) {
            let entry = try File.open(child, FileFlags.path | FileFlags.noFollow, at: input.raw)
            try copy(entry.raw, named: path + "/" + child, to: child, in: output.raw, depth: depth + 1)
            try entry.close()
        }
        try output.close()
        try input.close()
        try own(name, status, in: target)
        try File.changeMode(name, mode: status.mode & modes, at: target)
    }

    private func own(_ name: String, _ status: FileStatus, in target: CInt) throws(Errno) {
        try File.changeOwner(name, uid: owners.user(status.uid), gid: owners.group(status.gid), at: target)
    }

    /// The very file behind an O_PATH descriptor, whatever has its name by now.
    private static func reopen(_ descriptor: CInt, _ flags: CInt) throws(Errno) -> Descriptor {
        try File.open("/proc/self/fd/\(descriptor)", flags | FileFlags.nonBlocking | FileFlags.noControllingTerminal)
    }
}

extension IDMapping {
    /// From the host's ids to the box's; who has none in the box belongs to its root.
    public struct Inverse {
        let users: [IDMapping]
        let groups: [IDMapping]

        public init(users: [IDMapping], groups: [IDMapping]) {
            self.users = users
            self.groups = groups
        }

        func user(_ id: UInt32) -> UInt32 { Self.inverse(id, users) }
        func group(_ id: UInt32) -> UInt32 { Self.inverse(id, groups) }

        private static func inverse(_ id: UInt32, _ map: [IDMapping]) -> UInt32 {
            if map.isEmpty { return id }
            for one in map where id >= one.hostID && id - one.hostID < one.size {
                return one.containerID + (id - one.hostID)
            }
            return 0
        }
    }
}
