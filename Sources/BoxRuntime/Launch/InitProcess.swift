internal import BoxCgroup
internal import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
internal import BoxSystem

/// The init process between clone and execve: an ordinary Swift program, because its parent had one thread.
/// It never prints and never returns into its parent's code.
struct InitProcess {
    let plan: LaunchPlan
    let slots: Slots
    let probe: any StepProbe
    let progress: SharedCounter
    /// This end of the socket to the runtime; from `start` on, to that.
    let channel: CInt
    /// As hooks are told it; the pid is the box's own view.
    let state: RuntimeState
    let command: InitCommand

    /// Waits for the runtime's go, carries out the plan and becomes the workload.
    func run() -> Never {
        let socket = RecordSocket(owning: channel)
        do throws(BoxError) {
            SignalDescriptor.forgetActions()
            try waitForRuntime(socket)
            for (index, step) in plan.initialise.enumerated() {
                progress.value = UInt32(index)
                try carryOut(step, index, socket)
            }
            progress.value = UInt32(plan.initialise.count)
            probe.begin(.execute)
            try becomeWorkload(socket)
        } catch {
            report(error, on: socket)
        }
        Processes.exit(125)
    }

    private func waitForRuntime(_ socket: borrowing RecordSocket) throws(BoxError) {
        let go = try explaining({ BoxError(.internal, "cannot hear the runtime", errno: $0) }) { () throws(Errno) in
            try socket.receive().bytes
        }
        // The runtime is gone, or gave up: there is nobody to report to.
        if go.isEmpty { Processes.exit(125) }
    }

    private func carryOut(_ step: Step, _ index: Int, _ socket: borrowing RecordSocket) throws(BoxError) {
        do throws(BoxError) {
            try probe.before(step, number: plan.beforeInit + index)
            try perform(step.action, socket)
            probe.after(number: plan.beforeInit + index)
        } catch {
            var named = error
            named.field = error.field ?? step.field
            throw named
        }
    }

    private func report(_ error: BoxError, on socket: borrowing RecordSocket) {
        do throws(Errno) {
            try socket.write(FailureRecord(step: Int(progress.value), error: error).bytes)
        } catch {
            // The runtime is gone; the exit status is all that is left to say.
            Processes.exit(125)
        }
    }

    /// The runtime's hooks run, or it has given up.
    func awaitRuntime(_ socket: borrowing RecordSocket) throws(Errno) {
        try socket.send([InitMessage.ready.rawValue])
        if try socket.receive().bytes.isEmpty { Processes.exit(125) }
    }

    /// `create` is told and left alone; from its connection on, `start` stands in its place.
    func awaitStart(_ socket: borrowing RecordSocket) throws(Errno) {
        let listener = try slots.get(.start)
        try socket.send([InitMessage.created.rawValue])
        let start = try UnixSocket.accept(listener)
        try OwnProcess.installPrivately(start.raw, as: channel)
        try start.close()
        slots.close(.start)
        if try socket.receive().bytes.isEmpty { Processes.exit(125) }
    }

    /// Whoever prepared the box is gone, or says what is to run in it. The first command is a trial.
    func awaitCommand(_ socket: borrowing RecordSocket) throws(Errno) {
        for _ in 0..<2 {
            try socket.send([InitMessage.waiting.rawValue])
            guard let told = try CommandRecord.receive(from: socket) else { Processes.exit(125) }
            command.replace(arguments: told.arguments, environment: told.environment)
        }
    }

    func runHook(_ stage: HookStage, _ hook: Hook) throws(BoxError) {
        var state = self.state
        state.status = stage.status
        state.pid = Processes.id
        try HookRunner(stage: stage, hook: hook).run(state)
    }

    private func becomeWorkload(_ socket: borrowing RecordSocket) throws(BoxError) {
        if plan.workload.initProcess { try BoxInit.stay(onTerminal: plan.workload.terminal) }
        try explaining({ BoxError(.kernel, "cannot reset the signals", errno: $0) }) { () throws(Errno) in
            // Their actions have been the default ones since the clone.
            try SignalDescriptor.unblock()
        }
        if plan.isDetached {
            // A filter that forbids it does not keep the workload from running; `start` then looks at the process.
            do throws(Errno) { try socket.write([InitMessage.executing.rawValue]) } catch {}
        }
        try command.execute()
    }
}
