public import BoxOCI
internal import BoxSystem

/// What stopped or slowed a workload, read from its cgroup before that is removed.
/// nil: this host or kernel does not give the figure.
public struct CgroupCounters: Equatable, Sendable {
    /// Processes killed by the OOM killer (memory.events `oom_kill`).
    public var oomKills: UInt64?
    /// Forks refused by pids.max (pids.events `max`).
    public var pidsRefusals: UInt64?
    /// Bytes (memory.peak, Linux 5.19).
    public var memoryPeak: UInt64?
    /// Most processes and threads at once (pids.peak, Linux 6.1).
    public var pidsPeak: UInt64?
    /// Microseconds of CPU time (cpu.stat).
    public var cpuUsage: UInt64?
    /// Periods in which cpu.max stopped the box, and for how many microseconds.
    public var throttledPeriods: UInt64?
    public var throttledTime: UInt64?

    public init() {}
}

extension Cgroup {
    /// One open and one read a file; a file that is not there leaves its figures nil. Thread-safe.
    public static func counters(_ directory: CInt) throws(BoxError) -> CgroupCounters {
        var counters = CgroupCounters()
        let memory = try flatKeyed("memory.events", in: directory)
        counters.oomKills = value("oom_kill", in: memory)
        counters.pidsRefusals = value("max", in: try flatKeyed("pids.events", in: directory))
        counters.memoryPeak = try number("memory.peak", in: directory)
        counters.pidsPeak = try number("pids.peak", in: directory)
        let cpu = try flatKeyed("cpu.stat", in: directory)
        counters.cpuUsage = value("usage_usec", in: cpu)
        counters.throttledPeriods = value("nr_throttled", in: cpu)
        counters.throttledTime = value("throttled_usec", in: cpu)
        return counters
    }

    /// A flat-keyed file such as `memory.events`; empty where there is none. Thread-safe.
    public static func flatKeyed(_ file: String, in directory: CInt) throws(BoxError) -> [(key: String, value: UInt64)]
    {
        flatKeyed(try contents(file, in: directory) ?? [])
    }

    /// A file of one number, such as `memory.peak`; nil where there is none, and for `max`. Thread-safe.
    public static func number(_ file: String, in directory: CInt) throws(BoxError) -> UInt64? {
        guard let bytes = try contents(file, in: directory) else { return nil }
        return CgroupHost.words(String(decoding: bytes, as: UTF8.self)).first.flatMap { UInt64($0) }
    }

    /// Lines of a key and a number; lines of any other shape are left out.
    static func flatKeyed(_ text: [UInt8]) -> [(key: String, value: UInt64)] {
        String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let value = UInt64(parts[1]) else { return nil }
            return (String(parts[0]), value)
        }
    }

    private static func value(_ key: String, in values: [(key: String, value: UInt64)]) -> UInt64? {
        values.first { $0.key == key }?.value
    }

    private static func contents(_ file: String, in directory: CInt) throws(BoxError) -> [UInt8]? {
        do throws(Errno) {
            return try File.contents(of: file, at: directory)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw BoxError(.kernel, "cannot read \(file)", errno: error)
        }
    }
}
