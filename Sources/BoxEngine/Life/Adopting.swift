internal import BoxDocument
internal import BoxSystem

extension BoxEngine {
    /// Finds what the monitors of an earlier daemon do, and did meanwhile.
    func adopt(hasRebooted: Bool) async {
        for name in Self.names(in: places.monitors, logger) where name.hasPrefix(MonitorPool.preparedPrefix) {
            await settlePrepared(name)
        }
        for name in Self.names(in: places.monitors, logger) {
            if let box = boxes[name] {
                await adopt(box, hasRebooted: hasRebooted)
            } else {
                await clearStray(name)
            }
        }
        for box in boxes.values where box.isAlive && box.connection == nil {
            if !hasRebooted { await clearLost(box.id) }
            await settle(box, hasRebooted ? .rebooted : .lost)
        }
        for box in boxes.values where box.state == .restarting || box.state == .removing { box.state = .exited }
    }

    /// It ends with the daemon that prepared it, unless that one's last word was to launch a box: once it answers, it has
    /// another name then.
    private func settlePrepared(_ name: String) async {
        do {
            try await MonitorConnection.connect("\(places.monitors)/\(name)/control.sock").ask("status")
        } catch {
            logger.debug("a prepared monitor: \(error)")
        }
        removeMonitorDirectory(name)
    }

    private func adopt(_ box: Box, hasRebooted: Bool) async {
        if let end = readExit(box.id) { return await settle(box, end) }
        do {
            let connection = try await MonitorConnection.connect(places.monitor(box.id) + "/control.sock")
            let answer = try await connection.ask("status")
            await take(box, connection, answer)
        } catch {
            // It may have ended between the two looks.
            if let end = readExit(box.id) { return await settle(box, end) }
            await clearLost(box.id)
            // An earlier daemon was killed while it removed the directory of an end that it had put down.
            if box.isAlive {
                await settle(box, hasRebooted ? .rebooted : .lost)
            } else {
                removeMonitorDirectory(box.id)
            }
        }
    }

    /// A box that runs under a monitor of an earlier daemon.
    private func take(_ box: Box, _ connection: MonitorConnection, _ status: Node) async {
        box.run += 1
        let (id, run) = (box.id, box.run)
        box.connection = connection
        box.state = isPaused(id) ? .paused : .running
        if case .integer(let pid)? = status["pid"]?.value { box.pid = Int32(pid) }
        if case .string(let time)? = status["started"]?.value { box.started = time }
        connection.listen { [weak self] event in
            Task { await self?.heard(event, id, run) }
        }
        do {
            try await connection.ask("watch")
        } catch {
            // It has just ended, and `closed` is on its way.
            logger.debug("watch: \(error)")
        }
        _ = saveAfterwards(box)
        beginHealthChecks(box)
        logger.info("a running box is adopted", metadata: ["box": "\(box.name)", "pid": "\(box.pid)"])
    }

    /// Puts down an end that no daemon saw.
    private func settle(_ box: Box, _ end: ExitRecord) async {
        await occupy(box)
        defer { box.release() }
        await record(end, for: box)
    }

    /// The monitor's directory of a box that is not there: an exec session's, or of one that was being removed.
    private func clearStray(_ name: String) async {
        let directory = "\(places.monitors)/\(name)"
        do {
            let connection = try await MonitorConnection.connect(directory + "/control.sock")
            let answer = try await connection.ask("status")
            if answer["exec"] != nil {
                // Its end is nobody's business any more, but its directory is.
                strays[name] = connection
                connection.listen { [weak self] event in
                    if case .closed = event { Task { await self?.forgetStray(name) } }
                }
                return
            }
            try await connection.ask("kill", MonitorRequests.kill(9, all: true))
            await connection.waitForClose(seconds: 5)
        } catch {
            logger.debug("a monitor without a box: \(error)")
        }
        if !File.exists(directory + "/exit.json") { await clearLost(name) }
        removeMonitorDirectory(name)
    }

    private func forgetStray(_ name: String) {
        strays[name] = nil
        removeMonitorDirectory(name)
    }
}
