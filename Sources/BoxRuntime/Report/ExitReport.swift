internal import BoxCgroup
internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// What `--report` says: how a box ended, why, and what it used. Filled while the box lives, written once.
public final class ExitReport {
    /// The version of the report's shape; it grows when a reader would have to change.
    public static let schema: Int64 = 1

    /// The fate of the main process.
    enum Status: String {
        case exited, signaled, timeout, oom, killed
        case pidsLimit = "pids_limit"
        case failedToStart = "failed_to_start"
    }

    /// Nanoseconds of CLOCK_REALTIME and CLOCK_MONOTONIC.
    struct Moment {
        var real: Int64
        var monotonic: Int64

        static func now() throws(BoxError) -> Moment {
            try explaining({ BoxError(.kernel, "cannot tell the time", errno: $0) }) { () throws(Errno) in
                Moment(real: try Kernel.realtimeNanoseconds(), monotonic: try Kernel.monotonicNanoseconds())
            }
        }
    }

    private let file: ReportFile
    /// A report tells of one end.
    public private(set) var isWritten = false
    public var id: String?
    var spec: Spec?
    var started: Moment
    var plan: LaunchPlan?
    var host: CgroupHost?
    var usage = CgroupUsage(files: [:])
    var end: BoxEnd?
    var victim: KilledProcess?
    var warnings: [String] = []
    var copies: [CopyingOut.Outcome] = []
    /// nil where they were not counted.
    var denials: [(key: Denials.Key, count: UInt64)]?
    /// What swiftbox exits with.
    var exitStatus: Int32?

    public init(_ file: ReportFile) throws(BoxError) {
        self.file = file
        started = try .now()
    }

    /// Writes it; `error` is why the box did not come to run.
    public func write(error: BoxError?) throws(BoxError) {
        isWritten = true
        let finished = try Moment.now()
        let status = error == nil ? self.status : .failedToStart
        var members: [(String, Node?)] = [
            ("schema", Node(.integer(Self.schema))), ("id", id.map(Self.text)),
            ("spec_digest", spec.map { Self.text(SHA256.digest(JSON.write(Self.digested($0).document))) }),
            ("command", Node(.array((spec?.process?.args ?? []).map(Self.text)))),
            ("started", Self.text(Timestamp.text(nanoseconds: started.real))),
            ("finished", Self.text(Timestamp.text(nanoseconds: finished.real))),
            ("wall_seconds", Self.seconds(UInt64(max(0, finished.monotonic - started.monotonic)), per: 1_000_000_000)),
            ("status", Self.text(status.rawValue)), ("exit_code", exitCode), ("signal", signal),
            ("exit_status", (error.map(Self.exitStatus) ?? exitStatus).map { Node(.integer(Int64($0))) }),
            ("reason", Self.text(reason(status, error))),
            ("error", error.map(Self.node)), ("timeout", timeout),
        ]
        var figures = ReportFigures(report: self, status: status)
        members += figures.members()
        members += [
            ("warnings", Node(.array(warnings.map(Self.text)))), ("unavailable", Node(.object(figures.unavailable))),
        ]
        try file.write(JSON.write(Self.object(members), pretty: true) + [UInt8(ascii: "\n")])
    }

    /// What a spec asks for, whoever typed it and whatever name the box got.
    private static func digested(_ spec: Spec) -> Spec {
        var plain = spec
        plain.box.flags = []
        plain.hostname = nil
        return plain
    }

    /// 127: there is no such command, 126: it cannot be executed, 125: anything else kept it from running.
    public static func exitStatus(_ error: BoxError) -> Int32 {
        if error.field != "process.args[0]" { return 125 }
        return error.kind == .notFound ? 127 : error.kind == .denied ? 126 : 125
    }

    // MARK: how it ended

    var status: Status {
        guard let end else { return .failedToStart }
        if end.timeLimit != nil { return .timeout }
        let isKilled = end.process.status == 137
        if isKilled && !end.killed && (usage.value("oom_kill", in: "memory.events") ?? 0) > 0 { return .oom }
        if case .signaled(let number, _) = end.process {
            return end.killed || end.passedOn == number ? .killed : .signaled
        }
        if end.process.status != 0, (usage.value("max", in: "pids.events") ?? 0) > 0 { return .pidsLimit }
        return .exited
    }

    private var exitCode: Node? {
        if case .exited(let code)? = end?.process { return Node(.integer(Int64(code))) }
        return nil
    }

    private var signal: Node? {
        guard case .signaled(let number, let dumped)? = end?.process else { return nil }
        return Self.object([
            ("number", Node(.integer(Int64(number)))), ("name", Self.text(SignalNames.name(number))),
            ("core_dumped", Node(.bool(dumped))),
        ])
    }

    private var timeout: Node? {
        guard let cause = end?.timeLimit, let box = spec?.box else { return nil }
        let limit = cause == .timeout ? box.timeout : box.cpuTimeout
        return Self.object([
            ("clock", Self.text(cause == .timeout ? "wall" : "cpu")),
            ("limit_seconds", limit.map { Self.seconds($0, per: 1000) }),
        ])
    }

    private func reason(_ status: Status, _ error: BoxError?) -> String {
        if let error { return error.oneLine }
        switch status {
        case .exited: return "the command exited with \(end?.process.status ?? 0)"
        case .signaled: return "the command was ended by \(signalName)"
        case .killed: return "swiftbox was told to end, and passed \(signalName) on"
        case .timeout: return ExitReason.timeLimit(end, spec) ?? "its time was over"
        case .oom:
            return "the kernel killed it: out of memory"
                + (asked("linux.resources.memory.limit").map { " at \($0)" } ?? "")
        case .pidsLimit: return "forks were refused" + (asked("linux.resources.pids.limit").map { " at \($0)" } ?? "")
        case .failedToStart: return "it did not come to run"
        }
    }

    private var signalName: String {
        if case .signaled(let number, _)? = end?.process { return SignalNames.name(number) }
        return "a signal"
    }

    /// What was typed for a field.
    func asked(_ field: String) -> String? { spec?.box.flag(for: field) }

    // MARK: JSON

    static func object(_ members: [(String, Node?)]) -> Node {
        Node(.object(members.map { Member($0.0, $0.1 ?? Node(.null)) }))
    }

    static func text(_ text: String) -> Node { Node(.string(text)) }

    static func number(_ value: UInt64?) -> Node? {
        value.map { Int64(exactly: $0).map { Node(.integer($0)) } ?? Node(.unsigned($0)) }
    }

    /// A count of some fraction of a second, as seconds.
    static func seconds(_ value: UInt64, per second: UInt64) -> Node { Node(.double(Double(value) / Double(second))) }

    private static func node(_ error: BoxError) -> Node {
        object([
            ("kind", text(error.kind.rawValue)), ("message", text(error.message)), ("field", error.field.map(text)),
            ("file", error.file.map(text)), ("line", error.position.map { Node(.integer(Int64($0.line))) }),
            ("errno", error.errno.map { Node(.integer(Int64($0.rawValue))) }), ("found", error.found.map(text)),
            ("try", error.remedy.map(text)),
        ])
    }
}
