public import BoxOCI
internal import BoxSystem

/// `create`: makes a box up to the point where its workload would start. Nothing of this process stays with it.
/// What fails leaves nothing behind. Call it once, from a process with one thread.
public func createBox(_ request: LaunchRequest) throws(BoxError) {
    defer { request.writeTimes() }
    try createBox(request, probe: request.probe)
}

/// The same with a probe before each step.
public func createBox(_ request: LaunchRequest, probe: any StepProbe) throws(BoxError) {
    try refuseOrdinaryUser()
    try refuseWhatNeedsARuntime(request.spec)
    try checkConsole(request)
    OwnProcess.setUmask(0o022)
    let (host, plan) = try request.compile(request.spec, detached: true, warn: request.warn)
    for warning in plan.warnings { request.warn(warning) }
    let launcher = try Launcher(plan, host: host, probe: probe)
    launcher.consoleSocket = request.consoleSocket
    var pidFile: IDFile?
    do throws(BoxError) {
        let box = try launcher.launch { (box) throws(BoxError) in pidFile = try request.announce(box) }
        do throws(BoxError) {
            try launcher.settle(box)
        } catch {
            box.end()
            throw error
        }
    } catch {
        var problems = launcher.cleanUp()
        do throws(BoxError) { try pidFile?.remove() } catch { problems.append(error) }
        for problem in problems { request.warn(problem.oneLine) }
        throw error
    }
    for warning in launcher.warnings { request.warn(warning) }
}

/// What swiftbox adds to OCI and a runtime that is gone cannot do.
private func refuseWhatNeedsARuntime(_ spec: Spec) throws(BoxError) {
    let asked = [
        ("timeout", spec.box.timeout != nil), ("cpuTimeout", spec.box.cpuTimeout != nil),
        ("copyOut", !spec.box.copyOut.isEmpty), ("logDenials", spec.box.logDenials),
        ("autoUserNamespace", spec.box.autoUserNamespace),
    ]
    for (name, isAsked) in asked where isAsked {
        throw BoxError(
            .unsupported, "swiftbox.\(name) needs a runtime that stays with the box", field: "swiftbox.\(name)",
            remedy: "use `run` without --detach")
    }
}

private func checkConsole(_ request: LaunchRequest) throws(BoxError) {
    let hasTerminal = request.spec.process?.terminal ?? false
    if hasTerminal && request.consoleSocket == nil {
        throw BoxError(
            .invalidSpec, "process.terminal needs a socket that takes the terminal", field: "--console-socket",
            remedy: "name a socket with --console-socket, or use `run` without --detach")
    }
    if !hasTerminal && request.consoleSocket != nil {
        throw BoxError(
            .invalidSpec, "there is no terminal to hand over", field: "--console-socket",
            found: "process.terminal is false")
    }
}
