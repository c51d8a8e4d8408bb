internal import BoxCgroup
internal import BoxOCI
internal import BoxSystem

/// A box that somebody stays with, in the foreground or as its monitor: what comes before its launch, and what is told of its
/// end. One thread only.
struct AttendedBox {
    let request: LaunchRequest
    /// With its own block of ids, where it has one.
    let spec: Spec
    let launcher: Launcher
    let denials: Denials?

    /// Compiles the plan, and begins to count what was asked for.
    init(_ request: LaunchRequest, _ spec: Spec, probe: any StepProbe) throws(BoxError) {
        let (host, plan) = try request.compile(spec, detached: false, warn: request.tell)
        try self.init(request, spec, host, plan, Launcher(plan, host: host, probe: probe))
    }

    /// The same for a box that is there already.
    init(
        _ request: LaunchRequest, _ spec: Spec, _ host: HostFacts, _ plan: LaunchPlan, _ launcher: Launcher
    ) throws(BoxError) {
        self.request = request
        self.spec = spec
        self.launcher = launcher
        request.report?.spec = request.spec
        request.report?.plan = plan
        request.report?.host = host.cgroup
        for warning in plan.warnings { request.tell(warning) }
        denials = try Self.countDenials(plan, spec, request)
    }

    /// Before the box starts, so that none is missed.
    private static func countDenials(
        _ plan: LaunchPlan, _ spec: Spec, _ request: LaunchRequest
    ) throws(BoxError) -> Denials? {
        if !spec.box.logDenials { return nil }
        var cgroup: String?
        for step in plan.prepare {
            if case .makeCgroup(let path, _) = step.action { cgroup = path }
        }
        do throws(BoxError) {
            return try Denials(cgroup: cgroup, users: spec.linux.uidMappings)
        } catch {
            if !spec.box.bestEffort { throw error }
            request.tell(request.naming(error).oneLine)
            return nil
        }
    }

    func launch(announce: (RunningBox) throws(BoxError) -> Void) throws(BoxError) -> RunningBox {
        defer { for warning in launcher.warnings { request.tell(warning) } }
        return try launcher.launch(announce: announce)
    }

    func run(in prepared: PreparedBox) throws(BoxError) -> RunningBox {
        defer { for warning in launcher.warnings { request.tell(warning) } }
        return try prepared.run()
    }

    /// Of one that was just launched.
    func beginLimits() throws(BoxError) -> TimeLimits {
        let started = try ExitReport.Moment.now()
        request.report?.started = started
        return TimeLimits(spec, started: started.monotonic) { [launcher] () throws(Errno) in
            try launcher.processorMicroseconds()
        }
    }

    /// timeout(1)'s answer.
    private static let timedOut: Int32 = 124

    /// Tells why it ended so; its exit status, and whether the kernel killed in it for want of memory.
    func tell(_ end: BoxEnd) throws(BoxError) -> (status: Int32, oom: Bool) {
        let counters = try launcher.counters()
        if let line = ExitReason.timeLimit(end, spec) { request.tell(line) }
        for line in ExitReason.lines(end.process, counters, spec: spec) { request.tell(line) }
        let oom = (counters.oomKills ?? 0) > 0
        if let report = request.report {
            report.end = end
            report.usage = try launcher.usage()
            if oom, let cgroup = launcher.cgroup { report.victim = KilledProcess.last(in: cgroup.path) }
        }
        try tell(denials)
        // Who was stopped and answers that all went well has not done what it was started for.
        return (end.timeLimit != nil && end.process.status == 0 ? Self.timedOut : end.process.status, oom)
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
        request.tell(
            "denied system calls: " + all.joined(separator: ", ") + (denials.counts.count > 5 ? ", …" : ""))
    }
}
