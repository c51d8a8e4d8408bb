internal import BoxDocument
internal import NIOCore

/// One more process in a box, as the engine knows it. Belongs to the engine's actor.
final class ExecSession {
    let id: String
    let boxID: String
    let wanted: WantedExec
    var isStarted = false
    var isRunning = false
    var exitCode: Int32?
    var pid: Int32 = 0
    var connection: MonitorConnection?
    /// Nanoseconds since the epoch.
    var ended: Int64?
    /// Of a health check: no event tells of it.
    let isQuiet: Bool
    /// Its time was over: it was killed.
    var isLate = false
    var waiters: [CheckedContinuation<Void, Never>] = []

    init(id: String, boxID: String, wanted: WantedExec, isQuiet: Bool) {
        self.id = id
        self.boxID = boxID
        self.wanted = wanted
        self.isQuiet = isQuiet
    }

    var view: ExecView {
        ExecView(id: id, boxID: boxID, wanted: wanted, running: isRunning, exitCode: exitCode, pid: pid)
    }

    /// With its box.
    func boxEnded() { if isRunning { finish(137) } }

    func finish(_ status: Int32) {
        if ended != nil { return }
        isRunning = false
        exitCode = status
        ended = Moment.now
        connection = nil
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    /// What the monitor's `launch` takes: the flags of `swiftbox-runtime exec`.
    var request: [Member] {
        func strings(_ texts: [String]) -> Node { Node(.array(texts.map { Node(.string($0)) })) }
        var exec = [
            Member("box", Node(.string(boxID))), Member("command", strings(wanted.command)),
            Member("env", strings(wanted.env)), Member("terminal", Node(.bool(wanted.tty))),
        ]
        if let workdir = wanted.workdir, !workdir.isEmpty { exec.append(Member("cwd", Node(.string(workdir)))) }
        if let user = wanted.user, !user.isEmpty { exec.append(Member("user", Node(.string(user)))) }
        var request = [
            Member("id", Node(.string(id))), Member("exec", Node(.object(exec))),
            Member("stdin", Node(.bool(wanted.attachStdin))), Member("stdin_once", Node(.bool(true))),
        ]
        if let size = wanted.terminalSize {
            request.append(Member("columns", Node(.integer(Int64(size.columns)))))
            request.append(Member("rows", Node(.integer(Int64(size.rows)))))
        }
        return request
    }
}
