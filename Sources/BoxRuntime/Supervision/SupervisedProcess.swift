internal import BoxCgroup
internal import BoxDocument
internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// A box, or one more process in one, that a monitor has launched: its streams, its limits of time, its end.
/// One thread only.
final class SupervisedProcess {
    let request: SupervisionRequest
    let process: RunningBox
    let streams: ProcessStreams
    let started: String
    private let launcher: Launcher
    /// nil for one more process in a box.
    private let box: AttendedBox?
    private let block: IDBlock?
    private var limits: TimeLimits
    private var memory: CgroupEventFile?
    private var kills: UInt64 = 0
    /// CLOCK_MONOTONIC nanoseconds: when patience with a `stop` ends.
    private var killAt: Int64?
    private var passedOn: CInt?
    private(set) var end: BoxEnd?
    /// For who asked for the box; of one more process in it there is only the log.
    private let warnings: ToldWarnings

    private init(
        _ request: SupervisionRequest, _ process: RunningBox, _ streams: ProcessStreams, _ launcher: Launcher,
        box: AttendedBox?, block: IDBlock?, _ warnings: ToldWarnings
    ) throws(BoxError) {
        self.request = request
        self.warnings = warnings
        self.process = process
        self.streams = streams
        self.launcher = launcher
        self.box = box
        self.block = block
        started = PreciseTime.now
        // Those of a process in a box are the box's own.
        limits = try box?.beginLimits() ?? TimeLimits(Spec(), started: 0) { () throws(Errno) in nil }
        if box != nil { watchMemory() }
    }

    /// Where the box has a memory controller.
    private func watchMemory() {
        do throws(Errno) {
            guard launcher.slots.has(.cgroup) else { return }
            let file = try CgroupEventFile("memory.events", in: launcher.slots.get(.cgroup))
            kills = try file.value("oom_kill") ?? 0
            memory = file
        } catch {
            memory = nil
        }
    }

    // MARK: Launching

    /// Returns when the workload runs. When it throws, nothing is left.
    ///
    /// - Parameter rehearsal: what was made ahead, for a box that can do with it
    static func launch(
        _ request: SupervisionRequest, _ rehearsal: Rehearsal, stateRoot: String,
        warn: @escaping (String) -> Void
    ) throws(BoxError) -> SupervisedProcess {
        let parts = try rehearsal.take()
        if let exec = request.exec {
            rehearsal.abandon(warn)
            try leave(parts.network)
            return try launch(exec, request, warn)
        }
        // Of other boxes.
        for warning in parts.sweepWarnings ?? [] { warn(warning) }
        if let prepared = rehearsal.box, let (spec, plan) = try prepared.take(request) {
            return try reporting(request, spec, stateRoot, warn) { (launch, told) throws(BoxError) in
                let box = try AttendedBox(launch, spec, prepared.host, plan, prepared.launcher)
                return try start(request, box, block: nil, told, in: prepared)
            }
        }
        rehearsal.abandon(warn)
        return try launch(request, parts, stateRoot, warn)
    }

    private static func launch(
        _ request: SupervisionRequest, _ parts: PreparedParts, _ stateRoot: String, _ warn: @escaping (String) -> Void
    ) throws(BoxError) -> SupervisedProcess {
        let source = try ConfigFile.readText(request.config ?? "", filters: SeccompCache(directory: stateRoot))
        let asked = source.spec.with(request.command)
        var spec = asked
        if spec.process?.terminal == true, let size = request.size { spec.process?.consoleSize = size }
        let block = try IDBlock.take(for: &spec)
        do throws(BoxError) {
            return try reporting(request, asked, stateRoot, warn) { (launch, told) throws(BoxError) in
                var launch = launch
                launch.source = source
                launch.isSwept = parts.sweepWarnings != nil
                let box = try AttendedBox(launch, spec, probe: Unprobed())
                try parts.give(box.launcher)
                let launched = try start(request, box, block: block, told)
                if parts.sweepWarnings != nil && !parts.serve(box.launcher.plan) {
                    remember(box.launcher.plan, source, stateRoot, warn)
                }
                return launched
            }
        } catch {
            do throws(BoxError) { try block?.giveBack() } catch let problem { warn(problem.oneLine) }
            throw error
        }
    }

