internal import CBoxLinux

extension Processes {
    /// posix_spawn(3), for a caller with threads: descriptor n of the new program is `descriptors[n]`, and /dev/null where
    /// that is nil; no other is passed on. It leads a session of its own; signals are at their defaults, none is blocked.
    /// The caller's to wait for. Thread-safe. EINVAL for more than 8 descriptors.
    public static func spawn(
        _ path: String, _ arguments: [String], environment: [String], descriptors: [CInt?] = [nil, nil, 2]
    ) throws(Errno) -> CInt {
        let words = CStringArray([path] + arguments)
        let variables = CStringArray(environment)
        let numbers = descriptors.map { $0 ?? -1 }
        return CInt(
            try check(
                withExtendedLifetime((words, variables)) {
                    box_spawn(path, words.pointer, variables.pointer, numbers, CInt(numbers.count))
                }))
    }
}

/// Tells when files change (inotify(7)). Close-on-exec; for one thread at a time.
public struct FileWatch: ~Copyable {
    /// What of a watched path is told; of a directory, of what is in it.
    public struct Changes: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        public static let written = Changes(rawValue: 0x2)
        public static let movedIn = Changes(rawValue: 0x80)
        public static let created = Changes(rawValue: 0x100)
        public static let removed = Changes(rawValue: 0x200)
    }

    private let descriptor: Descriptor

    /// inotify_init1(2).
    public init() throws(Errno) { descriptor = Descriptor(owning: CInt(try check(box_inotify()))) }

    /// Readable when something has changed.
    public var raw: CInt { descriptor.raw }

    /// inotify_add_watch(2).
    public borrowing func add(_ path: String, _ changes: Changes) throws(Errno) {
        try check(box_inotify_watch(descriptor.raw, path, changes.rawValue))
    }

    /// Takes what has been told, so that it is readable again only at the next change.
    public borrowing func drain() throws(Errno) {
        let raw = descriptor.raw
        while true {
            do throws(Errno) {
                if try File.readSome(raw, atMost: 4096).isEmpty { return }
            } catch {
                if error == .wouldBlock || error == .resourceTemporarilyUnavailable { return }
                throw error
            }
        }
    }

    /// The number, for whoever closes it.
    public consuming func release() -> CInt { descriptor.release() }
}

extension Processes {
    /// pipe2(2), close-on-exec: two numbers that the caller closes.
    public static func pipe() throws(Errno) -> (reading: CInt, writing: CInt) {
        var raw: [CInt] = [-1, -1]
        try check(box_pipe(&raw))
        return (raw[0], raw[1])
    }
}

extension File {
    /// fdatasync(2): returns when the bytes are on the disk.
    public static func synchronize(_ descriptor: CInt) throws(Errno) { try checkRetrying { box_fdatasync(descriptor) } }
}

/// TCP on this host alone (tcp(7)).
public enum TCPSocket {
    /// socket(2), bind(2) to 127.0.0.1 or ::1, and listen(2). Close-on-exec.
    public static func listenOnLoopback(port: UInt16, version6: Bool) throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try check(box_listen_loopback(port, version6 ? 1 : 0))))
    }
}

extension Descriptor {
    /// A second descriptor for an open file that stays its owner's, close-on-exec (F_DUPFD_CLOEXEC).
    public static func duplicate(of raw: CInt) throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try check(box_fcntl(raw, FileFlags.fDupFdCloexec, 3))))
    }
}

extension UnixSocket {
    /// listen(2) once more: so many callers may wait.
    public static func setBacklog(_ listener: CInt, _ count: CInt) throws(Errno) {
        try check(box_listen(listener, count))
    }
}
