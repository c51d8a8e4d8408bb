internal import BoxCgroup
public import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// Starts a process in a box that exists, and stays with it unless it is to be detached: the exit status of the process,
/// 128 plus the number of the signal that ended it, or 0 when it was left alone. Throws when it did not come to run, as
/// `runForeground` does. Call it once, from a process with one thread.
public func runExec(_ request: ExecRequest) throws(BoxError) -> Int32 {
    try runExec(request, probe: Unprobed())
}

/// The same with a probe before each step.
public func runExec(_ request: ExecRequest, probe: any StepProbe) throws(BoxError) -> Int32 {
    if Caller.userID != 0 {
        throw BoxError(.denied, "only root can start processes in a box", remedy: "run as root")
    }
    // Before anything is opened: a number that is free now would stand for a descriptor of the runtime's own later.
    let passed = try PassedDescriptors(preserved: request.preservedDescriptors)
    // A signal that comes before there is a process waits for it. Who does not stay waits for none.
    let signals = try explaining({ BoxError(.internal, "cannot watch signals", errno: $0) }) { () throws(Errno) in
        try SignalDescriptor(request.isDetached ? [] : Signals.all + [Signals.brokenPipe])
    }
    OwnProcess.setUmask(0o022)
    return try ExecRun(request: request, passed: passed).run(signals, probe: probe)
}

private struct ExecRun {
    let request: ExecRequest
    let passed: PassedDescriptors

    func run(_ signals: borrowing SignalDescriptor, probe: any StepProbe) throws(BoxError) -> Int32 {
        let cgroups = try CgroupHost.probe()
        let state = try Boxes.state(of: request.id, in: request.stateRoot, host: cgroups)
        try check(state)
        let facts = try BoxFacts.probe(state)
        let file = try request.processFile.map { (path) throws(BoxError) in try ConfigFile.readProcess(path) }
        var spec = try request.spec(
            for: Boxes.spec(of: request.id, in: request.stateRoot), file: file, accounts: facts.accounts)
        if spec.process?.terminal == true, spec.process?.consoleSize == nil, request.consoleSocket == nil {
            spec.process?.consoleSize = try explaining({
                BoxError(.kernel, "cannot tell the window's size", errno: $0)
            }) { () throws(Errno) in try TerminalRelay.callersSize() }
        }
        do throws(BoxError) {
            return try launch(spec, facts, state, cgroups, signals, probe: probe)
        } catch {
            throw spec.box.namingFlag(error)
        }
    }

    private func launch(
        _ spec: Spec, _ facts: BoxFacts, _ state: RuntimeState, _ cgroups: CgroupHost,
        _ signals: borrowing SignalDescriptor, probe: any StepProbe
    ) throws(BoxError) -> Int32 {
        let host = try HostFacts.probe(for: spec, tryingIDMaps: false, cgroup: cgroups)
        let place = BoxPlace(id: state.id, bundle: state.bundle, stateRoot: request.stateRoot)
        let cache = SeccompCache(directory: request.stateRoot)
        var plan = try Compiler.compileExec(
            spec, request, in: facts, at: place, host: host, filter: cache.program(for:))
        plan.workload.passedDescriptors = passed.count
        plan.workload.activation = passed.activation
        for warning in plan.warnings { request.warn(warning) }
        let launcher = try Launcher(plan, host: host, probe: probe)
        launcher.consoleSocket = request.consoleSocket
        launcher.joined = state
        var pidFile: IDFile?
        do throws(BoxError) {
            let process = try launcher.launch { (process) throws(BoxError) in
                pidFile = try request.pidFile.map { (path) throws(BoxError) in
                    try IDFile.replace(path, String(process.pid), field: "--pid-file")
                }
                if let path = request.pidfdSocket {
                    try HandOver.send(process.pidfd, named: "pidfd", to: path, flag: "--pidfd-socket")
                }
            }
            if request.isDetached { return 0 }
            return try attend(process, signals)
        } catch {
            remove(pidFile)
            throw error
        }
    }

    private func attend(_ process: RunningBox, _ signals: borrowing SignalDescriptor) throws(BoxError) -> Int32 {
        do throws(BoxError) {
            // The limits of time are the box's own, and its runtime keeps them.
            let unlimited = TimeLimits(Spec(), started: 0) { () throws(Errno) in nil }
            var monitor = Monitor(box: process, limits: unlimited, denials: nil, killBox: {})
            return try monitor.attend(signals).process.status
        } catch {
            process.end()
            throw error
        }
    }

    private func remove(_ file: IDFile?) {
        do throws(BoxError) {
            try file?.remove()
        } catch {
            request.warn(error.oneLine)
        }
    }

    private func check(_ state: RuntimeState) throws(BoxError) {
        try checkOwner()
        switch state.status {
        case .created, .running: return
        case .paused:
            if request.ignoresPause { return }
            throw BoxError(
                .invalidState, "cannot exec in a paused container", remedy: "resume it, or say --ignore-paused")
        case .creating, .stopped:
            throw BoxError(.invalidState, "cannot exec in a container that is \(state.status.rawValue)")
        }
    }

    /// What somebody else wrote down as the state of a box may name any process and any rights.
    private func checkOwner() throws(BoxError) {
        let path = request.stateRoot + "/" + request.id
        let status = try explaining({ BoxError(.kernel, "cannot look at \(path)", errno: $0) }) { () throws(Errno) in
            try File.status(path)
        }
        if status.uid == Caller.userID && status.mode & 0o022 == 0 { return }
        throw BoxError(
            .denied, "the box \(request.id) is not root's: its state in \(path) cannot be relied on",
            found: "it belongs to user \(status.uid)")
    }
}
