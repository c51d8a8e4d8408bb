internal import BoxCgroup
internal import BoxDocument
internal import BoxOCI

/// The figures of a report, and the reason for each that this host cannot give.
struct ReportFigures {
    let report: ExitReport
    let status: ExitReport.Status
    private(set) var unavailable: [Member] = []

    init(report: ExitReport, status: ExitReport.Status) {
        self.report = report
        self.status = status
    }

    private var usage: CgroupUsage { report.usage }

    mutating func members() -> [(String, Node?)] {
        [
            ("oom", oom()), ("cpu", cpu()), ("memory", memory()), ("io", io()), ("pids", pids()),
            ("pressure", pressure()),
            ("denials", denials()), ("limits", limits()),
            ("events", events()), ("copy_out", copies()),
        ]
    }

    /// Notes why a figure is null.
    private mutating func missing(_ name: String, _ reason: String) -> Node? {
        unavailable.append(Member(name, ExitReport.text(reason)))
        return nil
    }

    private mutating func lacking(_ controller: String, _ name: String, _ file: String) -> Node? {
        if status == .failedToStart { return missing(name, "the box did not come to run") }
        return missing(name, report.host?.reasonWithout(controller) ?? "the kernel or this cgroup has no \(file)")
    }

    private mutating func number(_ value: UInt64?, _ controller: String, _ name: String, _ file: String) -> Node? {
        ExitReport.number(value) ?? lacking(controller, name, file)
    }

    private mutating func denials() -> Node? {
        guard let denials = report.denials else {
            let wasAsked = report.spec?.box.logDenials == true
            let why = wasAsked ? "the kernel's audit could not be heard" : "not counted: pass --log-denials"
            return missing("denials", status == .failedToStart ? "the box did not come to run" : why)
        }
        return Node(
            .array(
                denials.map { one in
                    ExitReport.object([
                        ("syscall", ExitReport.text(one.key.syscall)), ("count", ExitReport.number(one.count)),
                        ("process", ExitReport.text(one.key.process)),
                    ])
                }))
    }

    private mutating func oom() -> Node? {
        guard let kills = usage.value("oom_kill", in: "memory.events") else {
            return lacking("memory", "oom", "memory.events")
        }
        if kills == 0 { return nil }
        if report.victim == nil {
            _ = missing("oom.process", "the kernel's log does not name it, or cannot be read")
        }
        return ExitReport.object([
            ("process", report.victim.map { ExitReport.text($0.name) }),
            ("pid", report.victim.map { Node(.integer(Int64($0.pid))) }), ("kills", ExitReport.number(kills)),
            ("limit", ExitReport.number(usage.number("memory.max"))),
            ("asked", report.asked("linux.resources.memory.limit").map(ExitReport.text)),
        ])
    }

    private mutating func cpu() -> Node? {
        guard let used = usage.value("usage_usec", in: "cpu.stat") else { return lacking("cpu", "cpu", "cpu.stat") }
        let time = { [usage] (key: String) in
            usage.value(key, in: "cpu.stat").map { ExitReport.seconds($0, per: 1_000_000) }
        }
        if usage.value("nr_periods", in: "cpu.stat") == nil { _ = lacking("cpu", "cpu.throttled", "nr_periods") }
        return ExitReport.object([
            ("usage_seconds", ExitReport.seconds(used, per: 1_000_000)), ("user_seconds", time("user_usec")),
            ("system_seconds", time("system_usec")),
            ("periods", ExitReport.number(usage.value("nr_periods", in: "cpu.stat"))),
            ("throttled_periods", ExitReport.number(usage.value("nr_throttled", in: "cpu.stat"))),
            ("throttled_seconds", time("throttled_usec")),
        ])
    }

    private mutating func memory() -> Node? {
        guard usage.text("memory.events") != nil else { return lacking("memory", "memory", "memory.events") }
        let events = ["low", "high", "max", "oom", "oom_kill"].map {
            ($0, ExitReport.number(usage.value($0, in: "memory.events")))
        }
        return ExitReport.object([
            ("peak", number(usage.number("memory.peak"), "memory", "memory.peak", "memory.peak")),
            ("limit", ExitReport.number(usage.number("memory.max"))),
            ("swap_peak", number(usage.number("memory.swap.peak"), "memory", "memory.swap_peak", "memory.swap.peak")),
            ("anon", ExitReport.number(usage.value("anon", in: "memory.stat"))),
            ("file", ExitReport.number(usage.value("file", in: "memory.stat"))), ("events", ExitReport.object(events)),
        ])
    }

