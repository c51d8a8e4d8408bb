internal import BoxOCI
internal import BoxSystem

/// Runs a hook (runtime-spec, POSIX-platform Hooks): the state on its standard input, exactly its own environment.
/// For a process with one thread.
struct HookRunner {
    let stage: HookStage
    let hook: Hook

    /// Returns when it has ended with 0; `.kernel` says how it ended else. Beyond its time-out it is killed.
    func run(_ state: RuntimeState) throws(BoxError) {
        let end = try explaining(failure) { () throws(Errno) in
            let input = try File.makeMemoryFile("state")
            try File.write(state.json(pretty: false), to: input.raw)
            try File.rewind(input.raw)
            return try start(input, directory: stage.isRuntimes ? state.bundle : nil)
        }
        if end != .exited(0) {
            throw BoxError(.kernel, "the \(stage.rawValue) hook \(hook.path) failed", found: describe(end))
        }
    }

    private enum End: Equatable {
        case exited(CInt)
        case signaled(CInt)
        case timedOut
        case notExecuted(Errno)
    }

    /// In the bundle's directory, where the runtime's own view has it.
    private func start(_ input: borrowing Descriptor, directory: String?) throws(Errno) -> End {
        let arguments = CStringArray(hook.args.isEmpty ? [hook.path] : hook.args)
        let environment = CStringArray(hook.env)
        // Both processes see it: the errno of an execve that failed.
        let cause = try SharedCounter()
        guard let child = try Processes.fork() else {
            Self.become(hook.path, arguments, environment, input.raw, directory, cause)
        }
        let pidfd = Descriptor(owning: child.pidfd)
        var entries = [Poll.Entry(pidfd.raw)]
        try waitUntilReady(&entries)
        let isLate = !entries[0].isReady
        if isLate { try Processes.send(Signals.kill, to: pidfd.raw) }
        let end = try Processes.wait(for: pidfd.raw)
        if cause.value != 0 { return .notExecuted(Errno(rawValue: CInt(cause.value))) }
        if isLate { return .timedOut }
        switch end {
        case .exited(let status): return .exited(status)
        case .signaled(let signal, _): return .signaled(signal)
        }
    }

    /// A signal may interrupt poll(2) before the time is over.
    private func waitUntilReady(_ entries: inout [Poll.Entry]) throws(Errno) {
        let now = try Kernel.monotonicNanoseconds()
        let end = hook.timeout.map { now + Int64($0) * 1_000_000_000 }
        while !entries[0].isReady {
            var left: Int64 = -1
            if let end {
                left = (end - (try Kernel.monotonicNanoseconds()) + 999_999) / 1_000_000
                if left <= 0 { return }
            }
            try Poll.wait(&entries, milliseconds: CInt(clamping: left))
        }
    }

    /// In the child: descriptors of the runtime's end here.
    private static func become(
        _ path: String, _ arguments: CStringArray, _ environment: CStringArray, _ input: CInt, _ directory: String?,
        _ cause: SharedCounter
    ) -> Never {
        do throws(Errno) {
            if let directory { try OwnProcess.changeDirectory(directory) }
            try OwnProcess.install(input, as: 0)
            try OwnProcess.close(from: 3)
            try SignalDescriptor.restoreDefaults()
            try Processes.execute(path, arguments: arguments, environment: environment)
        } catch {
            cause.value = UInt32(error.rawValue)
        }
        Processes.exit(127)
    }

    private func describe(_ end: End) -> String {
        switch end {
        case .exited(let status): "exit status \(status)"
        case .signaled(let signal): "ended by \(SignalNames.name(signal))"
        case .timedOut: "still running after its timeout of \(hook.timeout ?? 0) s; killed"
        case .notExecuted(let errno): "it cannot be executed: \(errno)"
        }
    }

    private func failure(_ errno: Errno) -> BoxError {
        BoxError(.kernel, "cannot run the \(stage.rawValue) hook \(hook.path)", errno: errno)
    }
}
