internal import BoxCgroup
internal import BoxOCI
internal import BoxSystem

/// A box, or one more process in one, that a monitor has launched: its streams, its limits of time, its end.
/// One thread only.
final class SupervisedProcess {
    let request: SupervisionRequest
    let process: RunningBox
    let streams: ProcessStreams
    let started: String
    private let launcher: Launcher
    private let spec: Spec
    private let block: IDBlock?
    private let report: ExitReport?
    private let denials: Denials?
    private var limits: TimeLimits
    private var memory: CgroupEventFile?
    private var kills: UInt64 = 0
    /// CLOCK_MONOTONIC nanoseconds: when patience with a `stop` ends.
    private var killAt: Int64?
    private var passedOn: CInt?
    private(set) var end: BoxEnd?

    private init(
        _ request: SupervisionRequest, _ process: RunningBox, _ streams: ProcessStreams, _ launcher: Launcher,
        _ spec: Spec, block: IDBlock?, report: ExitReport?, denials: Denials?
    ) throws(BoxError) {
        self.request = request
        self.process = process
        self.streams = streams
        self.launcher = launcher
        self.spec = spec
        self.block = block
        self.report = report
        self.denials = denials
        started = PreciseTime.now
        let now = try ExitReport.Moment.now()
        report?.started = now
        let watched = request.exec == nil ? spec : Spec()
        limits = TimeLimits(watched, started: now.monotonic) { () throws(Errno) in
            try launcher.processorMicroseconds()
        }
        if request.exec == nil { watchMemory() }
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
    static func launch(
        _ request: SupervisionRequest, stateRoot: String, warn: @escaping (String) -> Void
    ) throws(BoxError) -> SupervisedProcess {
        if let exec = request.exec { return try launch(exec, request, warn) }
        var spec = try ConfigFile.read(request.config ?? "")
        let asked = spec
        if spec.process?.terminal == true, let size = request.size { spec.process?.consoleSize = size }
        let block = spec.box.autoUserNamespace ? try IDBlock.take() : nil
        if let block {
            spec.linux.uidMappings = block.map
            spec.linux.gidMappings = block.map
        }
        let report = try request.report.map { (path) throws(BoxError) in try ExitReport(ReportFile(path)) }
        report?.id = request.id
        do throws(BoxError) {
            return try launch(spec, asked: asked, request, stateRoot: stateRoot, block, report, warn)
        } catch {
            let named = asked.box.namingFlag(error)
            do throws(BoxError) { try report?.write(error: named) } catch let problem { warn(problem.oneLine) }
            do throws(BoxError) { try block?.giveBack() } catch let problem { warn(problem.oneLine) }
            throw named
        }
    }

    private static func launch(
        _ spec: Spec, asked: Spec, _ request: SupervisionRequest, stateRoot: String, _ block: IDBlock?,
        _ report: ExitReport?, _ warn: @escaping (String) -> Void
    ) throws(BoxError) -> SupervisedProcess {
        var launch = LaunchRequest(
            spec: spec, id: request.id, bundle: request.bundle ?? "", stateRoot: stateRoot)
        launch.warn = warn
        let (host, plan) = try launch.compile(spec, detached: false, warn: warn)
        report?.spec = asked
        report?.plan = plan
        report?.host = host.cgroup
        let tell: (String) -> Void = { text in
            warn(text)
            report?.warnings.append(text)
        }
        for warning in plan.warnings { tell(warning) }
        let denials = try spec.box.logDenials ? countDenials(plan, spec) : nil
        let launcher = try Launcher(plan, host: host, probe: Unprobed())
        do throws(BoxError) {
            let streams = try ProcessStreams(spec, hasInput: request.hasInput)
            let box = try streams.installed { () throws(BoxError) in
                try launcher.launch { (box) throws(BoxError) in }
            }
            for warning in launcher.warnings { tell(warning) }
            return try ending(box) { () throws(BoxError) in
                try streams.take(box)
                return try SupervisedProcess(
                    request, box, streams, launcher, spec, block: block, report: report, denials: denials)
            }
        } catch {
            for problem in launcher.cleanUp() { warn(problem.oneLine) }
            throw error
        }
    }

    /// What runs already does not outlive the failure to look after it.
    private static func ending<Value>(
        _ process: RunningBox, _ body: () throws(BoxError) -> Value
    ) throws(BoxError) -> Value {
        do throws(BoxError) {
            return try body()
        } catch {
            process.end()
            throw error
        }
    }

    private static func countDenials(_ plan: LaunchPlan, _ spec: Spec) throws(BoxError) -> Denials {
        var cgroup: String?
        for step in plan.prepare {
            if case .makeCgroup(let path, _) = step.action { cgroup = path }
        }
        return try Denials(cgroup: cgroup, users: spec.linux.uidMappings)
    }

    private static func launch(
        _ exec: ExecRequest, _ request: SupervisionRequest, _ warn: @escaping (String) -> Void
    ) throws(BoxError) -> SupervisedProcess {
        var exec = exec
        exec.warn = warn
        let state = try Boxes.state(of: exec.id, in: exec.stateRoot)
        if state.status != .running && state.status != .created {
            throw BoxError(.invalidState, "cannot exec in a box that is \(state.status.rawValue)")
        }
        let facts = try BoxFacts.probe(state)
        let file = try exec.processFile.map { (path) throws(BoxError) in try ConfigFile.readProcess(path) }
        var spec = try exec.spec(for: Boxes.spec(of: exec.id, in: exec.stateRoot), file: file, accounts: facts.accounts)
        if spec.process?.terminal == true, let size = request.size { spec.process?.consoleSize = size }
        do throws(BoxError) {
            let host = try HostFacts.probe(for: spec, tryingIDMaps: false)
            let place = BoxPlace(id: state.id, bundle: state.bundle, stateRoot: exec.stateRoot)
            let plan = try Compiler.compileExec(spec, exec, in: facts, at: place, host: host)
            for warning in plan.warnings { warn(warning) }
            let launcher = try Launcher(plan, host: host, probe: Unprobed())
            launcher.joined = state
            let streams = try ProcessStreams(spec, hasInput: request.hasInput)
            let process = try streams.installed { () throws(BoxError) in
                try launcher.launch { (process) throws(BoxError) in }
            }
            return try ending(process) { () throws(BoxError) in
                try streams.take(process)
                return try SupervisedProcess(
                    request, process, streams, launcher, spec, block: nil, report: nil, denials: nil)
            }
        } catch {
            throw spec.box.namingFlag(error)
        }
    }

    // MARK: While it lives

    /// What to wait for beside the streams.
    var entries: [Poll.Entry] {
        var memory = Poll.Entry(changeOf: self.memory?.raw ?? -1)
        if end != nil { memory.descriptor = -1 }
        return [Poll.Entry(end == nil ? process.pidfd : -1), memory, Poll.Entry(denials?.raw ?? -1)]
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
            if ready[2] { try denials?.drain() }
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
        var oom = false
        func attempt(_ body: () throws(BoxError) -> Void) {
            do throws(BoxError) {
                try body()
            } catch {
                warn(error.oneLine)
                report?.warnings.append(error.oneLine)
            }
        }
        attempt { () throws(BoxError) in
            let counters = try launcher.counters()
            oom = (counters.oomKills ?? 0) > 0
            if let line = ExitReason.timeLimit(end, spec) { report?.warnings.append(line) }
            report?.warnings += ExitReason.lines(end.process, counters, spec: spec)
            report?.end = end
            report?.usage = try launcher.usage()
            report?.denials = denials?.sorted
            if oom, let cgroup = launcher.cgroup { report?.victim = KilledProcess.last(in: cgroup.path) }
        }
        let status = end.timeLimit != nil && end.process.status == 0 ? 124 : end.process.status
        report?.exitStatus = status
        let reason = (report?.status ?? Self.fate(of: end)).rawValue
        attempt { () throws(BoxError) in try report?.write(error: nil) }
        for problem in launcher.cleanUp() { warn(problem.oneLine) }
        attempt { () throws(BoxError) in try block?.giveBack() }
        return (status, oom, reason)
    }
}
