public import BoxOCI
internal import BoxSystem

/// What stopped or slowed a workload, read from its cgroup before that is removed.
/// nil: this host or kernel does not give the figure.
public struct CgroupCounters: Equatable, Sendable {
    /// Processes killed by the OOM killer (memory.events `oom_kill`). A group kill counts its first victim twice.
    public var oomKills: UInt64?
    /// How often it killed a whole cgroup (memory.events `oom_group_kill`, Linux 5.17).
    public var oomGroupKills: UInt64?
    /// Forks refused by pids.max (pids.events `max`).
    public var pidsRefusals: UInt64?

    public init() {}
}

extension Cgroup {
    /// One open and one read a file; a file that is not there leaves its figures nil. Thread-safe.
    public static func counters(_ directory: CInt) throws(BoxError) -> CgroupCounters {
        var counters = CgroupCounters()
        let memory = try flatKeyed("memory.events", in: directory)
        counters.oomKills = value("oom_kill", in: memory)
        counters.oomGroupKills = value("oom_group_kill", in: memory)
        counters.pidsRefusals = value("max", in: try flatKeyed("pids.events", in: directory))
        return counters
    }

    /// A flat-keyed file such as `memory.events`; empty where there is none.
    private static func flatKeyed(
        _ file: String, in directory: CInt
    ) throws(BoxError) -> [(key: String, value: UInt64)] {
        do throws(Errno) {
            return flatKeyed(try File.contents(of: file, at: directory))
        } catch {
            if error == .noSuchFileOrDirectory { return [] }
            throw BoxError(.kernel, "cannot read \(file)", errno: error)
        }
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
}
