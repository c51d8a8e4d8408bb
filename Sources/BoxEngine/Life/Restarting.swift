/// How long a box that ended waits for its next start, in milliseconds.
enum Restarting {
    static let firstDelay: Int64 = 100
    static let longestDelay: Int64 = 60_000
    /// A run that long was a good one: the delay begins anew.
    static let goodRun: Int64 = 10_000
}

extension BoxEngine {
    /// For who has occupied a box that has just ended.
    func scheduleRestart(_ box: Box, started: String?) {
        guard wantsRestart(box), !isClosing else { return }
        let length = (Moment.now - (started.flatMap(Moment.nanoseconds) ?? Moment.now)) / 1_000_000
        if length >= Restarting.goodRun { box.restartDelay = Restarting.firstDelay }
        restart(box, after: box.restartDelay)
        box.restartDelay = min(box.restartDelay * 2, Restarting.longestDelay)
    }

    private func wantsRestart(_ box: Box) -> Bool {
        if box.stoppedByUser { return false }
        return switch box.wanted.restart {
        case .no: false
        case .always, .unlessStopped: true
        case .onFailure(let maximum): box.exitCode != 0 && (maximum == 0 || box.restartCount < maximum)
        }
    }

    /// `milliseconds` from now, unless somebody stops, starts or removes it before.
    func restart(_ box: Box, after milliseconds: Int64) {
        box.state = .restarting
        box.restartTask?.cancel()
        let id = box.id
        box.restartTask = Task { [weak self] in
            do {
                try await Pause.wait(.milliseconds(milliseconds))
            } catch {
                return
            }
            await self?.restartNow(id)
        }
    }

    private func restartNow(_ id: String) async {
        guard let box = boxes[id], box.state == .restarting else { return }
        await occupy(box)
        defer { box.release() }
        guard boxes[id] != nil, box.state == .restarting, !Task.isCancelled else { return }
        do {
            try await start(box, restarts: 1)
        } catch {
            logger.warning("cannot restart a box", metadata: ["box": "\(box.name)", "error": "\(error)"])
            box.restartCount += 1
            scheduleRestart(box, started: nil)
        }
    }

    /// For who stops or removes it: it does not come back.
    func cancelRestart(_ box: Box) {
        box.restartTask?.cancel()
        box.restartTask = nil
        if box.state == .restarting { box.state = .exited }
    }
}
