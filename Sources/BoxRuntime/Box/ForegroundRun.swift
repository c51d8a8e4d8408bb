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
    let block = try IDBlock.take(for: &spec)
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

    func run(_ signals: borrowing SignalDescriptor, probe: any StepProbe) throws(BoxError) -> Int32 {
        let attended = try AttendedBox(request, spec, probe: probe)
        let copying = try CopyingOut(spec)
        if !request.attachStdin { try emptyStandardInput() }
        let cidFile = try request.cidFile.map { (path) throws(BoxError) in
            try IDFile.create(path, request.id, field: "--cidfile")
        }
        let launcher = attended.launcher
        defer { for problem in launcher.cleanUp() { request.tell(problem.oneLine) } }
        var pidFile: IDFile?
        let box: RunningBox
        do throws(BoxError) {
            box = try attended.launch { (box) throws(BoxError) in pidFile = try request.announce(box) }
        } catch {
            for file in [cidFile, pidFile] { report { () throws(BoxError) in try file?.remove() } }
            throw error
        }
        let status = try attend(box, attended, signals)
        if launcher.plan.isKept { launcher.keep() }
        let all = try copyOut(copying, launcher) || status != 0 ? status : Self.failed
        request.report?.exitStatus = all
        try request.report?.write(error: nil)
        return all
    }

    /// What swiftbox exits with when it could not do all that was asked of it.
    private static let failed: Int32 = 125

    /// Whether everything could be fetched. What could not is told, and does not hide how the box ended.
    private func copyOut(_ copying: CopyingOut, _ launcher: Launcher) throws(BoxError) -> Bool {
        if spec.box.copyOut.isEmpty { return true }
        var isWhole = true
        for outcome in try launcher.copyOut(copying) {
            if let error = outcome.error { request.tell(request.naming(error).oneLine) }
            for path in outcome.skipped where outcome.error == nil {
                request.tell("--copy-out \(outcome.copy.from): left out \(path): no file, directory or link")
            }
            isWhole = isWhole && outcome.error == nil
            request.report?.copies.append(outcome)
        }
        return isWhole
    }

    private func attend(
        _ box: RunningBox, _ attended: AttendedBox, _ signals: borrowing SignalDescriptor
    ) throws(BoxError) -> Int32 {
        do throws(BoxError) {
            var monitor = Monitor(
                box: box, limits: try attended.beginLimits(), denials: attended.denials,
                killBox: { report { () throws(BoxError) in try attended.launcher.killCgroup() } })
            return try attended.tell(monitor.attend(signals)).status
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
            request.tell(error.oneLine)
        }
    }

    private func emptyStandardInput() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot open /dev/null", errno: $0) }) { () throws(Errno) in
            let null = try File.open("/dev/null", FileFlags.readOnly)
            try OwnProcess.install(null.raw, as: 0)
        }
    }
}
