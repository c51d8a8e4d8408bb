public import BoxOCI
internal import BoxSystem

/// `start`: lets the workload of a created box run.
public enum Starting {
    /// `.invalidState` unless the box is created; else why its workload does not run: then the box has ended.
    /// Where a hook is to blame, it has been removed as well (runtime-spec, Lifecycle).
    public static func start(id: String, stateRoot: String, warn: (String) -> Void) throws(BoxError) {
        let directory = try StateDirectory.occupy(stateRoot + "/" + id)
        var state = try Boxes.state(of: id, in: stateRoot)
        if state.status != .created {
            throw BoxError(
                .invalidState, "cannot start the container \(id): it is \(state.status.rawValue)",
                remedy: "only a container that is created can be started")
        }
        let spec = try Boxes.spec(of: id, in: stateRoot)
        state.annotations = spec.annotations
        do throws(BoxError) {
            try release(state, directory, spec.linux.seccomp)
            for step in Compiler.poststart(spec) { try run(step, state) }
        } catch {
            if error.field?.hasPrefix("hooks.") == true {
                try Deletion.end(state)
                for problem in Deletion.remove(state, directory, spec) { warn(problem.oneLine) }
            }
            throw error
        }
    }

    private static func run(_ step: Step, _ state: RuntimeState) throws(BoxError) {
        guard case .runHook(let stage, let hook) = step.action else { return }
        var told = state
        told.status = stage.status
        do throws(BoxError) {
            try HookRunner(stage: stage, hook: hook).run(told)
        } catch {
            var named = error
            named.field = step.field
            throw named
        }
    }

    /// The name of the socket is what says that a box is created: it goes as soon as there is a connection.
    private static func release(
        _ state: RuntimeState, _ directory: StateDirectory, _ profile: Seccomp?
    ) throws(BoxError) {
        var agent: CInt?
        defer { if let agent { _ = Descriptor(owning: agent) } }
        // Without its agent the box stays as it is: created. A path that no rule needs says nothing.
        if let profile, profile.notifies, let path = profile.listenerPath {
            agent = try SeccompAgent.connect(path).release()
        }
        let failure: (Errno) -> BoxError = { errno in
            BoxError(.kernel, "cannot reach the init process of the container \(state.id)", errno: errno)
        }
        let path = directory.path + "/" + StateDirectory.startSocket
        let connection = try explaining(failure) { () throws(Errno) in
            let socket = try UnixSocket.connect(path, .records)
            try File.remove(path)
            return socket.release()
        }
        let socket = RecordSocket(owning: connection)
        try explaining(failure) { () throws(Errno) in try socket.send([1]) }
        var hasBegun = false
        while true {
            let record = try explaining(failure) { () throws(Errno) in try socket.receive() }
            if record.bytes.isEmpty { break }
            if record.bytes == [InitMessage.executing.rawValue] {
                hasBegun = true
            } else if let raw = record.descriptor {
                let listener = Descriptor(owning: raw)
                do throws(BoxError) {
                    try SeccompAgent.hand(
                        listener.raw, to: agent ?? -1, pid: state.pid, metadata: profile?.listenerMetadata, state: state
                    )
                } catch {
                    // Nobody would answer its calls.
                    try Deletion.end(state)
                    throw error
                }
            } else {
                throw FailureRecord(record.bytes)?.error
                    ?? BoxError(.internal, "the init process sent what is no failure record")
            }
        }
        if !hasBegun { try checkAlive(state) }
    }

    /// The connection ended without a word: the init process has died, or a filter kept it from saying that execve(2) is
    /// next. Who dies closes descriptors first and is gone a moment later.
    private static func checkAlive(_ state: RuntimeState) throws(BoxError) {
        if let process = try Boxes.process(of: state) {
            var entries = [Poll.Entry(process.raw)]
            try explaining({ BoxError(.kernel, "cannot wait for the init process", errno: $0) }) { () throws(Errno) in
                try Poll.wait(&entries, milliseconds: 200)
            }
            if !entries[0].isReady { return }
        }
        throw BoxError(.internal, "the init process died before it could execute the command")
    }
}
