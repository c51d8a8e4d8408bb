internal import CBoxLinux

/// What a process sets on itself on its way into a box. Each function is one system call on the
/// caller and throws its errno.
public enum OwnProcess {
    /// PR_SET_DUMPABLE 0: nobody in the box may trace or open what is not yet the workload (CVE-2016-9962).
    public static func becomeUndumpable() throws(Errno) { try check(box_prctl(4, 0, 0, 0, 0)) }
    /// PR_SET_PDEATHSIG.
    public static func dieWithParent(signal: CInt) throws(Errno) { try check(box_prctl(1, UInt(signal), 0, 0, 0)) }
    /// PR_SET_CHILD_SUBREAPER: descendants whose parent has ended become children of this process.
    public static func adoptOrphans() throws(Errno) { try check(box_prctl(36, 1, 0, 0, 0)) }
    /// PR_SET_NO_NEW_PRIVS.
    public static func renounceNewPrivileges() throws(Errno) { try check(box_prctl(38, 1, 0, 0, 0)) }
    /// PR_SET_KEEPCAPS: a later setuid(2) away from 0 keeps the permitted set. Cleared by execve(2).
    public static func keepCapabilities(_ keep: Bool) throws(Errno) { try check(box_prctl(8, keep ? 1 : 0, 0, 0, 0)) }
    /// PR_CAP_AMBIENT_CLEAR_ALL.
    public static func clearAmbientCapabilities() throws(Errno) { try check(box_prctl(47, 4, 0, 0, 0)) }
    /// setsid(2).
    public static func startSession() throws(Errno) { try check(box_setsid()) }
    /// PR_SET_NAME, at most 15 bytes.
    public static func rename(_ name: String) throws(Errno) {
        let result = name.withCString { box_prctl(15, UInt(bitPattern: $0), 0, 0, 0) }
        try check(result)
    }

    /// setresuid(2) of all three.
    public static func setUser(_ uid: UInt32) throws(Errno) { try check(box_setresuid(uid)) }
    /// setresgid(2) of all three.
    public static func setGroup(_ gid: UInt32) throws(Errno) { try check(box_setresgid(gid)) }
    /// setgroups(2).
    public static func setGroups(_ gids: [UInt32]) throws(Errno) { try check(box_setgroups(gids.count, gids)) }
    /// Runs a call with other ids for file access (setfsuid(2)) and all capabilities kept: SECBIT_NO_SETUID_FIXUP
    /// stands for that time. EPERM when the ids could not be taken.
    public static func actingOnFiles<Value: ~Copyable>(
        as user: UInt32, _ group: UInt32, _ body: () throws(Errno) -> Value
    ) throws(Errno) -> Value {
        let bits = try check(box_prctl(27, 0, 0, 0, 0))
        try check(box_prctl(28, UInt(bits | 4), 0, 0, 0))
        let (oldUser, oldGroup) = (box_setfsuid(user), box_setfsgid(group))
        defer {
            _ = box_setfsuid(UInt32(oldUser))
            _ = box_setfsgid(UInt32(oldGroup))
            _ = box_prctl(28, UInt(bits), 0, 0, 0)
        }
        // The call cannot fail aloud: asked with an id that is none, it tells the one in force.
        if box_setfsuid(UInt32.max) != Int(user) || box_setfsgid(UInt32.max) != Int(group) { throw .notPermitted }
        return try body()
    }

    /// umask(2).
    public static func setUmask(_ mask: UInt32) { _ = box_umask(mask) }
    /// sethostname(2).
    public static func setHostname(_ name: String) throws(Errno) {
        try check(box_sethostname(name, name.utf8.count))
    }
    /// setdomainname(2).
    public static func setDomainname(_ name: String) throws(Errno) {
        try check(box_setdomainname(name, name.utf8.count))
    }
    /// chdir(2).
    public static func changeDirectory(_ path: String) throws(Errno) { try check(box_chdir(path)) }
    /// fchdir(2).
    public static func changeDirectory(_ descriptor: CInt) throws(Errno) { try check(box_fchdir(descriptor)) }
    /// personality(2).
    public static func setPersonality(_ persona: UInt) throws(Errno) { try check(box_personality(persona)) }
    /// set_mempolicy(2); `mode` with its MPOL_F_*, `nodes` a bit each.
    public static func setMemoryPolicy(_ mode: CInt, nodes: [UInt64]) throws(Errno) {
        // The kernel takes one bit fewer than it is told.
        try check(box_set_mempolicy(mode, nodes, UInt(nodes.count * 64 + 1)))
    }
    /// sched_setaffinity(2) of a thread, 0 the caller; `processors` a bit each.
    public static func setAffinity(_ processors: [UInt64], thread: CInt = 0) throws(Errno) {
        try check(box_sched_setaffinity(thread, processors.count * 8, processors))
    }
    /// ioprio_set(2) of the caller; class and data as the kernel packs them.
    public static func setIOPriority(_ value: CInt) throws(Errno) { try check(box_ioprio_set(value)) }

