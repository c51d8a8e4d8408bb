internal import BoxCgroup
internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// `events`: the figures of a living box, and its out-of-memory kills, as lines of JSON in the shape of runc's.
/// One thread only.
public final class BoxEvents {
    private let id: String
    private let directory: CInt

    /// `.invalidState` when the box has ended, `.unsupported` when it has no cgroup.
    public init(id: String, stateRoot: String) throws(BoxError) {
        let box = try ControlledBox(id, in: stateRoot)
        try box.requireAlive("watch")
        self.id = id
        directory = try box.openCgroup(for: "watch").release()
    }

    deinit { _ = Descriptor(owning: directory) }

    /// One line of figures.
    public func stats() throws(BoxError) -> String {
        let files = CgroupStatistics.files + (try Cgroup.hugePageFiles(directory))
        let usage = try CgroupUsage(reading: directory, settings: files)
        return line("stats", CgroupStatistics(usage).document)
    }

    private func line(_ type: String, _ data: Node? = nil) -> String {
        var members = [Member("type", Node(.string(type))), Member("id", Node(.string(id)))]
        if let data { members.append(Member("data", data)) }
        return String(decoding: JSON.write(Node(.object(members))), as: UTF8.self)
    }

    /// Calls `emit` with a line of figures every interval and with one for each out-of-memory kill, until the box has no
    /// process left; an error of `emit` ends it too.
    public func follow(every interval: Interval, _ emit: (String) throws(BoxError) -> Void) throws(BoxError) {
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot watch the cgroup of the box", errno: $0) }
        let life = try explaining(failure) { () throws(Errno) in try CgroupEventFile("cgroup.events", in: directory) }
        var kills = try OutOfMemoryKills(directory)
        var next = try Self.now() + interval.milliseconds
        while true {
            // In this order: the kill of the whole box is told before its end.
            if try kills.happened() { try emit(line("oom")) }
            if try explaining(failure, { () throws(Errno) in try life.value("populated") }) != 1 { return }
            let left = next - (try Self.now())
            if left <= 0 {
                try emit(stats())
                next += interval.milliseconds
                continue
            }
            var entries = [Poll.Entry(changeOf: life.raw), Poll.Entry(changeOf: kills.raw)]
            try explaining(failure) { () throws(Errno) in
                try Poll.wait(&entries, milliseconds: CInt(clamping: left))
            }
        }
    }

    /// CLOCK_MONOTONIC in milliseconds.
    private static func now() throws(BoxError) -> Int64 {
        try explaining({ BoxError(.kernel, "cannot read the clock", errno: $0) }) { () throws(Errno) in
            try Kernel.monotonicNanoseconds() / 1_000_000
        }
    }
}

/// The count of memory.events, where there is a memory controller.
private struct OutOfMemoryKills {
    private let file: CgroupEventFile?
    private var seen: UInt64 = 0

    init(_ directory: CInt) throws(BoxError) {
        do throws(Errno) {
            let file = try CgroupEventFile("memory.events", in: directory)
            seen = try file.value("oom_kill") ?? 0
            self.file = file
        } catch {
            if error != .noSuchFileOrDirectory {
                throw BoxError(.kernel, "cannot read memory.events", errno: error)
            }
            self.file = nil
        }
    }

    /// -1, which poll(2) passes over, where there is none.
    var raw: CInt { file?.raw ?? -1 }

    /// Since it was last asked.
    mutating func happened() throws(BoxError) -> Bool {
        do throws(Errno) {
            // Gone with the cgroup: nothing more can be known.
            guard let count = try file?.value("oom_kill"), count > seen else { return false }
            seen = count
            return true
        } catch {
            throw BoxError(.kernel, "cannot read memory.events", errno: error)
        }
    }
}
