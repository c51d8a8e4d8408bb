public import BoxOCI
internal import BoxSystem
internal import Glibc

/// Compiled filters, kept in files: libseccomp takes longer for one than all the rest of a start.
///
/// A file is found by a short hash and believed only when the whole of what it was made from stands in it and is the
/// same: the profile, the kernel, libseccomp and swiftbox. It is read only where the directory and the file belong to
/// the caller and nobody else may write to either, both asked of open descriptors. Not for several threads.
public struct SeccompCache {
    /// Grows with every change of what `SeccompCompiler` makes of a profile.
    private static let generation = 3
    /// Files are hidden beside the boxes' own directories.
    public static let prefix = ".seccomp-"
    /// A host has a handful of profiles. Beyond this all are removed, and those in use come back.
    private static let most = 64
    private static let longestText = 1 << 19

    private let directory: String

    /// `directory` is absolute; where it does not exist nothing is kept.
    public init(directory: String) { self.directory = directory }

    /// The program of a profile; see `SeccompCompiler.compile` for what it throws. A cache that cannot be read or
    /// written costs time and is no error.
    public func program(for profile: Seccomp) throws(BoxError) -> SeccompProgram {
        guard let folder = openFolder() else { return try SeccompCompiler.compile(profile) }
        guard let kernel = kernelRelease() else { return try SeccompCompiler.compile(profile) }
        let key = Self.key(profile, kernel: kernel)
        let name = Self.name(key)
        if let found = Self.read(name, key, in: folder.raw) { return found }
        var program = try SeccompCompiler.compile(profile)
        if Self.write(CachedFilter(key: key, program: program).bytes, name, in: folder.raw) { program.keptAs = name }
        return program
    }

    /// What was kept for a profile that stands somewhere as just this text: it need not be read then. nil where there is
    /// none.
    public func program(forText text: ArraySlice<UInt8>) -> SeccompProgram? {
        guard text.count <= Self.longestText, let folder = openFolder(), let kernel = kernelRelease()
        else { return nil }
        let key = Self.key(text, kernel: kernel)
        return Self.read(Self.name(key), key, in: folder.raw)
    }

    /// Keeps the program of a checked profile by the profile's text. Not one that asks somebody: who that is stands in the
    /// profile as well.
    public func keep(_ program: SeccompProgram, forText text: ArraySlice<UInt8>) {
        guard !program.listens, text.count <= Self.longestText, let folder = openFolder(), let kernel = kernelRelease()
        else { return }
        let key = Self.key(text, kernel: kernel)
        _ = Self.write(CachedFilter(key: key, program: program).bytes, Self.name(key), in: folder.raw)
    }

    /// What is kept under a name that `program(for:)` gave; nil where it is no longer there, or asks somebody.
    public func program(keptAs name: String) -> SeccompProgram? {
        guard name.hasPrefix(Self.prefix), !name.utf8.contains(UInt8(ascii: "/")), let folder = openFolder(),
            let found = Self.read(name, nil, in: folder.raw)
        else { return nil }
        return found.listens ? nil : found
    }

    /// nil where it is not there, or others could put something into it.
    private func openFolder() -> Descriptor? {
        do throws(Errno) {
            let folder = try File.open(directory, FileFlags.readOnly | FileFlags.directory)
            if try !Self.isOurs(File.status(at: folder.raw)) { return nil }
            return folder
        } catch {
            return nil
        }
    }

    private func kernelRelease() -> String? {
        do throws(Errno) { return try Kernel.name().release } catch { return nil }
    }

    private static func isOurs(_ status: FileStatus) -> Bool {
        status.uid == Caller.userID && status.mode & 0o022 == 0
    }

    private static func read(_ name: String, _ key: [UInt8]?, in folder: CInt) -> SeccompProgram? {
        do throws(Errno) {
            let file = try File.open(name, FileFlags.readOnly | FileFlags.noFollow | FileFlags.nonBlocking, at: folder)
            let status = try File.status(at: file.raw)
            if status.kind != .file || !isOurs(status) || status.size > 1 << 20 { return nil }
            let bytes = try File.readSome(file.raw, atMost: Int(status.size))
            guard var program = CachedFilter(bytes: bytes, key: key)?.program else { return nil }
            program.keptAs = name
            return program
        } catch {
            return nil
        }
    }