    /// getrlimit(2), RLIMIT_NOFILE: how many descriptors this process may have.
    public static func mostDescriptors() throws(Errno) -> Int { try check(box_most_descriptors()) }

    /// prlimit(2)'s resource number; UInt64.max is RLIM_INFINITY.
    public static func setLimit(_ resource: CInt, soft: UInt64, hard: UInt64) throws(Errno) {
        try check(box_setrlimit(resource, soft, hard))
    }

    /// sched_setattr(2); times in nanoseconds.
    public static func setScheduler(
        policy: UInt32, flags: UInt64, nice: Int32, priority: UInt32, runtime: UInt64, deadline: UInt64, period: UInt64
    ) throws(Errno) {
        var raw = box_sched()
        raw.policy = policy
        raw.flags = flags
        raw.nice = nice
        raw.priority = priority
        raw.runtime = runtime
        raw.deadline = deadline
        raw.period = period
        try check(box_sched_setattr(&raw))
    }

    /// The working directory as the kernel names it; "(unreachable)" in front when it lies outside the root.
    public static func workingDirectory() throws(Errno) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = try check(box_getcwd(&buffer, buffer.count))
        return String(decoding: buffer.prefix(max(0, count - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// close_range(2): every descriptor from `first` on is closed now, but for one.
    public static func close(from first: CInt, except kept: [CInt] = []) throws(Errno) {
        var first = first
        for descriptor in kept.sorted() where descriptor >= first {
            if descriptor > first { try close(first, descriptor - 1) }
            first = descriptor + 1
        }
        try close(first, CInt.max)
    }

    private static func close(_ first: CInt, _ last: CInt) throws(Errno) {
        try check(box_close_range(UInt32(first), UInt32(last), 0))
    }

    /// dup3(2) onto a number that survives execve(2): for standard streams.
    public static func install(_ descriptor: CInt, as number: CInt) throws(Errno) {
        if descriptor == number {
            try check(box_fcntl(number, 2, 0))
        } else {
            try check(box_dup3(descriptor, number, 0))
        }
    }

    /// chroot(2) to the working directory.
    public static func changeRoot() throws(Errno) { try check(box_chroot(".")) }

    /// dup3(2) onto a number that execve(2) closes.
    public static func installPrivately(_ descriptor: CInt, as number: CInt) throws(Errno) {
        try check(box_dup3(descriptor, number, FileFlags.closeOnExec))
    }

    /// IFF_UP on `lo` of the caller's network namespace.
    public static func bringLoopbackUp() throws(Errno) { try check(box_loopback_up()) }
}

/// A byte that parent and child both see (mmap MAP_SHARED): where the child has got to. Lives as long as the process.
public struct SharedCounter: @unchecked Sendable {
    private let page: UnsafeMutablePointer<UInt32>

    public init() throws(Errno) {
        var error: CInt = 0
        guard let memory = box_shared_memory(4096, &error) else { throw Errno(rawValue: error) }
        page = memory.assumingMemoryBound(to: UInt32.self)
    }

    public var value: UInt32 {
        get { page.pointee }
        nonmutating set { page.pointee = newValue }
    }
}

/// Points in time that parent and child both see and note (mmap MAP_SHARED), in nanoseconds of CLOCK_MONOTONIC; 0 is not yet.
/// Lives as long as the process.
public struct SharedTimes: @unchecked Sendable {
    private let times: UnsafeMutablePointer<Int>

    public init(count: Int) throws(Errno) {
        var error: CInt = 0
        guard let memory = box_shared_memory(count * MemoryLayout<Int>.size, &error) else {
            throw Errno(rawValue: error)
        }
        times = memory.assumingMemoryBound(to: Int.self)
    }

    public subscript(index: Int) -> Int64 {
        get { Int64(times[index]) }
        nonmutating set { times[index] = Int(newValue) }
    }

    /// Now; the vDSO answers without a system call.
    public func note(_ index: Int) { times[index] = box_clock_nanoseconds(1) }
}

/// Facts of the running kernel.
public enum Kernel {
    /// uname(2): release and machine.
    public static func name() throws(Errno) -> (release: String, machine: String) {
        var release = [CChar](repeating: 0, count: 65)
        var machine = release
        try check(box_uname(&release, &machine))
        return (text(release), text(machine))
    }

    private static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Processors that are online; at least 1.
    public static var processors: Int { box_online_processors() }

    /// CLOCK_MONOTONIC in nanoseconds.
    public static func monotonicNanoseconds() throws(Errno) -> Int64 {
        Int64(try check(box_clock_nanoseconds(1)))
    }

    /// CLOCK_MONOTONIC_RAW in nanoseconds: as the hardware counts, uncorrected.
    public static func rawNanoseconds() throws(Errno) -> Int64 {
        Int64(try check(box_clock_nanoseconds(4)))
    }

    /// CLOCK_REALTIME in nanoseconds.
    public static func realtimeNanoseconds() throws(Errno) -> Int64 {
        Int64(try check(box_clock_nanoseconds(0)))
    }

    /// getrandom(2).
    public static func randomBytes(_ count: Int) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try check(box_getrandom(&bytes, count))
        return bytes
    }
}
