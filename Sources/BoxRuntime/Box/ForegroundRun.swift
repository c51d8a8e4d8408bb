internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// Runs a box to its end, in this process and one child: the exit status of the workload, 128 plus the number of the
/// signal that ended it. Throws when it did not come to run; field `process.args[0]` with `.notFound` or `.denied`
/// is a command that is not there or cannot be executed. Nothing is left behind either way.
/// Call it once, from a process with one thread.
public func runForeground(_ request: LaunchRequest) throws(BoxError) -> Int32 {
    defer { request.writeTimes() }
    return try runForeground(request, probe: request.probe)
}

/// The same with a probe before each step.
public func runForeground(_ request: LaunchRequest, probe: any StepProbe) throws(BoxError) -> Int32 {
    try refuseOrdinaryUser()
    // From here on a signal waits until there is a box to hand it to, or everything made is taken down again.
    let signals = try explaining({ BoxError(.internal, "cannot watch signals", errno: $0) }) { () throws(Errno) in
        try SignalDescriptor(Signals.all + [Signals.brokenPipe])
    }
    // Modes of what is made here, and the workload's own mask where it asks for none, are not the caller's affair.
    OwnProcess.setUmask(0o022)
    var spec = request.spec
    if spec.process?.terminal == true, spec.process?.consoleSize == nil {
        spec.process?.consoleSize = try explaining({ BoxError(.kernel, "cannot tell the window's size", errno: $0) }) {
            () throws(Errno) in try TerminalRelay.callersSize()
        }
    }
    let isInitial = try explaining({ BoxError(.kernel, "cannot read /proc/self/uid_map", errno: $0) }) {
        () throws(Errno) in spec.box.autoUserNamespace ? try OwnIDs.areInitial() : false
    }
    let block = isInitial ? try IDBlock.take() : nil
    if let block {
        spec.linux.uidMappings = block.map
        spec.linux.gidMappings = block.map
    } else if spec.box.autoUserNamespace {
        (spec.linux.uidMappings, spec.linux.gidMappings) = try IDBlock.ofCaller()
    }
    let run = ForegroundRun(request, spec)
    defer { run.report { () throws(BoxError) in try block?.giveBack() } }
    return try run.run(signals, probe: probe)
}

private struct ForegroundRun {
    let request: LaunchRequest
    let spec: Spec

    init(_ request: LaunchRequest, _ spec: Spec) {
        self.request = request
        self.spec = spec
    }

    private func warn(_ text: String) {
        request.warn(text)
        request.report?.warnings.append(text)
    }

    func run(_ signals: borrowing SignalDescriptor, probe: any StepProbe) throws(BoxError) -> Int32 {
        let (host, plan) = try request.compile(spec, detached: false, warn: warn)
        request.report?.spec = request.spec
        request.report?.plan = plan
        request.report?.host = host.cgroup
        for warning in plan.warnings { warn(warning) }
        let copying = try CopyingOut(spec)
        if !request.attachStdin { try emptyStandardInput() }
        let cidFile = try request.cidFile.map { (path) throws(BoxError) in
            try IDFile.create(path, request.id, field: "--cidfile")
        }
        let denials = try countDenials(plan)
        let launcher = try Launcher(plan, host: host, probe: probe)
        defer { for problem in launcher.cleanUp() { warn(problem.oneLine) } }
        var pidFile: IDFile?
        let box: RunningBox
        do throws(BoxError) {
            box = try launcher.launch { (box) throws(BoxError) in pidFile = try request.announce(box) }
        } catch {
            for warning in launcher.warnings { warn(warning) }
            for file in [cidFile, pidFile] { report { () throws(BoxError) in try file?.remove() } }
            throw error
        }
        for warning in launcher.warnings { warn(warning) }
        let status = try attend(box, launcher, signals, denials)
        if plan.isKept { launcher.keep() }
        let all = try copyOut(copying, launcher) || status != 0 ? status : Self.failed
        request.report?.exitStatus = all
        try request.report?.write(error: nil)
        return all
    }

    /// timeout(1)'s answer.
    private static let timedOut: Int32 = 124

