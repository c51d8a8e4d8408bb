internal import BoxDocument
internal import NIOCore

extension BoxEngine {
    /// To a box that runs, or that is about to be started: then nothing of its output is missed.
    public func attach(_ ref: String, _ options: AttachOptions) async throws -> Attachment {
        let box = try find(ref)
        let past = options.logs ? try logs(box, LogOptions(stdout: options.stdout, stderr: options.stderr)) : nil
        guard options.stream else {
            return Attachment(
                output: Self.frames(past, then: nil), isTerminal: box.resolved.options.tty, sink: ClosedSink())
        }
        await occupy(box)
        defer { box.release() }
        return try await attach(occupied: box, past, options)
    }

    private func attach(
        occupied box: Box, _ past: EngineStream<LogRecord>?, _ options: AttachOptions
    ) async throws -> Attachment {
        let (attachment, answer) = try await beginAttach(occupied: box, past, options)
        do {
            _ = try await answer.get()
        } catch {
            throw EngineError(error, "attach")
        }
        return attachment
    }

    /// For who has occupied the box: to what comes, behind the log where that is asked for. The monitor's answer is for
    /// later: what it is asked next, it does next.
    func beginAttach(
        occupied box: Box, _ past: EngineStream<LogRecord>?, _ options: AttachOptions
    ) async throws -> (Attachment, EventLoopFuture<Node>) {
        if boxes[box.id] == nil { throw EngineError(.notFound, "no such container: \(box.name)") }
        let connection: MonitorConnection
        if box.isAlive {
            connection = try await connect(places.monitor(box.id))
        } else {
            if box.waiting == nil { box.hold(try await pool.take()) }
            if let stream = box.takeStream() {
                connection = stream
            } else {
                connection = try await connect(box.waiting?.directory ?? "")
            }
        }
        let answer = beginAttach(
            connection, stdin: options.stdin && box.wanted.openStdin, stdout: options.stdout, stderr: options.stderr)
        emit("attach", box)
        let id = box.id
        let sink = MonitorSink(connection) { [weak self] rows, columns in
            try await self?.resize(id, rows: rows, columns: columns)
        }
        let attachment = Attachment(
            output: Self.frames(past, then: connection), isTerminal: box.resolved.options.tty, sink: sink)
        return (attachment, answer)
    }

    private func connect(_ directory: String) async throws -> MonitorConnection {
        do {
            return try await MonitorConnection.connect(directory + "/control.sock")
        } catch {
            throw EngineError(error, "attach")
        }
    }

    /// The connection to a monitor carries output from now on.
    func attach(_ connection: MonitorConnection, stdin: Bool, stdout: Bool, stderr: Bool) async throws {
        do {
            _ = try await beginAttach(connection, stdin: stdin, stdout: stdout, stderr: stderr).get()
        } catch {
            throw EngineError(error, "attach")
        }
    }

    private func beginAttach(
        _ connection: MonitorConnection, stdin: Bool, stdout: Bool, stderr: Bool
    ) -> EventLoopFuture<Node> {
        connection.begin(
            "attach",
            [
                Member("stdin", Node(.bool(stdin))), Member("stdout", Node(.bool(stdout))),
                Member("stderr", Node(.bool(stderr))),
            ])
    }

    /// The log, then what comes.
    static func frames(
        _ past: EngineStream<LogRecord>?, then connection: MonitorConnection?
    ) -> EngineStream<OutputFrame> {
        guard let past else {
            return EngineStream { try await connection?.nextFrame() }
        }
        let log = LogIterator(past)
        return EngineStream {
            if let record = try await log.next() { return OutputFrame(record.source, record.bytes) }
            return try await connection?.nextFrame()
        }
    }

    public func resize(_ ref: String, rows: UInt16, columns: UInt16) async throws {
        let box = try find(ref)
        guard box.isAlive, let connection = box.connection else {
            throw EngineError(.conflict, "cannot resize the box \(box.name): it is not running")
        }
        try await Self.resize(connection, rows, columns)
    }

    static func resize(_ connection: MonitorConnection, _ rows: UInt16, _ columns: UInt16) async throws {
        do {
            try await connection.ask(
                "resize",
                [Member("rows", Node(.integer(Int64(rows)))), Member("columns", Node(.integer(Int64(columns))))])
        } catch {
            throw EngineError(error, "resize the terminal")
        }
    }
}

/// A stream that is read by one task, from closures.
private actor LogIterator {
    private var iterator: EngineStream<LogRecord>.Iterator

    init(_ stream: EngineStream<LogRecord>) { iterator = stream.makeAsyncIterator() }

    func next() async throws -> LogRecord? { try await iterator.fetch() }
}

/// Input by a monitor's connection.
struct MonitorSink: AttachmentSink {
    private let connection: MonitorConnection
    private let setSize: @Sendable (UInt16, UInt16) async throws -> Void

    init(_ connection: MonitorConnection, resize: @escaping @Sendable (UInt16, UInt16) async throws -> Void) {
        self.connection = connection
        setSize = resize
    }

    func write(_ bytes: ByteBuffer) async throws {
        if bytes.readableBytes > 0 { try await connection.send(bytes) }
    }

    func closeInput() async {
        do {
            try await connection.send(ByteBuffer())
        } catch {
            // It has ended: so has its input.
        }
    }

    func resize(rows: UInt16, columns: UInt16) async throws { try await setSize(rows, columns) }

    func close() async { connection.close() }
}

/// Of an attachment that only reads the log.
struct ClosedSink: AttachmentSink {
    func write(_ bytes: ByteBuffer) async throws { throw EngineError(.conflict, "the box is not attached to") }
    func closeInput() async {}
    func resize(rows: UInt16, columns: UInt16) async throws {}
    func close() async {}
}
