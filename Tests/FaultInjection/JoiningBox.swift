internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// A process that joins a box, and fails at each step on the way. The box has to be as it was, and can be deleted.
extension OneBox {
    func execInBox(_ probe: FaultProbe) throws(BoxError) -> Int32 {
        let warn: (String) -> Void = { StandardStreams.printError("warning: \($0)") }
        var box = LaunchRequest(
            spec: Plans.sleeping(in: directory), id: "faulty", bundle: directory, stateRoot: directory + "/state")
        box.warn = warn
        try createBox(box)
        try Starting.start(id: box.id, stateRoot: box.stateRoot, warn: warn)
        let result = Result { () throws(BoxError) in try runExec(request(warn), probe: probe) }
        try Deletion.delete(id: box.id, stateRoot: box.stateRoot, force: true, warn: warn)
        return try result.get()
    }

    func listExec() throws(BoxError) -> Int32 {
        var spec = Plans.sleeping(in: directory)
        spec.process?.terminal = true
        let host = try HostFacts.probe(for: spec)
        var box = BoxFacts(pid: 1, processStart: 0, namespaces: [.mount, .pid, .ipc, .uts, .cgroup])
        if host.cgroup.canMakeCgroups { box.cgroup = "/swiftbox-faulty" }
        let place = BoxPlace(id: "faulty", bundle: directory, stateRoot: directory + "/state")
        let plan = try Compiler.compileExec(spec, request { _ in }, in: box, at: place, host: host)
        for step in plan.prepare + plan.attend { StandardStreams.printOut("runtime \(step.action.title)") }
        for step in plan.initialise { StandardStreams.printOut("init \(step.action.title)") }
        return 0
    }

    private func request(_ warn: @escaping (String) -> Void) -> ExecRequest {
        var request = ExecRequest(id: "faulty", stateRoot: directory + "/state")
        request.command = ["/bin/workload", "status"]
        request.terminal = true
        request.warn = warn
        return request
    }
}