    /// Before the box starts, so that none is missed.
    private func countDenials(_ plan: LaunchPlan) throws(BoxError) -> Denials? {
        if !spec.box.logDenials { return nil }
        var cgroup: String?
        for step in plan.prepare {
            if case .makeCgroup(let path, _) = step.action { cgroup = path }
        }
        do throws(BoxError) {
            return try Denials(cgroup: cgroup, users: spec.linux.uidMappings)
        } catch {
            if !spec.box.bestEffort { throw error }
            warn(request.naming(error).oneLine)
            return nil
        }
    }

    /// The kernel's audit thread may be a moment behind the box's end.
    private func tell(_ denials: Denials?) throws(BoxError) {
        guard let denials else { return }
        try explaining({ BoxError(.kernel, "cannot hear the kernel's audit", errno: $0) }) { () throws(Errno) in
            var entries = [Poll.Entry(denials.raw)]
            try Poll.wait(&entries, milliseconds: 50)
            try denials.drain()
        }
        request.report?.denials = denials.sorted
        if denials.counts.isEmpty { return }
        let all = denials.sorted.prefix(5).map { "\($0.key.syscall) \($0.count)x (\($0.key.process))" }
        warn("denied system calls: " + all.joined(separator: ", ") + (denials.counts.count > 5 ? ", …" : ""))
    }

    private func fill(
        _ report: ExitReport?, _ end: BoxEnd, _ launcher: Launcher
    ) throws(BoxError) {
        guard let report else { return }
        report.end = end
        report.usage = try launcher.usage()
        if let kills = report.usage.value("oom_kill", in: "memory.events"), kills > 0, let cgroup = launcher.cgroup {
            report.victim = KilledProcess.last(in: cgroup.path)
        }
    }

    /// What swiftbox exits with when it could not do all that was asked of it.
    private static let failed: Int32 = 125

    /// Whether everything could be fetched. What could not is told, and does not hide how the box ended.
    private func copyOut(_ copying: CopyingOut, _ launcher: Launcher) throws(BoxError) -> Bool {
        if spec.box.copyOut.isEmpty { return true }
        var isWhole = true
        for outcome in try launcher.copyOut(copying) {
            if let error = outcome.error { warn(request.naming(error).oneLine) }
            for path in outcome.skipped where outcome.error == nil {
                warn("--copy-out \(outcome.copy.from): left out \(path): no file, directory or link")
            }
            isWhole = isWhole && outcome.error == nil
            request.report?.copies.append(outcome)
        }
        return isWhole
    }

    private func attend(
        _ box: RunningBox, _ launcher: Launcher, _ signals: borrowing SignalDescriptor,
        _ denials: Denials?
    ) throws(BoxError) -> Int32 {
        do throws(BoxError) {
            let started = try ExitReport.Moment.now()
            request.report?.started = started
            let limits = TimeLimits(spec, started: started.monotonic) { () throws(Errno) in
                try launcher.processorMicroseconds()
            }
            var monitor = Monitor(
                box: box, limits: limits, denials: denials,
                killBox: { report { () throws(BoxError) in try launcher.killCgroup() } })
            let end = try monitor.attend(signals)
            let counters = try launcher.counters()
            if let line = ExitReason.timeLimit(end, spec) { warn(line) }
            for line in ExitReason.lines(end.process, counters, spec: spec) { warn(line) }
            try fill(request.report, end, launcher)
            try tell(denials)
            // Who was stopped and answers that all went well has not done what it was started for.
            return end.timeLimit != nil && end.process.status == 0 ? Self.timedOut : end.process.status
        } catch {
            box.end()
            throw error
        }
    }

    /// A failure in tidying up does not hide how the box ended.
    func report(_ body: () throws(BoxError) -> Void) {
        do throws(BoxError) {
            try body()
        } catch {
            warn(error.oneLine)
        }
    }

    private func emptyStandardInput() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot open /dev/null", errno: $0) }) { () throws(Errno) in
            let null = try File.open("/dev/null", FileFlags.readOnly)
            try OwnProcess.install(null.raw, as: 0)
        }
    }
}
