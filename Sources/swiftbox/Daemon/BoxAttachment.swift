internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// The caller's streams, terminal and signals, joined to those of a box until it ends.
struct BoxAttachment {
    private let client: DaemonClient
    private let id: String
    private var settings: AttachedSession.Settings

    init(_ client: DaemonClient, _ id: String, _ settings: AttachedSession.Settings) {
        self.client = client
        self.id = id
        self.settings = settings
        self.settings.resize = { (rows, columns) throws(BoxError) in
            try client.ask(.post("/containers/\(id)/resize", [("h", String(rows)), ("w", String(columns))]))
        }
        self.settings.kill = { (signal) throws(BoxError) in
            try client.ask(.post("/containers/\(id)/kill", [("signal", SignalNames.name(signal))]))
        }
    }

    /// Attaches, then calls `begin`, which may start the box: so nothing of its output is missed. How it was left, and
    /// the box's exit status; 0 for a box that runs on.
    func run(_ begin: () throws(BoxError) -> Void) throws(BoxError) -> (AttachedSession.End, status: Int32) {
        let opened = try client.takeOver(
            .post(
                "/containers/\(id)/attach",
                [
                    ("stream", "1"), ("stdin", settings.stdin ? "1" : "0"), ("stdout", "1"), ("stderr", "1"),
                    ("detachKeys", settings.detachKeys),
                ]))
        let waiting = try client.open(.post("/containers/\(id)/wait", [("condition", "next-exit")])).connection
        let session = try AttachedSession(opened, settings)
        let end: AttachedSession.End
        do throws(BoxError) {
            end = try session.run(until: waiting, begin)
        } catch {
            throw try Self.named(error, waiting)
        }
        switch end {
        case .detached: return (end, 0)
        // As the shell has it for who dies of a pipe that nobody reads.
        case .unread: return (end, 141)
        case .finished: return (end, try Self.status(waiting))
        }
    }

    /// The error with what the daemon recorded for a command that did not start: whoever waited is told at once, and a
    /// box that is removed by itself cannot be asked any more.
    static func named(_ error: BoxError, _ waiting: DaemonConnection) throws(BoxError) -> BoxError {
        var entries = [Poll.Entry(waiting.raw)]
        try explaining({ BoxError(.kernel, "cannot wait for the daemon", errno: $0) }) { () throws(Errno) in
            try Poll.wait(&entries, milliseconds: 1000)
        }
        if !entries[0].isReady && !waiting.hasWaiting { return error }
        return StartFailure.named(error, status: Int64(try status(waiting)))
    }

    /// Of the answer of `wait`.
    static func status(_ connection: DaemonConnection) throws(BoxError) -> Int32 {
        let answer = try DaemonClient.document(try connection.rest())
        if let message = answer["Error"]?["Message"]?.text, !message.isEmpty {
            throw BoxError(.internal, "cannot wait for the box: \(message)")
        }
        guard let status = answer["StatusCode"]?.number, let code = Int32(exactly: status) else {
            throw BoxError(.internal, "the daemon did not say how the box ended")
        }
        return code
    }
}
