internal import BoxCgroup
internal import BoxOCI
internal import BoxSystem

/// Why a box ended as it did, where the exit status alone says nothing.
enum ExitReason {
    static func lines(_ end: ProcessEnd, _ counters: CgroupCounters, spec: Spec) -> [String] {
        var lines: [String] = []
        if let kills = counters.oomKills, kills > 0 {
            let limit = spec.linux.resources.memory?.limit.map {
                " at \(asked("linux.resources.memory.limit", size($0), spec))"
            }
            let wholeBox = (counters.oomGroupKills ?? 0) > 0
            let victims =
                wholeBox ? "the whole box" : kills == 1 ? "a process of the box" : "\(kills) processes of the box"
            lines.append("out of memory: the kernel killed \(victims)\(limit ?? "")")
        }
        if let refusals = counters.pidsRefusals, refusals > 0, let limit = spec.linux.resources.pids?.limit {
            let name = asked("linux.resources.pids.limit", "\(limit)", spec)
            lines.append("\(refusals == 1 ? "a fork was" : "\(refusals) forks were") refused at \(name)")
        }
        return lines
    }

    /// Why the runtime ended the box; nil when it did not.
    static func timeLimit(_ end: BoxEnd?, _ spec: Spec?) -> String? {
        guard let cause = end?.timeLimit, let spec else { return nil }
        let field = cause == .timeout ? "swiftbox.timeout" : "swiftbox.cpuTimeout"
        let limit = cause == .timeout ? spec.box.timeout : spec.box.cpuTimeout
        let name = asked(field, "\(limit ?? 0) ms", spec)
        return cause == .timeout
            ? "time-out: the box was ended after \(name)" : "time-out: the box was ended at \(name)"
    }

    private static func asked(_ field: String, _ value: String, _ spec: Spec) -> String {
        spec.box.flag(for: field) ?? "\(field) \(value)"
    }

    private static func size(_ bytes: Int64) -> String {
        let units: [(Int64, String)] = [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")]
        for (unit, name) in units where bytes >= unit && bytes % unit == 0 { return "\(bytes / unit)\(name)" }
        return "\(bytes)"
    }
}
