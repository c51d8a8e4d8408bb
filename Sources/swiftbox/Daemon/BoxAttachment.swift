internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// The caller's streams, terminal and signals, joined to those of a box until it ends.
struct BoxAttachment {
    private let client: DaemonClient
    private let settings: AttachedSession.Settings

    init(_ client: DaemonClient, _ settings: AttachedSession.Settings) {
        self.client = client
        self.settings = settings
    }

    /// To a box that runs. Calls `begin` once attached. The box's exit status; 0 where it was left.
    func join(_ id: String, _ begin: () throws(BoxError) -> Void) throws(BoxError) -> Int32 {
        let waiting = try client.open(.post("/containers/\(id)/wait", [("condition", "next-exit")])).connection
        let end = try AttachedSession.run(settings) { () throws(BoxError) in
            let query = [
                ("stream", "1"), ("stdin", settings.stdin ? "1" : "0"), ("stdout", "1"), ("stderr", "1"),
                ("detachKeys", settings.detachKeys),
            ]
            var opened = AttachedSession.Opened(try client.takeOver(.post("/containers/\(id)/attach", query)))
            opened.waiting = waiting
            tie(&opened, to: id)
            try begin()
            return opened
        }
        return end == .finished ? try Self.status(waiting) : Self.status(end)
    }

    /// What the daemon has told of a run.
    private final class Told {
        var id = ""
        var status: Int32?
    }

    /// Makes, attaches to and starts a box, and puts its id down. The box's exit status; 0 where it was left.
    func run(
        _ name: String?, _ document: Node, _ file: CidFile, warn: @escaping (String) -> Void
    ) throws(BoxError) -> Int32 {
        let told = Told()
        let end = try AttachedSession.run(settings) { () throws(BoxError) in
            let opened = try start(name, document, told, warn)
            try file.fill(told.id)
            return opened
        }
        if end == .unread { try client.ask(.post("/containers/\(told.id)/stop")) }
        if end != .finished { return Self.status(end) }
        if let status = told.status { return status }
        throw BoxError(
            .internal, "the connection to the daemon broke: nobody says here how the box ended",
            remedy: "swiftbox wait \(told.id.prefix(12)), when the daemon is back")
    }

    private func start(
        _ name: String?, _ document: Node, _ told: Told, _ warn: @escaping (String) -> Void
    ) throws(BoxError) -> AttachedSession.Opened {
        let query = [("detachKeys", settings.detachKeys)] + (name.map { [("name", $0)] } ?? [])
        var opened = AttachedSession.Opened(
            try client.takeOver(.post("/swiftbox/boxes/run", query, body: document)))
        guard let id = opened.head["swiftbox-id"] else {
            throw BoxError(.internal, "the daemon did not say the box's id")
        }
        told.id = id
        tie(&opened, to: id)
        opened.told = { (bytes) throws(BoxError) in
            let word = try DaemonClient.document(Array(bytes))
            for warning in word["Warnings"]?.elements ?? [] { if let text = warning.text { warn(text) } }
            if let status = word["StatusCode"]?.number { told.status = Int32(truncatingIfNeeded: status) }
        }
        return opened
    }

    private func tie(_ opened: inout AttachedSession.Opened, to id: String) {
        opened.resize = { (rows, columns) throws(BoxError) in
            try client.ask(.post("/containers/\(id)/resize", [("h", String(rows)), ("w", String(columns))]))
        }
        opened.kill = { (signal) throws(BoxError) in
            try client.ask(.post("/containers/\(id)/kill", [("signal", SignalNames.name(signal))]))
        }
    }

    /// Of who left; as the shell has it for who dies of a pipe that nobody reads.
    private static func status(_ end: AttachedSession.End) -> Int32 { end == .unread ? 141 : 0 }

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
