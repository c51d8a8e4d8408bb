internal import BoxSystem
internal import CBoxLinux
internal import Glibc
public import Testing

extension Trait where Self == LeakChecked {
    /// Gives every test below a `Bed`, and fails it when it leaves anything behind on the machine.
    public static var leakChecked: LeakChecked { LeakChecked() }
}

/// The leak check round every test of a suite. Tests run one at a time: what another one does would be taken for a leak.
public struct LeakChecked: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func scopeProvider(for test: Test, testCase: Test.Case?) -> LeakChecked? { testCase == nil ? nil : self }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let before = try Snapshot()
        let bed = try Bed()
        var failure: (any Error)?
        do { try await Bed.$current.withValue(bed, operation: function) } catch { failure = error }
        for leak in try await Snapshot.leaks(since: before, except: bed) {
            Issue.record("left behind: \(leak.text)", sourceLocation: test.sourceLocation)
        }
        if let failure { throw failure }
    }
}

/// Something that was not there before.
struct Leak {
    var text: String
    /// So that the next test is judged on its own.
    var undo: () -> Void
}

/// What a box could leave on a machine, at one moment.
struct Snapshot {
    /// Live descendants of this process: pid and start time → name.
    private var processes: [Processes.Key: String]
    /// Mount id and what is mounted where.
    private var mounts: Set<String>
    private var cgroups: Set<String>
    private var links: Set<String>
    private var files: Set<String>

    init() throws {
        guard geteuid() == 0 else { throw BedError("this bed needs root") }
        // Orphans come to us instead of to process 1, so whatever a test leaves running is our descendant.
        try check(box_prctl(36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0))
        processes = Processes.descendants()
        let table = Mounts.table()
        mounts = Set(table.map(\.line))
        cgroups = Set(table.filter { $0.type == "cgroup2" }.flatMap { Files.below($0.point, depth: 64, folders: true) })
        links = Set(Files.below("/sys/class/net", depth: 1))
        files = Set(Files.watched())
    }

    /// Everything new since `before`, put right. It has `grace` seconds to go by itself: the processes of a box whose
    /// command was killed die by signal, a moment after it.
    static func leaks(
        since before: Snapshot, except bed: Bed, grace: Double = Bed.isGuest ? 5 : 1
    ) async throws -> [Leak] {
        let end = now() + grace
        var found = try Snapshot().minus(before, bed)
        while !found.isEmpty && now() < end {
            try await Task.sleep(nanoseconds: 20_000_000)
            found = try Snapshot().minus(before, bed)
        }
        found += bed.remains().map { path in Leak(text: "state \(path)", undo: {}) }
        found.forEach { $0.undo() }
        if !found.isEmpty { _ = poll(2) { Processes.descendants().isEmpty } }
        do { try bed.remove() } catch { found.append(Leak(text: "the test's directory: \(error)", undo: {})) }
        return found
    }

    /// Processes first: the undoing of the others needs them gone. Deeper paths before what holds them.
    private func minus(_ before: Snapshot, _ bed: Bed) -> [Leak] {
        func new(_ now: Set<String>, _ then: Set<String>) -> [String] { now.subtracting(then).sorted().reversed() }
        var leaks: [Leak] = []
        for (key, name) in processes where before.processes[key] == nil {
            leaks.append(Leak(text: "process \(key.pid), \(name)", undo: { kill(pid_t(key.pid), SIGKILL) }))
        }
        for line in new(mounts, before.mounts) {
            leaks.append(Leak(text: "mount \(line)", undo: { _ = box_umount2(Mounts.point(of: line), detach) }))
        }
        for path in new(cgroups, before.cgroups) {
            leaks.append(Leak(text: "cgroup \(path)", undo: { _ = poll(2) { rmdir(path) == 0 || errno != EBUSY } }))
        }
        for path in new(links, before.links) {
            leaks.append(Leak(text: "network link \(path)", undo: {}))
        }
        for path in new(files, before.files) where path != bed.directory && !path.hasPrefix(bed.directory + "/") {
            leaks.append(Leak(text: "file \(path)", undo: { if unlink(path) != 0 { rmdir(path) } }))
        }
        return leaks
    }
}

/// MNT_DETACH, which Glibc's module hides.
private let detach: CInt = 2
