internal import BoxDocument
internal import BoxEngine
internal import NIOCore

extension Route {
    static let streams: [Route] = [
        Route(.POST, "/containers/{}/attach", .stream) { call in try await attach(call) },
        Route(.GET, "/containers/{}/logs", .stream) { call in try await logs(call) },
        Route(.GET, "/containers/{}/stats", .stream) { call in try await stats(call) },
        Route(.GET, "/events", .stream) { call in try await events(call) },
        Route(.GET, "/containers/{}/attach/ws") { _ in
            throw APIError.unsupported("attaching by WebSocket is not available in this version of swiftbox")
        },
    ]

    // MARK: Logs

    private static func logs(_ call: Call) async throws -> Answer {
        let query = call.query
        let options = LogOptions(
            stdout: query.flag("stdout"), stderr: query.flag("stderr"), since: try query.moment("since"),
            until: try query.moment("until").flatMap { $0 == 0 ? nil : $0 }, tail: try tail(query["tail"]),
            follow: query.flag("follow"))
        if !options.stdout && !options.stderr {
            throw APIError.invalid("Bad parameters: you must choose at least one stream")
        }
        let box = try await call.engine.inspect(call.name)
        let records = try await call.engine.logs(box.id, options)
        let isTerminal = box.wanted.options.tty
        try await call.exchange.begin(.ok, type: call.streamType(isTerminal: isTerminal))
        let showsTime = query.flag("timestamps")
        for try await record in records {
            var line = record.bytes
            if showsTime {
                line = ByteBuffer(string: record.time + " ")
                line.writeImmutableBuffer(record.bytes)
            }
            try await call.exchange.send(isTerminal ? line : OutputFrame(record.source, line).framed)
        }
        try await call.exchange.end()
        return .written
    }

    private static func tail(_ text: String?) throws(APIError) -> Int? {
        guard let text, text != "all" else { return nil }
        guard let number = Int(text) else { throw .invalid("tail must be a number or all, not \(JSON.quoted(text))") }
        return number < 0 ? nil : number
    }

    // MARK: Events

    private static func events(_ call: Call) async throws -> Answer {
        let events = try await call.engine.events(
            since: try call.query.moment("since"), until: try call.query.moment("until"),
            filters: try call.query.filters())
        try await call.exchange.begin(.ok, type: "application/json")
        for try await event in events { try await call.exchange.send(event.document) }
        try await call.exchange.end()
        return .written
    }

    // MARK: Statistics

    /// Each answer holds the one before it: clients compute percentages of the difference.
    private static func stats(_ call: Call) async throws -> Answer {
        let box = try await call.engine.inspect(call.name)
        let isStream = call.query.flag("stream", default: true)
        let isOneShot = call.query.flag("one-shot")
        var before = try await call.engine.stats(box.id)
        if !isStream {
            if isOneShot { return .json(before.document(of: box, before: nil)) }
            try await Pause.wait(.seconds(1))
            return .json(try await call.engine.stats(box.id).document(of: box, before: before))
        }
        try await call.exchange.begin(.ok, type: "application/json")
        try await call.exchange.send(before.document(of: box, before: nil))
        while true {
            try await Pause.wait(.seconds(1))
            let now: Statistics
            do {
                now = try await call.engine.stats(box.id)
            } catch is EngineError {
                break
            }
            try await call.exchange.send(now.document(of: box, before: before))
            before = now
        }
        try await call.exchange.end()
        return .written
    }
}

extension Call {
    /// What docker calls the bytes of a box's streams; before 1.42 it knew one word for both forms.
    func streamType(isTerminal: Bool) -> String {
        let isMultiplexed = !isTerminal && request.version >= 42
        return "application/vnd.docker.\(isMultiplexed ? "multiplexed" : "raw")-stream"
    }
}

extension OutputFrame {
    /// Behind docker's header of eight bytes.
    var framed: ByteBuffer { Self.framed(source.rawValue, bytes) }

    static func framed(_ source: UInt8, _ bytes: ByteBuffer) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(8 + bytes.readableBytes)
        buffer.writeInteger(source)
        buffer.writeRepeatingByte(0, count: 3)
        buffer.writeInteger(UInt32(bytes.readableBytes))
        buffer.writeImmutableBuffer(bytes)
        return buffer
    }
}

extension EngineEvent {
    fileprivate var document: Node {
        var members: [Member] = []
        if subject == .container || subject == .image {
            members = [Member("status", .text(action)), Member("id", .text(id))]
            if let image = attributes["image"] { members.append(Member("from", .text(image))) }
        }
        let rest = Node.object([
            "Type": .text(subject.rawValue), "Action": .text(action),
            "Actor": .object(["ID": .text(id), "Attributes": .map(attributes)]), "scope": .text("local"),
            "time": .number(time / 1_000_000_000), "timeNano": .number(time),
        ])
        return Node(.object(members + rest.members))
    }
}
