/// Docker's defaults, in nanoseconds.
extension HealthCheck {
    var period: Int64 { interval > 0 ? interval : 30_000_000_000 }
    var patience: Int64 { timeout > 0 ? timeout : 30_000_000_000 }
    var failuresInARow: Int { retries > 0 ? retries : 3 }

    /// nil where nothing is run.
    var command: [String]? {
        switch test.first {
        case "CMD": test.count > 1 ? Array(test.dropFirst()) : nil
        case "CMD-SHELL": test.count > 1 ? ["/bin/sh", "-c", test[1]] : nil
        default: nil
        }
    }
}

extension BoxEngine {
    private static let keptProbes = 5
    private static let mostOutput = 4096

    /// For a box that has just been started or adopted.
    func beginHealthChecks(_ box: Box, keeping health: HealthView? = nil) {
        endHealthChecks(box)
        guard let check = box.wanted.healthCheck, check.command != nil else {
            box.health = nil
            return
        }
        box.health = health ?? HealthView(status: .starting, failingStreak: 0, log: [])
        let (id, run) = (box.id, box.run)
        box.healthTask = Task { [weak self] in
            while !Task.isCancelled {
                do {
                    try await Pause.wait(.nanoseconds(check.period))
                } catch {
                    return
                }
                guard let self, await self.checkHealth(id, run) else { return }
            }
        }
    }

    func endHealthChecks(_ box: Box) {
        box.healthTask?.cancel()
        box.healthTask = nil
    }

    /// False when the run that is checked is over.
    private func checkHealth(_ id: String, _ run: Int) async -> Bool {
        guard let box = boxes[id], box.run == run, box.isAlive, let check = box.wanted.healthCheck,
            let command = check.command
        else { return false }
        if box.state == .paused { return true }
        let start = Moment.text
        let (status, output) = await probe(box, command, check)
        guard boxes[id] != nil, box.run == run, box.isAlive else { return false }
        await take(
            HealthView.Probe(start: start, end: Moment.text, exitCode: status, output: output), of: box, check)
        return true
    }

    private func probe(_ box: Box, _ command: [String], _ check: HealthCheck) async -> (Int, String) {
        var wanted = WantedExec(command: command)
        wanted.user = nil
        do {
            let session = try newSession(box, wanted, isQuiet: true)
            defer { forget(session) }
            guard let attachment = try await execStart(session.id, AttachOptions()) else { return (-1, "") }
            let (id, patience) = (session.id, check.patience)
            let late = Task { [weak self] in
                try await Pause.wait(.nanoseconds(patience))
                await self?.giveUp(id)
            }
            defer { late.cancel() }
            var output: [UInt8] = []
            for try await frame in attachment.output where output.count < Self.mostOutput {
                output.append(contentsOf: frame.bytes.readableBytesView.prefix(Self.mostOutput - output.count))
            }
            await waitForEnd(session)
            let text = String(decoding: output, as: UTF8.self)
            if session.isLate {
                return (-1, "health check exceeded timeout (\(check.patience / 1_000_000) ms)")
            }
            return (Int(session.exitCode ?? -1), text)
        } catch {
            return (-1, "\(error)")
        }
    }

    private func giveUp(_ id: String) async {
        guard let session = execs[id], let connection = session.connection else { return }
        session.isLate = true
        do {
            try await connection.ask("kill", MonitorRequests.kill(9))
        } catch {
            // It has just ended.
        }
    }

    private func take(_ probe: HealthView.Probe, of box: Box, _ check: HealthCheck) async {
        guard var health = box.health else { return }
        let before = health.status
        health.log = Array((health.log + [probe]).suffix(Self.keptProbes))
        if probe.exitCode == 0 {
            health.failingStreak = 0
            health.status = .healthy
        } else if !(before == .starting && isInStartPeriod(box, check)) {
            health.failingStreak += 1
            if health.failingStreak >= check.failuresInARow { health.status = .unhealthy }
        }
        box.health = health
        if health.status == before { return }
        emit("health_status: \(health.status.rawValue)", box)
        if health.status == .unhealthy { await act(on: box, check.onFailure) }
    }

    private func isInStartPeriod(_ box: Box, _ check: HealthCheck) -> Bool {
        guard let started = box.started.flatMap(Moment.nanoseconds) else { return false }
        return Moment.now - started < check.startPeriod
    }

    private func act(on box: Box, _ action: HealthCheck.OnFailure) async {
        let id = box.id
        logger.warning("a box is unhealthy", metadata: ["box": "\(box.name)", "action": "\(action.rawValue)"])
        do {
            switch action {
            case .none: break
            case .kill:
                // As if it had died by itself: its restart policy decides.
                if let connection = box.connection { try await connection.ask("kill", MonitorRequests.kill(9)) }
            case .stop: Task { try await self.stop(id, timeout: nil) }
            case .restart: Task { try await self.restart(id, timeout: nil) }
            }
        } catch {
            logger.error("cannot act on an unhealthy box", metadata: ["box": "\(box.name)", "error": "\(error)"])
        }
    }
}
