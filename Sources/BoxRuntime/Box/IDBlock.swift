public import BoxOCI
internal import BoxSystem

/// `--userns auto` run by root: a block of 65,536 ids that nobody else has, held by a locked file while the box lives.
public final class IDBlock {
    /// Ids in a block.
    public static let size: UInt32 = 65536
    public static let usualDirectory = "/run/swiftbox/ids"
    /// The host's id for the box's 0.
    public let first: UInt32
    private let path: String
    private let lock: CInt

    private init(first: UInt32, path: String, lock: CInt) {
        self.first = first
        self.path = path
        self.lock = lock
    }

    /// The box's ids from 0 on this block.
    public var map: [IDMapping] { [IDMapping(containerID: 0, hostID: first, size: Self.size)] }

    /// Gives the spec the ids that it asks for: those of a block, or in a user namespace of the caller's own all of that.
    static func take(for spec: inout Spec) throws(BoxError) -> IDBlock? {
        if !spec.box.autoUserNamespace { return nil }
        let isInitial = try explaining({ BoxError(.kernel, "cannot read /proc/self/uid_map", errno: $0) }) {
            () throws(Errno) in try OwnIDs.areInitial()
        }
        let block = isInitial ? try take() : nil
        let own: (users: [IDMapping], groups: [IDMapping]) =
            if let block { (block.map, block.map) } else { try ofCaller() }
        (spec.linux.uidMappings, spec.linux.gidMappings) = (own.users, own.groups)
        return block
    }

    /// In a user namespace that is not the host's first, a box has the ids that there are, each as itself.
    static func ofCaller() throws(BoxError) -> (users: [IDMapping], groups: [IDMapping]) {
        try explaining({ BoxError(.kernel, "cannot read /proc/self/uid_map", errno: $0) }) { () throws(Errno) in
            let itself = { (extent: OwnIDs.Extent) in
                IDMapping(containerID: extent.inside, hostID: extent.inside, size: extent.count)
            }
            return (try OwnIDs.users().map(itself), try OwnIDs.groups().map(itself))
        }
    }

    /// Takes the first free block outside the ranges that /etc/subuid and /etc/subgid give to users.
    public static func take(in directory: String = usualDirectory) throws(BoxError) -> IDBlock {
        let taken = try reservedRanges(text("/etc/subuid") + text("/etc/subgid"))
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .permissionDenied ? .denied : .kernel, "cannot take a block of user ids in \(directory)",
                field: "--userns", errno: errno, remedy: errno == .permissionDenied ? "run as root" : nil)
        }
        let block: IDBlock? = try explaining(failure) { () throws(Errno) in
            try File.makeDirectories(directory)
            // 2^19 to 2^31: above what distributions give to people, below what is negative as Int32.
            for number in UInt32(8)..<32768 {
                let first = number * size
                if taken.contains(where: { $0.overlaps(UInt64(first)..<UInt64(first + size)) }) { continue }
                if let lock = try tryTake(directory + "/\(first)") {
                    return IDBlock(first: first, path: directory + "/\(first)", lock: lock)
                }
            }
            return nil
        }
        guard let block else {
            throw BoxError(
                .unsupported, "no block of 65,536 user ids is free", field: "--userns",
                remedy: "end some boxes, or name a block with --userns UID:GID:SIZE")
        }
        return block
    }

    /// The file may be unlinked by its holder between open and lock: then the lock is on nothing, and it is tried again.
    private static func tryTake(_ path: String) throws(Errno) -> CInt? {
        let file = try File.open(path, FileFlags.create | FileFlags.readWrite | FileFlags.noFollow, mode: 0o600)
        guard try File.tryLock(file.raw), try File.isStill(file.raw, path) else { return nil }
        return file.release()
    }

    /// Gives the block back: the file first, then its lock.
    public func giveBack() throws(BoxError) {
        defer { _ = Descriptor(owning: lock) }
        try explaining({ BoxError(.kernel, "cannot give the block of user ids back", errno: $0) }) {
            () throws(Errno) in try File.remove(path)
        }
    }

    /// Removes the files of holders that were killed. Who is about to take one of them looks for another. An ordinary user
    /// has none.
    static func clearAbandoned(in directory: String = usualDirectory) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot clear the blocks of user ids in \(directory)", errno: $0) }) {
            () throws(Errno) in
            if Caller.userID != 0 || !File.exists(directory) { return }
            if try !OwnIDs.areInitial() { return }
            let opened = try File.open(directory, FileFlags.readOnly | FileFlags.directory)
            for name in try File.list(opened.raw) {
                let path = directory + "/" + name
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    let file = try File.open(path, FileFlags.readWrite | FileFlags.noFollow)
                    if try File.tryLock(file.raw), try File.isStill(file.raw, path) { try File.remove(path) }
                }
            }
        }
    }

    /// `name:first:count` a line, as subuid(5) has it; a line that is none is passed over.
    static func reservedRanges(_ text: String) -> [Range<UInt64>] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, let first = UInt64(parts[1]), let count = UInt64(parts[2]), count < 1 << 32,
                first < 1 << 32
            else { return nil }
            return first..<(first + count)
        }
    }

    private static func text(_ path: String) throws(BoxError) -> String {
        if !File.exists(path) { return "" }
        return try explaining({ BoxError(.kernel, "cannot read \(path)", errno: $0) }) { () throws(Errno) in
            try File.text(of: path)
        }
    }
}
