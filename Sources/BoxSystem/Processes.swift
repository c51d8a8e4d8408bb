internal import CBoxLinux

/// Which namespaces (CLONE_NEW*).
public struct Namespaces: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let time = Namespaces(rawValue: 0x80)
    public static let mount = Namespaces(rawValue: 0x20000)
    public static let cgroup = Namespaces(rawValue: 0x0200_0000)
    public static let uts = Namespaces(rawValue: 0x0400_0000)
    public static let ipc = Namespaces(rawValue: 0x0800_0000)
    public static let user = Namespaces(rawValue: 0x1000_0000)
    public static let pid = Namespaces(rawValue: 0x2000_0000)
    public static let network = Namespaces(rawValue: 0x4000_0000)

    /// As people call them, in the order of joining.
    public var names: [String] {
        let all: [(Namespaces, String)] = [
            (.mount, "mount"), (.pid, "pid"), (.network, "network"), (.ipc, "ipc"), (.uts, "uts"), (.cgroup, "cgroup"),
            (.time, "time"), (.user, "user"),
        ]
        return all.filter { contains($0.0) }.map { "\($0.1) namespace" }
    }

    /// unshare(2).
    public func unshare() throws(Errno) { try check(box_unshare(CInt(rawValue))) }

    /// setns(2): joins the one behind the descriptor, which must be of this kind; of a pidfd, those of that process, all
    /// or none.
    public func join(_ descriptor: CInt) throws(Errno) { try check(box_setns(descriptor, CInt(rawValue))) }
}

/// A process that was just made. The pidfd has no owner yet: wrap it in a `Descriptor`.
public struct ClonedProcess: Sendable {
    public var pid: CInt
    public var pidfd: CInt

    public init(pid: CInt, pidfd: CInt) {
        self.pid = pid
        self.pidfd = pidfd
    }
}

/// How a process ended.
public enum ProcessEnd: Equatable, Sendable {
    case exited(CInt)
    case signaled(CInt, coreDumped: Bool)

    /// The shell's convention: the exit status, or 128 plus the signal.
    public var status: CInt {
        switch self {
        case .exited(let code): code
        case .signaled(let signal, _): 128 + signal
        }
    }
}

/// Processes by clone3(2), pidfds and waitid(2).
public enum Processes {
    /// How many threads this process has: the entries of /proc/self/task.
    public static func threadCount() throws(Errno) -> Int {
        var raw = box_stat()
        try check(box_fstatat(FileFlags.currentDirectory, "/proc/self/task", 0, &raw))
        return Int(raw.links) - 2
    }

    /// clone3(2) as fork(2) does it: the child continues with a copy of everything, and gets nil.
    /// The caller must have one thread only (see `threadCount`). `cgroup` is the directory to be born in, or -1.
    /// A `sibling` is the child of the caller's parent (CLONE_PARENT).
    public static func clone(
        into namespaces: Namespaces, cgroup: CInt = -1, sibling: Bool = false
    ) throws(Errno) -> ClonedProcess? {
        var pidfd: CInt = -1
        let flags = namespaces.rawValue | (sibling ? 0x8000 : 0)
        let pid = try check(box_clone3(flags, 17, cgroup, &pidfd))
        return pid == 0 ? nil : ClonedProcess(pid: CInt(pid), pidfd: pidfd)
    }

    /// clone(2) without a namespace, for a process that is under a seccomp filter already; nil is the child.
    public static func fork() throws(Errno) -> ClonedProcess? {
        let pid = CInt(try check(box_fork()))
        return pid == 0 ? nil : ClonedProcess(pid: pid, pidfd: try open(pid: pid).release())
    }

    /// execve(2); returns only to throw.
    public static func execute(_ path: String, arguments: CStringArray, environment: CStringArray) throws(Errno) {
        try check(box_execve(path, arguments.pointer, environment.pointer))
    }

    /// _exit(2).
    public static func exit(_ status: CInt) -> Never { box_exit(status) }

    /// pidfd_send_signal(2).
    public static func send(_ signal: CInt, to pidfd: CInt) throws(Errno) {
        try check(box_pidfd_send_signal(pidfd, signal))
    }

    /// pidfd_open(2).
    public static func open(pid: CInt) throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try check(box_pidfd_open(pid, 0))))
    }

    /// waitid(2) for the process behind a pidfd; blocks until it ends.
    public static func wait(for pidfd: CInt) throws(Errno) -> ProcessEnd {
        var result = box_wait()
        try checkRetrying { box_wait(pidfd, 4, &result) }
        return ProcessEnd(result)
    }

    /// waitid(2) for any child that has ended, without blocking; nil when none has.
    public static func reapAny() throws(Errno) -> (pid: CInt, end: ProcessEnd)? {
        var result = box_wait()
        try checkRetrying { box_wait(-1, 4 | 1, &result) }
        return result.pid == 0 ? nil : (result.pid, ProcessEnd(result))
    }

    /// Takes every child that has ended up to the one that somebody else waits for: waitid(2), first with WNOWAIT.
    public static func reapAll(but kept: CInt) throws(Errno) {
        try tolerating(.noChildProcess) { () throws(Errno) in
            while true {
                var ended = box_wait()
                try checkRetrying { box_wait(-1, 4 | 1 | 0x0100_0000, &ended) }
                if ended.pid == 0 || ended.pid == kept { return }
                let process = try open(pid: ended.pid)
                _ = try wait(for: process.raw)
            }
        }
    }

    /// kill(2).
    public static func send(_ signal: CInt, toPid pid: CInt) throws(Errno) { try check(box_kill(pid, signal)) }
    /// getpid(2).
    public static var id: CInt { CInt(box_getpid()) }
}

extension ProcessEnd {
    init(_ raw: box_wait) {
        self = raw.code == 1 ? .exited(raw.status) : .signaled(raw.status, coreDumped: raw.code == 3)
    }
}

/// A NULL-terminated array of C strings. Freed with its owner; made before a clone so that the child need not.
public final class CStringArray {
    private(set) var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private var count: Int

    public init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { pointer[index] = Self.copy(string) }
        pointer[strings.count] = nil
    }

    /// One more at the end.
    public func append(_ string: String) {
        let longer = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count + 2)
        for index in 0..<count { longer[index] = pointer[index] }
        longer[count] = Self.copy(string)
        longer[count + 1] = nil
        pointer.deallocate()
        pointer = longer
        count += 1
    }

    private static func copy(_ string: String) -> UnsafeMutablePointer<CChar> {
        let bytes = string.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (offset, byte) in bytes.enumerated() { copy[offset] = byte }
        return copy
    }

    deinit {
        for index in 0..<count { pointer[index]?.deallocate() }
        pointer.deallocate()
    }
}
