internal import BoxCgroup
public import BoxOCI
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
        let size = { () throws(BoxError) -> ConsoleSize? in
            try explaining({ BoxError(.kernel, "cannot tell the window's size", errno: $0) }) { () throws(Errno) in
                try TerminalRelay.callersSize()
            }
        }
        return try request.prepare(passed: passed, probe: probe, terminalSize: size) {
            (launcher, _) throws(BoxError) in try launch(launcher, signals)
        }
    }

    private func launch(_ launcher: Launcher, _ signals: borrowing SignalDescriptor) throws(BoxError) -> Int32 {
        launcher.consoleSocket = request.consoleSocket
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
}
