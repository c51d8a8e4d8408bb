internal import BoxOCI
internal import BoxStore

/// A box as the engine knows it. Belongs to the engine's actor.
final class Box {
    let id: String
    var name: String
    /// Nanoseconds since the epoch.
    let created: Int64
    var wanted: WantedBox
    var resolved: ResolvedBox
    var state = BoxView.State.created
    /// By `stop`, `kill` or `rm`: no policy starts it again.
    var stoppedByUser = false
    var pid: Int32 = 0
    var exitCode: Int32 = 0
    var oomKilled = false
    var error = ""
    var reason = ""
    var started: String?
    var finished: String?
    var restartCount = 0
    /// Of its last start, and of its last end.
    var warnings: [String] = []
    var endWarnings: [String] = []

    /// Which of its runs this is: what is told of an earlier one is not about this.
    var run = 0
    var connection: MonitorConnection?
    /// Taken for who attached before the start, or with the box prepared on it.
    private(set) var waiting: WaitingMonitor?
    private var stream: MonitorConnection?
    /// What the box is that was prepared; in its command, it may be another.
    private(set) var prepared: Spec?

    func hold(_ monitor: WaitingMonitor, prepared: Spec? = nil) {
        (waiting, stream, self.prepared) = (monitor, monitor.stream, prepared)
    }

    /// For who attaches; once.
    func takeStream() -> MonitorConnection? {
        defer { stream = nil }
        return stream
    }

    /// For who starts the box.
    func takeWaiting() -> WaitingMonitor? {
        defer { (waiting, stream, prepared) = (nil, nil, nil) }
        return waiting
    }

    /// Nobody will start the box on it: it ends when nobody is connected to it.
    func dropWaiting() { takeWaiting()?.close() }

    var health: HealthView?
    var healthTask: Task<Void, Never>?
    var restartTask: Task<Void, Never>?
    var restartDelay: Int64 = Restarting.firstDelay
    var execs: Set<String> = []
    var waiters: [Waiter] = []
    var oomKills = 0
    var followers: [Follower] = []

    // Who changes it, one after the other.
    private var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    init(id: String, name: String, created: Int64, wanted: WantedBox, resolved: ResolvedBox) {
        self.id = id
        self.name = name
        self.created = created
        self.wanted = wanted
        self.resolved = resolved
    }

    var isAlive: Bool { state == .running || state == .paused }

    /// Who waits for an end of it.
    struct Waiter {
        let number: Int
        let condition: WaitCondition
        let tell: (Result<Int32, any Error>) -> Void
    }

    /// Who reads its log as it grows.
    struct Follower {
        weak var signal: ChangeSignal?
    }

    /// Whether it was free; otherwise `enqueue`.
    func take() -> Bool {
        if isBusy { return false }
        isBusy = true
        return true
    }

    /// Resumed when the box is the caller's.
    func enqueue(_ continuation: CheckedContinuation<Void, Never>) { queue.append(continuation) }

    func release() {
        if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
    }

    var row: BoxRow {
        var row = BoxRow(
            id: id, name: name, created: created, wanted: BoxFile(self).text, state: state.rawValue)
        row.stoppedByUser = stoppedByUser
        row.pid = Int(pid)
        row.exitCode = Int(exitCode)
        row.oomKilled = oomKilled
        row.error = error
        row.reason = reason
        row.started = started
        row.finished = finished
        row.restartCount = restartCount
        return row
    }

    /// What the index last knew.
    func take(_ row: BoxRow) {
        name = row.name
        state = BoxView.State(rawValue: row.state) ?? .exited
        stoppedByUser = row.stoppedByUser
        pid = Int32(row.pid)
        exitCode = Int32(row.exitCode)
        oomKilled = row.oomKilled
        error = row.error
        reason = row.reason
        started = row.started
        finished = row.finished
        restartCount = row.restartCount
    }
}
