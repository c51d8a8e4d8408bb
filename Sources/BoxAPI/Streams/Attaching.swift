internal import BoxOCI
internal import BoxSpec
internal import BoxDocument
internal import BoxEngine
internal import NIOCore

extension Route {
    static func attach(_ call: Call) async throws -> Answer {
        let query = call.query
        let options = AttachOptions(
            stdin: query.flag("stdin"), stdout: query.flag("stdout"), stderr: query.flag("stderr"),
            logs: query.flag("logs"), stream: query.flag("stream"))
        let keys = try DetachKeys(asked: query["detachKeys"])
        try await call.exchange.body.discardRest()
        let attachment = try await call.engine.attach(call.name, options)
        return try await carry(attachment, stdin: options.stdin && options.stream, keys, call)
    }

    /// Both directions until the output ends, the client leaves or types the detach keys.
    static func carry(_ attachment: Attachment, stdin: Bool, _ keys: DetachKeys, _ call: Call) async throws -> Answer {
        try await call.exchange.takeOver(type: call.streamType(isTerminal: attachment.isTerminal))
        try await carry(attachment, stdin: stdin, keys, call.exchange, isFramed: !attachment.isTerminal)
        return .written
    }

    /// On a connection that is taken over.
    static func carry(
        _ attachment: Attachment, stdin: Bool, _ keys: DetachKeys, _ exchange: Exchange, isFramed: Bool
    ) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await feed(attachment, isOpen: stdin, keys, exchange.input) }
                do {
                    for try await frame in attachment.output {
                        try await exchange.send(isFramed ? frame.framed : frame.bytes)
                    }
                } catch {
                    group.cancelAll()
                    throw error
                }
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError { return }
            }
        } catch {
            await attachment.close()
            throw error
        }
        await attachment.close()
    }

    private static func feed(
        _ attachment: Attachment, isOpen: Bool, _ keys: DetachKeys, _ input: BytePipe
    ) async throws {
        var keys = keys
        do {
            while var chunk = try await input.next() {
                if !isOpen { continue }
                if attachment.isTerminal {
                    let (passed, isDetached) = keys.pass(Array(chunk.readableBytesView)[...])
                    if isDetached { return await attachment.close() }
                    chunk = ByteBuffer(bytes: passed)
                }
                if chunk.readableBytes > 0 { try await attachment.write(chunk) }
            }
            if isOpen { await attachment.closeInput() }
        } catch is EngineError {
            // The process takes no more; what it has written still comes.
            input.discard()
        } catch let error as ChannelError {
            await attachment.close()
            throw error
        }
    }
}

extension BytePipe {
    /// Reads to the end of a body that says nothing.
    func discardRest() async throws { while try await next() != nil {} }
}

extension DetachKeys {
    /// Those of a request; nil is what docker takes then.
    ///
    /// - Throws: `APIError` 400 for what is no list of keys
    init(asked text: String?) throws(APIError) {
        do throws(BoxError) {
            try self.init(text ?? Self.usual)
        } catch {
            throw .invalid("detachKeys: \(JSON.quoted(text ?? "")) is no list of keys")
        }
    }
}
