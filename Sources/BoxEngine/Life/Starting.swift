internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

extension BoxEngine {
    /// `.notModified` when it runs already.
    public func start(_ ref: String) async throws {
        let box = try find(ref)
        await occupy(box)
        defer { box.release() }
        try await start(box, restarts: 0)
    }

    /// For who has occupied the box. `restarts`: what is added to its count of automatic restarts; `compiled`: its spec,
    /// where it was compiled just now.
    func start(_ box: Box, restarts: Int, compiled: Spec? = nil) async throws {
        guard boxes[box.id] != nil else { throw EngineError(.notFound, "no such container: \(box.name)") }
        if box.state == .paused { throw EngineError(.conflict, "the box \(box.name) is paused; unpause it") }
        if box.state == .running { throw EngineError(.notModified, "the box \(box.name) runs already") }
        if isClosing { throw EngineError(.internal, "the daemon is shutting down") }
        box.restartTask?.cancel()
        box.restartTask = nil
        if restarts == 0 {
            box.restartCount = 0
            box.restartDelay = Restarting.firstDelay
        }
        let stopped = box.stoppedByUser
        box.stoppedByUser = false
        do {
            // Before anything runs: what should be survives even if the daemon does not.
            if stopped && !box.wanted.autoRemove { try save(box) }
            try await launch(box, compiled)
        } catch {
            box.dropWaiting()
            let failure = EngineError(error, "start the box \(box.name)")
            await failed(box, failure)
            throw failure
        }
        box.restartCount += restarts
        box.state = .running
        box.error = ""
        box.reason = ""
        box.finished = nil
        box.oomKilled = false
        box.exitCode = 0
        _ = saveAfterwards(box)
        emit("start", box)
        beginHealthChecks(box)
    }

    private func launch(_ box: Box, _ compiled: Spec?) async throws {
        let spec = try compiled ?? checked(box)
        let command = commandOfPrepared(box, spec)
        // Of a prepared box there is one, which says all but the command.
        if command.isEmpty {
            try EngineError.explaining("write config.json") {
                if keepsChanges(box) { try File.makeDirectories(places.upper(box.id)) }
                try write(spec, box)
            }
        }
        let prepared = box.prepared
        let monitor: WaitingMonitor
        if let waiting = box.takeWaiting() { monitor = waiting } else { monitor = try await pool.take() }
        let connection = monitor.connection
        box.run += 1
        let (id, run) = (box.id, box.run)
        connection.listen { [weak self] event in
            Task { await self?.heard(event, id, run) }
        }
        box.connection = connection
        let answer = try await connection.ask("launch", launchRequest(box) + command)
        if !command.isEmpty && spec != prepared { writeAfterwards(spec, box) }
        guard case .integer(let pid)? = answer["pid"]?.value else {
            throw EngineError(.internal, "the monitor did not say the pid")
        }
        box.pid = Int32(pid)
        box.warnings = answer.strings("warnings")
        if case .string(let time)? = answer["started"]?.value { box.started = time } else { box.started = Moment.text }
    }

    func write(_ spec: Spec, _ box: Box) throws {
        try WholeFile.write(JSON.write(spec.document), to: places.config(box.id), synced: false)
    }

    /// Of a box that runs by now: it does not end for that.
    private func writeAfterwards(_ spec: Spec, _ box: Box) {
        do {
            try write(spec, box)
        } catch {
            logger.error("cannot write config.json", metadata: ["box": "\(box.id)", "error": "\(error)"])
        }
    }

    private static let longestCommand = 8 << 10

    /// What the prepared box has to be told, of which the spec is that of the box but for this.
    private func commandOfPrepared(_ box: Box, _ spec: Spec) -> [Member] {
        guard box.prepared != nil, let process = spec.process else { return [] }
        // A request has room for so many bytes; config.json for all that the kernel takes.
        let length = (process.args + process.env).reduce(0) { $0 + $1.utf8.count + 1 }
        if length > Self.longestCommand { return [] }
        let command = [
            Member("args", Node(.array(process.args.map { Node(.string($0)) }))),
            Member("env", Node(.array(process.env.map { Node(.string($0)) }))),
        ]
        return [Member("command", Node(.object(command)))]
    }

    /// Once more: the policy, or what a path leads to, may have become another.
    private func checked(_ box: Box) throws -> Spec {
        try configuration.policy.check(box.wanted)
        return try EngineError.explaining("compile the box") { try compile(box) }
    }

    func launchRequest(_ box: Box) -> [Member] {
        let limits = LogLimits(box.wanted, configuration)
        let driver = box.wanted.logDriver ?? configuration.logDriver
        var log = [Member("driver", Node(.string(driver))), Member("name", Node(.string(box.name)))]
        if driver == "json-file" {
            log += [
                Member("path", Node(.string(places.log(box.id)))), Member("max_size", Node(.integer(limits.size))),
                Member("max_file", Node(.integer(Int64(limits.files)))),
            ]
        }
        var request = [
            Member("id", Node(.string(box.id))), Member("directory", Node(.string(places.monitor(box.id)))),
            Member("config", Node(.string(places.config(box.id)))),
            Member("bundle", Node(.string(places.box(box.id)))), Member("log", Node(.object(log))),
            Member("report", Node(.string(places.report(box.id)))),
            Member("stdin", Node(.bool(box.wanted.openStdin))),
            // From the start: it may be over before the answer has come.
            Member("watch", Node(.bool(true))),
            Member("stdin_once", Node(.bool(box.wanted.stdinOnce))),
        ]
        if let size = box.wanted.terminalSize {
            request.append(Member("columns", Node(.integer(Int64(size.columns)))))
            request.append(Member("rows", Node(.integer(Int64(size.rows)))))
        }
        request.append(Member("stop_signal", Node(.integer(Int64(stopSignal(box))))))
        return request
    }

    /// The box stays as it was, with the reason and the status that a shell would give.
    private func failed(_ box: Box, _ failure: EngineError) async {
        let cause = failure.cause
        let isCommand = cause?.field == "process.args[0]" || cause?.field == "COMMAND"
        box.exitCode =
            isCommand && cause?.kind == .notFound ? 127 : isCommand && cause?.kind == .denied ? 126 : 128
        box.error = failure.message
        box.run += 1
        if box.state == .restarting { box.state = .exited }
        // The monitor has its last words to write.
        if let connection = box.connection { await connection.waitForClose(seconds: 2) }
        box.connection = nil
        removeMonitorDirectory(box.id)
        _ = saveAfterwards(box)
        for waiter in box.waiters where waiter.condition != .removed {
            waiter.tell(.success(box.exitCode))
        }
        box.waiters.removeAll { $0.condition != .removed }
        if box.wanted.autoRemove { discard(box) }
    }

    func stopSignal(_ box: Box) -> CInt {
        box.resolved.options.stopSignal.flatMap { SignalNames.number($0) } ?? 15
    }

    func removeMonitorDirectory(_ id: String) {
        do {
            try Folders.remove(id, in: places.monitors)
        } catch {
            logger.error("cannot remove a monitor's directory", metadata: ["box": "\(id)", "error": "\(error)"])
        }
    }
}
