internal import BoxCgroup
internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

extension ExecRequest {
    /// All up to the launch, which is `body`'s; its errors name what was typed for the field at fault.
    ///
    /// - Parameter terminalSize: of a terminal for which nothing else says it
    func prepare<Value>(
        passed: PassedDescriptors?, probe: any StepProbe, terminalSize: () throws(BoxError) -> ConsoleSize?,
        _ body: (Launcher, Spec) throws(BoxError) -> Value
    ) throws(BoxError) -> Value {
        let cgroups = try CgroupHost.probeMount()
        let state = try Boxes.state(of: id, in: stateRoot, host: cgroups)
        try check(state)
        let cache = SeccompCache(directory: stateRoot)
        var facts = try BoxFacts.probe(state, withAccounts: namesAccounts)
        let file = try processFile.map { (path) throws(BoxError) in try ConfigFile.readProcess(path) }
        facts.filter = state.seccompFilter.flatMap(cache.program(keptAs:))
        let box = try StateDirectory.readSpec(
            stateRoot + "/" + id, checked: false, withSeccomp: facts.filter == nil)
        var spec = try spec(for: box, file: file, accounts: facts.accounts)
        if spec.process?.terminal == true, spec.process?.consoleSize == nil, consoleSocket == nil {
            spec.process?.consoleSize = try terminalSize()
        }
        do throws(BoxError) {
            let host = try HostFacts.probe(for: spec, tryingIDMaps: false, cgroup: cgroups)
            let place = BoxPlace(id: state.id, bundle: state.bundle, stateRoot: stateRoot)
            var plan = try Compiler.compileExec(
                spec, self, in: facts, at: place, host: host, filter: cache.program(for:))
            plan.workload.passedDescriptors = passed?.count ?? 0
            plan.workload.activation = passed?.activation
            for warning in plan.warnings { warn(warning) }
            let launcher = try Launcher(plan, host: host, probe: probe)
            launcher.joined = state
            launcher.joined?.annotations = spec.annotations
            return try body(launcher, spec)
        } catch {
            throw spec.box.namingFlag(error)
        }
    }

    /// Whether the box's /etc says who the process is: where it is somebody else than the box's own.
    private var namesAccounts: Bool { user != nil || !additionalGroups.isEmpty }

    private func check(_ state: RuntimeState) throws(BoxError) {
        try checkOwner()
        switch state.status {
        case .created, .running: return
        case .paused:
            if ignoresPause { return }
            throw BoxError(
                .invalidState, "cannot exec in a paused container", remedy: "resume it, or say --ignore-paused")
        case .creating, .stopped:
            throw BoxError(.invalidState, "cannot exec in a container that is \(state.status.rawValue)")
        }
    }

    /// What somebody else wrote down as the state of a box may name any process and any rights.
    private func checkOwner() throws(BoxError) {
        let path = stateRoot + "/" + id
        let status = try explaining({ BoxError(.kernel, "cannot look at \(path)", errno: $0) }) { () throws(Errno) in
            try File.status(path)
        }
        if status.uid == Caller.userID && status.mode & 0o022 == 0 { return }
        throw BoxError(
            .denied, "the box \(id) is not root's: its state in \(path) cannot be relied on",
            found: "it belongs to user \(status.uid)")
    }
}