    /// With the report that was asked for; a failure in the words of who asked.
    private static func reporting(
        _ request: SupervisionRequest, _ spec: Spec, _ stateRoot: String, _ warn: @escaping (String) -> Void,
        _ body: (LaunchRequest, ToldWarnings) throws(BoxError) -> SupervisedProcess
    ) throws(BoxError) -> SupervisedProcess {
        var launch = LaunchRequest(
            spec: spec, id: request.id, bundle: request.bundle ?? "", stateRoot: stateRoot)
        let told = ToldWarnings()
        launch.warn = {
            warn("\(request.id.prefix(12)): \($0)")
            told.texts.append($0)
        }
        do throws(BoxError) {
            launch.report = try request.report.map { (path) throws(BoxError) in try ExitReport(ReportFile(path)) }
            launch.report?.id = request.id
            return try body(launch, told)
        } catch {
            let named = spec.box.namingFlag(error)
            do throws(BoxError) { try launch.report?.write(error: named) } catch let problem { warn(problem.oneLine) }
            throw named
        }
    }

    private static func remember(
        _ plan: LaunchPlan, _ source: CheckedConfig, _ stateRoot: String, _ warn: (String) -> Void
    ) {
        do throws(Errno) {
            try LastBox.remember(plan, source, stateRoot)
        } catch {
            warn("cannot keep what the next monitor should prepare: \(error)")
        }
    }