    /// By way of a name of its own, so that nobody reads a half. False where it cannot be.
    private static func write(_ bytes: [UInt8], _ name: String, in folder: CInt) -> Bool {
        do throws(Errno) {
            let old = try File.list(folder).filter { $0.hasPrefix(prefix) }
            if old.count >= most {
                for name in old {
                    try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in try File.remove(name, at: folder) }
                }
            }
            let temporary = name + "-\(Processes.id)"
            let flags = FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow
            let file = try File.open(temporary, flags, mode: 0o600, at: folder)
            do throws(Errno) {
                try File.write(bytes, to: file.raw)
                try File.rename(temporary, to: name, at: folder)
            } catch let cause {
                try File.remove(temporary, at: folder)
                throw cause
            }
            return true
        } catch {
            // A disk that is full, a file system that is read-only: the filter is compiled again next time.
            return false
        }
    }

    private static func name(_ key: [UInt8]) -> String {
        prefix + String(key.withUnsafeBytes(checksum), radix: 16)
    }

    static func key(_ text: ArraySlice<UInt8>, kernel: String) -> [UInt8] {
        var key = KeyWriter("text", kernel: kernel, generation)
        key.bytes += text
        return key.bytes
    }

    /// All that a program depends on, each part with its length, so that no two profiles have the same.
    static func key(_ profile: Seccomp, kernel: String) -> [UInt8] {
        var key = KeyWriter("profile", kernel: kernel, generation)
        key.add(profile.defaultAction)
        key.add(profile.defaultErrnoRet)
        key.add(profile.architectures)
        key.add(profile.flags)
        key.add(UInt64(profile.syscalls.count))
        for syscall in profile.syscalls {
            key.add(syscall.names)
            key.add(syscall.action)
            key.add(syscall.errnoRet)
            key.add(UInt64(syscall.args.count))
            for argument in syscall.args {
                key.add(UInt64(argument.index))
                key.add(argument.value)
                key.add(argument.valueTwo)
                key.add(argument.op)
            }
        }
        return key.bytes
    }

    /// FNV-1a over words of 8 bytes: tells files apart and finds one that was cut; the key alone is what counts.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0x0000_0100_0000_01b3
            hash ^= hash >> 29
        }
        var at = 0
        while at + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        while at < bytes.count {
            mix(UInt64(bytes[at]))
            at += 1
        }
        mix(UInt64(bytes.count))
        return hash
    }
}

private struct KeyWriter {
    var bytes: [UInt8] = []

    init(_ kind: String, kernel: String, _ generation: Int) {
        bytes.reserveCapacity(8192)
        add("\(kind) \(generation) \(Release.version) \(Release.commit ?? "")")
        add(kernel)
        add(SeccompLibrary.version)
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 {
            add(UInt64($0.count))
            bytes.append(contentsOf: $0)
        }
    }
    mutating func add(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func add(_ number: UInt32?) { add(number.map { UInt64($0) } ?? .max) }
    mutating func add(_ texts: [String]) {
        add(UInt64(texts.count))
        for text in texts { add(text) }
    }
}

/// The text of one file: a line that says what it is, a checksum, five numbers of 8 bytes, then key, names and instructions.
struct CachedFilter {
    private static let magic = Array("swiftbox filter\n".utf8)
    private static let header = magic.count + 8 * 6
    let key: [UInt8]
    let program: SeccompProgram

    init(key: [UInt8], program: SeccompProgram) {
        self.key = key
        self.program = program
    }

    var bytes: [UInt8] {
        let names = Array(program.unknownSyscalls.joined(separator: "\n").utf8)
        var body: [UInt8] = []
        for number in [
            UInt64(program.flags), program.listens ? 1 : 0, UInt64(key.count), UInt64(names.count),
            UInt64(program.instructions.count),
        ] {
            withUnsafeBytes(of: number.littleEndian) { body.append(contentsOf: $0) }
        }
        body += key + names + program.instructions
        let checksum = body.withUnsafeBytes(SeccompCache.checksum)
        return Self.magic + withUnsafeBytes(of: checksum.littleEndian) { Array($0) } + body
    }

    /// nil for what is no such text, or was made from another key than a given one.
    init?(bytes: [UInt8], key: [UInt8]?) {
        guard bytes.count >= Self.header, bytes.starts(with: Self.magic) else { return nil }
        let numbers = (0..<6).map { index in
            bytes.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: Self.magic.count + 8 * index, as: UInt64.self))
            }
        }
        let isWhole = bytes.withUnsafeBytes { all in
            let body = UnsafeRawBufferPointer(rebasing: all[(Self.magic.count + 8)...])
            if numbers[0] != SeccompCache.checksum(body) { return false }
            guard let key else { return true }
            let found = UnsafeRawBufferPointer(rebasing: all[Self.header...].prefix(key.count))
            return numbers[3] == UInt64(key.count) && found.count == key.count
                && found.baseAddress.map { memcmp(key, $0, key.count) == 0 } ?? key.isEmpty
        }
        guard isWhole, let keyCount = Int(exactly: numbers[3]), keyCount <= bytes.count,
            let flags = UInt32(exactly: numbers[1]), let nameCount = Int(exactly: numbers[4]),
            let count = Int(exactly: numbers[5]), nameCount <= bytes.count, count <= bytes.count,
            Self.header + keyCount + nameCount + count == bytes.count
        else { return nil }
        let names = bytes[(Self.header + keyCount)...].prefix(nameCount)
        self.key = key ?? Array(bytes[Self.header...].prefix(keyCount))
        program = SeccompProgram(
            instructions: Array(bytes.suffix(count)), flags: flags,
            unknownSyscalls: String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init),
            listens: numbers[2] == 1)
    }
}