    private mutating func io() -> Node? {
        guard usage.text("io.stat") != nil else { return lacking("io", "io", "io.stat") }
        let names = [("rbytes", "read_bytes"), ("wbytes", "written_bytes"), ("rios", "reads"), ("wios", "writes")]
        return Node(
            .array(
                usage.devices.map { device in
                    ExitReport.object(
                        [("device", ExitReport.text(device.device))]
                            + names.map { name in
                                (name.1, ExitReport.number(device.values.first { $0.name == name.0 }?.value))
                            })
                }))
    }

    private mutating func pids() -> Node? {
        guard let limit = usage.text("pids.max") else { return lacking("pids", "pids", "pids.max") }
        return ExitReport.object([
            ("peak", number(usage.number("pids.peak"), "pids", "pids.peak", "pids.peak")),
            ("limit", ExitReport.number(UInt64(limit))),
            ("refusals", ExitReport.number(usage.value("max", in: "pids.events"))),
        ])
    }

    private mutating func pressure() -> Node? {
        let kinds = ["cpu", "memory", "io"]
        if kinds.allSatisfy({ usage.text("\($0).pressure") == nil }) {
            return missing(
                "pressure", status == .failedToStart ? "the box did not come to run" : "the kernel does not count it")
        }
        return ExitReport.object(
            kinds.map { kind in
                let lines = ["some", "full"].compactMap { line in
                    usage.pressure(line, in: "\(kind).pressure").map { values in (line, Self.pressure(values)) }
                }
                return (kind, lines.isEmpty ? nil : ExitReport.object(lines))
            })
    }

    private static func pressure(_ values: [(name: String, value: String)]) -> Node? {
        ExitReport.object(
            values.map { one in
                one.name == "total"
                    ? ("total_seconds", UInt64(one.value).map { ExitReport.seconds($0, per: 1_000_000) })
                    : (one.name, Double(one.value).map { Node(.double($0)) })
            })
    }

    /// What was asked, the file it went to, and what the kernel made of it; what was not applied, and why.
    private func limits() -> Node? {
        guard let plan = report.plan else { return Node(.array([])) }
        var all: [Node] = []
        for step in plan.steps {
            switch step.action {
            case .setCgroup(let setting):
                all.append(
                    Self.limit(asked: setting.asked, file: setting.file, applied: usage.text(setting.file), reason: nil)
                )
            case .setLimit(let limit, let name):
                all.append(Self.limit(asked: name, file: nil, applied: "\(limit.soft):\(limit.hard)", reason: nil))
            default: continue
            }
        }
        for pair in plan.unapplied {
            all.append(Self.limit(asked: pair.name, file: nil, applied: nil, reason: pair.value))
        }
        return Node(.array(all))
    }

    private static func limit(asked: String, file: String?, applied: String?, reason: String?) -> Node {
        ExitReport.object([
            ("asked", ExitReport.text(asked)), ("file", file.map(ExitReport.text)),
            ("applied", applied.map(ExitReport.text)), ("reason", reason.map(ExitReport.text)),
        ])
    }

    /// What befell the box beside the end of its main process.
    private func events() -> Node? {
        var lines: [Node] = []
        func note(_ kind: String, _ count: UInt64?) {
            guard let count, count > 0 else { return }
            lines.append(ExitReport.object([("kind", ExitReport.text(kind)), ("count", ExitReport.number(count))]))
        }
        note("oom_kill", usage.value("oom_kill", in: "memory.events"))
        note("memory_limit", usage.value("max", in: "memory.events"))
        note("pids_limit", usage.value("max", in: "pids.events"))
        note("throttled", usage.value("nr_throttled", in: "cpu.stat"))
        return Node(.array(lines))
    }

    private func copies() -> Node? {
        Node(
            .array(
                report.copies.map { one in
                    ExitReport.object([
                        ("from", ExitReport.text(one.copy.from)), ("to", ExitReport.text(one.copy.to)),
                        ("bytes", ExitReport.number(one.bytes)), ("entries", Node(.integer(Int64(one.entries)))),
                        ("left_out", Node(.array(one.skipped.map(ExitReport.text)))),
                        ("error", one.error.map { ExitReport.text($0.oneLine) }),
                    ])
                }))
    }
}