    private static func leave(_ network: PreparedNetwork?) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot leave the prepared network", errno: $0) }) { () throws(Errno) in
            try network?.leave()
        }
    }

    private static func start(
        _ request: SupervisionRequest, _ box: AttendedBox, block: IDBlock?, _ told: ToldWarnings,
        in prepared: PreparedBox? = nil
    ) throws(BoxError) -> SupervisedProcess {
        do throws(BoxError) {
            if let prepared {
                let process = try box.run(in: prepared)
                return try look(after: process, prepared.streams, request, box.launcher, box: box, block: block, told)
            }
            return try start(request, box.launcher, box.spec, box: box, block: block, told)
        } catch {
            for problem in box.launcher.cleanUp() { box.request.tell(problem.oneLine) }
            throw error
        }
    }

    private static func start(
        _ request: SupervisionRequest, _ launcher: Launcher, _ spec: Spec, box: AttendedBox?, block: IDBlock?,
        _ warnings: ToldWarnings
    ) throws(BoxError) -> SupervisedProcess {
        let streams = try ProcessStreams(spec, hasInput: request.hasInput)
        let process = try streams.installed { () throws(BoxError) in
            if let box { return try box.launch { (_) throws(BoxError) in } }
            return try launcher.launch { (_) throws(BoxError) in }
        }
        return try look(after: process, streams, request, launcher, box: box, block: block, warnings)
    }

    /// What runs already does not outlive the failure to look after it.
    private static func look(
        after process: RunningBox, _ streams: ProcessStreams, _ request: SupervisionRequest, _ launcher: Launcher,
        box: AttendedBox?, block: IDBlock?, _ warnings: ToldWarnings
    ) throws(BoxError) -> SupervisedProcess {
        do throws(BoxError) {
            try streams.take(process)
            return try SupervisedProcess(
                request, process, streams, launcher, box: box, block: block, warnings)
        } catch {
            process.end()
            throw error
        }
    }

    private static func launch(
        _ exec: ExecRequest, _ request: SupervisionRequest, _ warn: @escaping (String) -> Void
    ) throws(BoxError) -> SupervisedProcess {
        var exec = exec
        exec.warn = warn
        return try exec.prepare(passed: nil, probe: Unprobed(), terminalSize: { request.size }) {
            (launcher, spec) throws(BoxError) in
            try start(request, launcher, spec, box: nil, block: nil, ToldWarnings())
        }
    }

    /// What was told since the last time.
    func takeWarnings() -> Member {
        defer { warnings.texts = [] }
        return Member("warnings", Node(.array(warnings.texts.map { Node(.string($0)) })))
    }

    // MARK: While it lives

    /// What to wait for beside the streams.
    var entries: [Poll.Entry] {
        var memory = Poll.Entry(changeOf: self.memory?.raw ?? -1)
        if end != nil { memory.descriptor = -1 }
        return [Poll.Entry(end == nil ? process.pidfd : -1), memory, Poll.Entry(box?.denials?.raw ?? -1)]
    }

    /// Milliseconds until something is due; -1 is never.
    func wait(now: Int64) -> CInt {
        if end != nil { return -1 }
        let own = limits.wait(now: now)
        guard let killAt else { return own }
        let left = CInt(clamping: max(0, (killAt - now + 999_999) / 1_000_000))
        return own < 0 ? left : min(own, left)
    }

    /// What has happened; whether the kernel killed for want of memory.
    func attend(_ entries: ArraySlice<Poll.Entry>) throws(BoxError) -> (isOver: Bool, oom: Bool) {
        let ready = entries.map { $0.isReady || $0.isHungUp }
        return try explaining({ BoxError(.internal, "cannot watch the box", errno: $0) }) { () throws(Errno) in
            var oom = false
            if ready[1], let count = try memory?.value("oom_kill"), count > kills {
                kills = count
                oom = true
            }
            if ready[2] { try box?.denials?.drain() }
            if ready[0] {
                end = BoxEnd(process: try process.wait(), timeLimit: limits.cause, passedOn: passedOn)
                return (true, oom)
            }
            try keepTime()
            return (false, oom)
        }
    }

    private func keepTime() throws(Errno) {
        if end != nil { return }
        let now = try Kernel.monotonicNanoseconds()
        if let killAt, now >= killAt {
            self.killAt = nil
            try kill()
        }
        let (signal, process) = (limits.stopSignal, process)
        switch try limits.due(now: now, ignoresStop: { process.ignores(signal) }) {
        case .nothing: return
        case .stop: try process.send(signal)
        case .kill: try kill()
        }
    }

    func send(_ signal: CInt) throws(Errno) {
        passedOn = signal
        try process.send(signal)
    }

    /// To every process of the box.
    func sendToAll(_ signal: CInt, stateRoot: String) throws(BoxError) {
        if request.exec != nil {
            throw BoxError(.unsupported, "a signal for all is one for the box, not for one more process in it")
        }
        passedOn = signal
        try Killing.kill(id: request.id, stateRoot: stateRoot, signal: signal, all: true)
    }

    /// - Parameter milliseconds: until all of it is killed; negative is never
    func stop(_ signal: CInt, milliseconds: Int64) throws(Errno) {
        passedOn = signal
        if milliseconds == 0 || signal == Signals.kill || (milliseconds > 0 && process.ignores(signal)) {
            passedOn = Signals.kill
            return try kill()
        }
        try process.send(signal)
        if milliseconds > 0 { killAt = try Kernel.monotonicNanoseconds() + milliseconds * 1_000_000 }
    }

    private func kill() throws(Errno) {
        do throws(BoxError) {
            if request.exec == nil { try launcher.killCgroup() }
        } catch {
            // Without it, the end of process 1 of the pid namespace takes the rest along.
        }
        try process.send(Signals.kill)
    }

    // MARK: Its end

    /// Without a report, which would know more.
    private static func fate(of end: BoxEnd) -> ExitReport.Status {
        if end.timeLimit != nil { return .timeout }
        if case .signaled = end.process { return .signaled }
        return .exited
    }

    /// The monitor can wait no longer: so that what happens to the box is at least recorded.
    func abort() throws(Errno) {
        try kill()
        end = BoxEnd(process: try process.wait(), timeLimit: limits.cause, passedOn: passedOn)
    }

    /// Takes down what there was; how it ended, for exit.json.
    func finish(_ warn: (String) -> Void) -> (status: Int32, oom: Bool, reason: String) {
        guard let end else { return (137, false, "") }
        var told = (status: end.process.status, oom: false)
        let report = box?.request.report
        func attempt(_ body: () throws(BoxError) -> Void) {
            do throws(BoxError) {
                try body()
            } catch {
                warn(error.oneLine)
                report?.warnings.append(error.oneLine)
            }
        }
        attempt { () throws(BoxError) in if let box { told = try box.tell(end) } }
        report?.exitStatus = told.status
        let reason = (report?.status ?? Self.fate(of: end)).rawValue
        attempt { () throws(BoxError) in try report?.write(error: nil) }
        for problem in launcher.cleanUp() { warn(problem.oneLine) }
        attempt { () throws(BoxError) in try block?.giveBack() }
        return (told.status, told.oom, reason)
    }
}

/// Warnings that wait for who is to hear them.
private final class ToldWarnings {
    var texts: [String] = []
}
