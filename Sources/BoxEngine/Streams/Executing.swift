internal import BoxDocument
internal import BoxRuntime
internal import BoxSystem

extension BoxEngine {
    /// Sessions that ended longer ago are forgotten, in nanoseconds.
    private static let remembered: Int64 = 300 * 1_000_000_000
    private static let mostSessions = 1024

    public func execCreate(_ ref: String, _ wanted: WantedExec) async throws -> String {
        let box = try find(ref)
        guard box.state == .running else {
            throw EngineError(.conflict, "the box \(box.name) is \(box.state.rawValue), not running")
        }
        if wanted.command.isEmpty { throw EngineError(.invalid, "no exec command specified") }
        if wanted.privileged {
            throw EngineError(.unsupported, "--privileged is not available for a process of a box that runs")
        }
        forgetOldSessions()
        let session = try newSession(box, wanted, isQuiet: false)
        emit("exec_create: \(wanted.command.joined(separator: " "))", box, ["execID": session.id])
        return session.id
    }

    func newSession(_ box: Box, _ wanted: WantedExec, isQuiet: Bool) throws -> ExecSession {
        if box.execs.count >= Self.mostSessions {
            let ended = box.execs.compactMap { execs[$0] }.filter { $0.ended != nil }
            guard let oldest = ended.min(by: { ($0.ended ?? 0) < ($1.ended ?? 0) }) else {
                throw EngineError(.conflict, "the box \(box.name) has \(box.execs.count) exec sessions")
            }
            forget(oldest)
        }
        let id = try BoxNames.newID()
        let session = ExecSession(id: id, boxID: box.id, wanted: wanted, isQuiet: isQuiet)
        execs[id] = session
        box.execs.insert(id)
        return session
    }

    private func forgetOldSessions() {
        let oldest = Moment.now - Self.remembered
        for session in execs.values where session.ended.map({ $0 < oldest }) ?? false { forget(session) }
    }

    func forget(_ session: ExecSession) {
        execs[session.id] = nil
        boxes[session.boxID]?.execs.remove(session.id)
    }

    private func session(_ id: String) throws -> ExecSession {
        guard let session = execs[id] else { throw EngineError(.notFound, "no such exec instance: \(id)") }
        return session
    }

    /// - Parameters:
    ///   - options: nil is detached, and so is what is returned
    ///   - ready: called when there is nothing left but to start the process
    public func execStart(
        _ id: String, _ options: AttachOptions?, ready: @Sendable () async throws -> Void = {}
    ) async throws -> Attachment? {
        let session = try session(id)
        if session.isStarted { throw EngineError(.conflict, "the exec session \(id) has been started") }
        guard let box = boxes[session.boxID], box.state == .running else {
            throw EngineError(.conflict, "the box of the exec session \(id) is not running")
        }
        session.isStarted = true
        do {
            return try await launch(session, box, options, ready)
        } catch {
            session.finish(Self.status(of: error))
            throw EngineError(error, "exec in the box \(box.name)")
        }
    }

    private func launch(
        _ session: ExecSession, _ box: Box, _ options: AttachOptions?, _ ready: @Sendable () async throws -> Void
    ) async throws -> Attachment? {
        let monitor = try await pool.take()
        let wanted = session.wanted
        let id = session.id
        var connection: MonitorConnection?
        if let options {
            connection = monitor.stream
            try await attach(
                monitor.stream, stdin: options.stdin && wanted.attachStdin,
                stdout: options.stdout && wanted.attachStdout, stderr: options.stderr && wanted.attachStderr)
        }
        try await ready()
        monitor.connection.listen { [weak self] event in
            Task { await self?.heardExec(event, id) }
        }
        session.connection = monitor.connection
        let place = [Member("directory", Node(.string(places.monitor(id)))), Member("watch", Node(.bool(true)))]
        do {
            let answer = try await monitor.connection.ask("launch", session.request + place)
            if case .integer(let pid)? = answer["pid"]?.value { session.pid = Int32(pid) }
        } catch {
            await monitor.connection.waitForClose(seconds: 2)
            removeMonitorDirectory(id)
            throw error
        }
        // It may have ended, and been told of, before this was reached.
        if session.ended == nil { session.isRunning = true }
        if !session.isQuiet {
            emit("exec_start: \(wanted.command.joined(separator: " "))", box, ["execID": id])
        }
        guard let connection else { return nil }
        let sink = MonitorSink(connection) { [weak self] rows, columns in
            try await self?.execResize(id, rows: rows, columns: columns)
        }
        return Attachment(output: EngineStream { try await connection.nextFrame() }, isTerminal: wanted.tty, sink: sink)
    }

    private static func status(of error: any Error) -> Int32 {
        (error as? EngineError)?.cause.map(ExitReport.exitStatus) ?? 125
    }

    private func heardExec(_ event: MonitorEvent, _ id: String) {
        switch event {
        case .told("exited", _), .closed: break
        case .told: return
        }
        guard let session = execs[id], session.ended == nil, session.isStarted else { return }
        if session.pid == 0 && !session.isRunning {
            guard case .told = event else { return }
        }
        let status = readExit(id)?.status ?? 137
        session.finish(status)
        removeMonitorDirectory(id)
        if let box = boxes[session.boxID], !session.isQuiet {
            emit("exec_die", box, ["execID": id, "exitCode": String(status)])
        }
    }

    /// Returns when the process has ended.
    func waitForEnd(_ session: ExecSession) async {
        if session.ended != nil { return }
        await withCheckedContinuation { session.waiters.append($0) }
    }

    public func execInspect(_ id: String) async throws -> ExecView { try session(id).view }

    public func execResize(_ id: String, rows: UInt16, columns: UInt16) async throws {
        let session = try session(id)
        guard let connection = session.connection else {
            throw EngineError(.conflict, "the exec session \(id) is not running")
        }
        try await Self.resize(connection, rows, columns)
    }
}
