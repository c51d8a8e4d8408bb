internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// When each step of a launch began and ended: what `--trace-timing` writes. One thread only.
///
/// The init process notes its times in memory that it shares with the runtime, which writes them all down at its own end.
public final class StepTimes: StepProbe {
    /// The version of the document's shape; it grows when a reader would have to change.
    public static let schema: Int64 = 1
    private static let flag = "--trace-timing"

    private let file: ReportFile
    private let started: Int64
    private var plan: LaunchPlan?
    private var times: SharedTimes?

    /// Begins with `.compile`. An absolute path, or `fd:N`: refuses what cannot be written, before anything is made.
    public init(_ file: String) throws(BoxError) {
        self.file = try ReportFile(file, flag: Self.flag)
        started = try explaining({ BoxError(.kernel, "cannot tell the time", errno: $0) }) { () throws(Errno) in
            try Kernel.monotonicNanoseconds()
        }
    }

    /// The plan is compiled.
    func follow(_ plan: LaunchPlan) throws(BoxError) {
        for step in plan.enter {
            switch step.action {
            case .makeTimeNamespace(let offsets) where offsets.monotonic != nil: break
            case .joinNamespace(.time): break
            default: continue
            }
            throw BoxError(
                .unsupported, "\(Self.flag): the box's clock is not the runtime's, so times cannot be compared",
                field: Self.flag, found: step.field, remedy: "trace it without a time namespace")
        }
        let times = try explaining({ BoxError(.kernel, "cannot share memory", errno: $0) }) { () throws(Errno) in
            try SharedTimes(count: 2 * (plan.steps.count + LaunchPhase.allCases.count))
        }
        self.plan = plan
        self.times = times
        times[2 * number(.compile)] = started
        end(.compile)
    }

    private func number(_ phase: LaunchPhase) -> Int { (plan?.steps.count ?? 0) + phase.rawValue }

    public func before(_ step: Step, number: Int) { times?.note(2 * number) }
    public func after(number: Int) { times?.note(2 * number + 1) }
    public func begin(_ phase: LaunchPhase) { times?.note(2 * number(phase)) }
    public func end(_ phase: LaunchPhase) { times?.note(2 * number(phase) + 1) }

    /// What has begun so far, in the order of its beginning; what has not ended has no duration. Nothing, where there
    /// never was a plan.
    func write() throws(BoxError) {
        guard let plan, let times else { return }
        let runtime = { (steps: [Step]) in steps.map { ("runtime", $0.action.title) } }
        let all =
            runtime(plan.prepare) + plan.enter.map { ("between", $0.action.title) } + runtime(plan.attend)
            + plan.initialise.map { ("init", $0.action.title) } + runtime(plan.ready + plan.started + plan.removed)
            + LaunchPhase.allCases.map { ($0 == .execute ? "init" : "runtime", $0.title) }
        let order = all.indices.filter { times[2 * $0] != 0 }.sorted { (times[2 * $0], $0) < (times[2 * $1], $1) }
        let steps = order.map { number in
            let (begin, end) = (times[2 * number], times[2 * number + 1])
            return Node(
                .object([
                    Member("where", Node(.string(all[number].0))), Member("action", Node(.string(all[number].1))),
                    Member("start", Node(.integer(begin - started))),
                    Member("nanoseconds", Node(end == 0 ? .null : .integer(end - begin))),
                ]))
        }
        let document = Node(
            .object([
                Member("schema", Node(.integer(Self.schema))), Member("id", Node(.string(plan.id))),
                Member("steps", Node(.array(steps))),
            ]))
        try file.write(JSON.write(document, pretty: true) + [UInt8(ascii: "\n")])
    }
}

extension LaunchPhase {
    fileprivate var title: String {
        switch self {
        case .compile: "read the configuration and compile the plan"
        case .clone: "clone the init process"
        case .execute: "execute the command"
        case .cleanUp: "clean up"
        }
    }
}
