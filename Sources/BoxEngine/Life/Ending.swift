internal import BoxDocument
internal import BoxSystem

extension BoxEngine {
    /// What a box's monitor said, or that it is gone.
    func heard(_ event: MonitorEvent, _ id: String, _ run: Int) async {
        guard let box = boxes[id] else { return }
        switch event {
        case .told("oom", _):
            box.oomKills += 1
            emit("oom", box)
        case .told("exited", _), .closed:
            await ended(box, run)
        case .told: break
        }
    }

    /// The box's run is over: its monitor wrote exit.json, or was killed. Once a run.
    private func ended(_ box: Box, _ run: Int) async {
        await occupy(box)
        defer { box.release() }
        guard box.run == run, box.connection != nil, boxes[box.id] != nil else { return }
        let end = readExit(box.id)
        if end == nil { await clearLost(box.id) }
        await record(end ?? ExitRecord.lost, for: box)
    }

    /// exit.json; nil when the monitor did not live to write it.
    func readExit(_ id: String) -> ExitRecord? {
        do {
            return try ExitRecord(json: try File.contents(of: places.monitor(id) + "/exit.json"))
        } catch {
            if (error as? Errno) != .noSuchFileOrDirectory {
                logger.error("cannot read an exit record", metadata: ["box": "\(id)", "error": "\(error)"])
            }
            return nil
        }
    }

    /// What a killed monitor left: its box is killed, and everything of it removed.
    func clearLost(_ id: String) async {
        if !File.exists("\(places.stateRoot)/\(id)") { return }
        do {
            let pid = try Children.shared.spawn(
                configuration.runtime, ["--root", places.stateRoot, "delete", "--force", id],
                descriptors: [nil, nil, 2])
            let end = await Children.shared.wait(pid)
            if end.status != 0 {
                logger.error("cannot clear a lost box", metadata: ["box": "\(id)", "status": "\(end.status)"])
            }
        } catch {
            logger.error("cannot clear a lost box", metadata: ["box": "\(id)", "error": "\(error)"])
        }
    }

    /// For who has occupied the box: puts its end down, tells everybody, and sees whether it is to come back.
    func record(_ end: ExitRecord, for box: Box) async {
        endHealthChecks(box)
        box.connection = nil
        box.run += 1
        box.pid = 0
        box.state = .exited
        box.exitCode = end.status
        box.oomKilled = end.oom
        box.reason = end.reason
        box.error = end.error
        box.finished = end.finished
        box.endWarnings = end.warnings
        if let started = end.started { box.started = started }
        for id in box.execs { execs[id]?.boxEnded() }
        // The record goes only when the index has it: a full disk delays that.
        if saveAfterwards(box) { removeMonitorDirectory(box.id) }
        for follower in box.followers { follower.signal?.signal() }
        box.followers = []
        emit("die", box, ["exitCode": String(end.status)])
        let waiters = box.waiters.filter { $0.condition != .removed }
        box.waiters.removeAll { $0.condition != .removed }
        for waiter in waiters { waiter.tell(.success(end.status)) }
        if box.wanted.autoRemove {
            discard(box)
        } else {
            scheduleRestart(box, started: end.started ?? box.started)
        }
    }
}

/// exit.json.
struct ExitRecord: Equatable, Sendable {
    var started: String?
    var finished: String
    /// As a shell tells it.
    var status: Int32
    var oom: Bool
    var reason: String
    var error: String
    var warnings: [String] = []

    /// Of a box whose monitor was killed: nobody knows more.
    static var lost: ExitRecord {
        ExitRecord(
            started: nil, finished: Moment.text, status: 137, oom: false, reason: "monitor lost",
            error: "the box's monitor was killed")
    }

    /// Of a box that the host's end took along.
    static var rebooted: ExitRecord {
        ExitRecord(
            started: nil, finished: Moment.text, status: 255, oom: false, reason: "reboot",
            error: "the host was started anew")
    }

    init(started: String?, finished: String, status: Int32, oom: Bool, reason: String, error: String) {
        self.started = started
        self.finished = finished
        self.status = status
        self.oom = oom
        self.reason = reason
        self.error = error
    }

    init(json: [UInt8]) throws {
        let document = try JSON.parse(json)
        func text(_ key: String) -> String? {
            if case .string(let text)? = document[key]?.value { return text }
            return nil
        }
        guard case .integer(let status)? = document["status"]?.value else {
            throw EngineError(.internal, "exit.json has no status")
        }
        started = text("started")
        finished = text("finished") ?? Moment.text
        self.status = Int32(truncatingIfNeeded: status)
        oom = document["oom"]?.value == .bool(true)
        reason = text("reason") ?? ""
        warnings = document.strings("warnings")
        if case .string(let message)? = document["failed"]?["message"]?.value { error = message } else { error = "" }
    }
}
