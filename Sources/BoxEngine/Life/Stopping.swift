internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

extension BoxEngine {
    /// Returns when the box has ended. `.notModified` when it does not run.
    ///
    /// - Parameters:
    ///   - timeout: seconds until SIGKILL; nil is the box's own, negative is for ever
    ///   - signal: instead of the box's own
    public func stop(_ ref: String, timeout: Int?, signal: String? = nil) async throws {
        let box = try find(ref)
        let number = try signal.map(Self.number(ofSignal:)) ?? stopSignal(box)
        if box.state == .restarting {
            try markStopped(box)
            cancelRestart(box)
            _ = saveAfterwards(box)
            return
        }
        guard box.isAlive, let connection = box.connection else {
            if !box.stoppedByUser && box.state == .exited { try markStopped(box) }
            throw EngineError(.notModified, "the box \(box.name) does not run")
        }
        try markStopped(box)
        if box.state == .paused { try await thaw(box) }
        try await ask(connection, to: number, after: milliseconds(timeout, box))
        _ = try await waitForEnd(box)
        emit("stop", box)
    }

    private func ask(_ connection: MonitorConnection, to signal: CInt, after milliseconds: Int64) async throws {
        let members = [
            Member("signal", Node(.integer(Int64(signal)))), Member("milliseconds", Node(.integer(milliseconds))),
        ]
        do {
            try await connection.ask("stop", members)
        } catch {
            // It ended meanwhile, which is what was wanted.
            logger.debug("stop: \(error)")
        }
    }

    /// Seconds, ten years: clients may ask for more than the clock can count.
    private static let longest = 315_360_000

    /// -1 is for ever.
    private func milliseconds(_ timeout: Int?, _ box: Box) -> Int64 {
        if let timeout = timeout ?? box.wanted.stopTimeout {
            return timeout < 0 ? -1 : Int64(min(timeout, Self.longest)) * 1000
        }
        var options = RunOptions()
        options.stopTimeout = box.resolved.options.stopTimeout
        var spec = Spec()
        do throws(BoxError) {
            try options.applyEnd(to: &spec)
        } catch {
            // Refused when the box was made: it cannot be here.
            return Int64(configuration.stopTimeout) * 1000
        }
        return spec.box.stopTimeout.map { Int64(clamping: $0) } ?? Int64(configuration.stopTimeout) * 1000
    }

    /// That the user wants it down outlives the daemon, or the request fails.
    private func markStopped(_ box: Box) throws {
        if box.stoppedByUser { return }
        box.stoppedByUser = true
        // Nothing would start it again, whatever is known of it later.
        if box.wanted.restart == .no { return }
        do {
            try save(box)
        } catch {
            box.stoppedByUser = false
            throw error
        }
    }

    public func restart(_ ref: String, timeout: Int?, signal: String? = nil) async throws {
        let box = try find(ref)
        if box.isAlive || box.state == .restarting {
            do {
                try await stop(box.id, timeout: timeout, signal: signal)
            } catch let error as EngineError where error.kind == .notModified {
                // It ended by itself meanwhile.
            }
        }
        try await start(box.id)
        emit("restart", box)
    }

    /// - Parameter signal: name with or without SIG, or number
    public func kill(_ ref: String, signal: String) async throws {
        let box = try find(ref)
        let number = try Self.number(ofSignal: signal)
        if box.state == .restarting {
            try markStopped(box)
            cancelRestart(box)
            _ = saveAfterwards(box)
            return
        }
        guard box.isAlive, let connection = box.connection else {
            throw EngineError(.conflict, "cannot kill the box \(box.name): it is not running")
        }
        if number == 9 || number == stopSignal(box) { try markStopped(box) }
        if box.state == .paused && number == 9 { try await thaw(box) }
        let members = [Member("signal", Node(.integer(Int64(number)))), Member("all", Node(.bool(false)))]
        do {
            try await connection.ask("kill", members)
        } catch {
            if box.isAlive && number != 9 { throw EngineError(error, "kill the box \(box.name)") }
        }
        emit("kill", box, ["signal": String(number)])
    }

    static func number(ofSignal text: String) throws(EngineError) -> CInt {
        if let number = SignalNames.number(text) { return number }
        throw EngineError(.invalid, "\(text) is no signal")
    }

    /// - Parameter force: ends it first, if it runs
    public func remove(_ ref: String, force: Bool) async throws {
        let box = try find(ref)
        if box.isAlive || box.state == .restarting {
            guard force else {
                throw EngineError(
                    .conflict, "cannot remove the box \(box.name): it is \(box.state.rawValue); stop it, or force it")
            }
            box.stoppedByUser = true
            cancelRestart(box)
            if box.isAlive { try await end(box) }
        }
        await occupy(box)
        defer { box.release() }
        if boxes[box.id] == nil { return }
        if box.isAlive { throw EngineError(.conflict, "the box \(box.name) was started meanwhile") }
        // Without it there is no box, whatever else is left: also a full disk lets it go.
        try EngineError.explaining("remove the box \(box.name)") {
            try File.remove("\(places.box(box.id))/\(BoxFile.name)")
        }
        discard(box)
    }

    private func end(_ box: Box) async throws {
        if box.state == .paused { try await thaw(box) }
        if let connection = box.connection { try await ask(connection, to: 9, after: 0) }
        _ = try await waitForEnd(box)
    }

    /// For who has occupied a box that does not run: everything of it goes.
    func discard(_ box: Box) {
        box.state = .removing
        cancelRestart(box)
        endHealthChecks(box)
        boxes[box.id] = nil
        names[box.name] = nil
        for id in box.execs { execs[id] = nil }
        box.dropWaiting()
        removeFolder(box)
        do {
            try store.removeBox(box.id)
        } catch {
            // The next daemon finds a row without a folder, and removes it.
            logger.error("cannot remove a box from the database", metadata: ["box": "\(box.id)", "error": "\(error)"])
        }
        removeMonitorDirectory(box.id)
        emit("destroy", box)
        for waiter in box.waiters { waiter.tell(.success(box.exitCode)) }
        box.waiters = []
    }

    /// Removes those that do not run.
    /// - Parameter filters: `until` (RFC 3339, seconds or a duration is the API's to resolve: nanoseconds here), `label`
    public func prune(filters: [String: [String]]) async throws -> (ids: [String], bytes: Int64) {
        let selection = try BoxSelection(filters, self)
        var removed: [String] = []
        var bytes: Int64 = 0
        let candidates = boxes.values.filter { $0.state == .created || $0.state == .exited || $0.state == .dead }
        for box in candidates where selection.matches(box) {
            let upper = places.upper(box.id)
            let size = try await Blocking.run { FolderSize.of(upper) }
            do {
                try await remove(box.id, force: false)
            } catch {
                // Started or removed meanwhile.
                continue
            }
            removed.append(box.id)
            bytes += size
        }
        return (removed, bytes)
    }
}
