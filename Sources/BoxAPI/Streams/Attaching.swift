internal import BoxDocument
internal import BoxEngine
internal import NIOCore

extension Route {
    static func attach(_ call: Call) async throws -> Answer {
        let query = call.query
        let options = AttachOptions(
            stdin: query.flag("stdin"), stdout: query.flag("stdout"), stderr: query.flag("stderr"),
            logs: query.flag("logs"), stream: query.flag("stream"))
        let keys = try DetachKeys(query["detachKeys"])
        try await call.exchange.body.discardRest()
        let attachment = try await call.engine.attach(call.name, options)
        return try await carry(attachment, stdin: options.stdin && options.stream, keys, call)
    }

    /// Both directions until the output ends, the client leaves or types the detach keys.
    static func carry(_ attachment: Attachment, stdin: Bool, _ keys: DetachKeys, _ call: Call) async throws -> Answer {
        let exchange = call.exchange
        do {
            try await exchange.takeOver(type: call.streamType(isTerminal: attachment.isTerminal))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await feed(attachment, isOpen: stdin, keys, exchange.input) }
                do {
                    for try await frame in attachment.output {
                        try await exchange.send(attachment.isTerminal ? frame.bytes : frame.framed)
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
        return .written
    }

    private static func feed(
        _ attachment: Attachment, isOpen: Bool, _ keys: DetachKeys, _ input: BytePipe
    ) async throws {
        var keys = keys
        do {
            while var chunk = try await input.next() {
                if !isOpen { continue }
                if attachment.isTerminal {
                    let (passed, isDetached) = keys.pass(chunk)
                    if isDetached { return await attachment.close() }
                    chunk = passed
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

/// Finds the keys that leave a terminal: `ctrl-p,ctrl-q`.
struct DetachKeys: Sendable {
    private let keys: [UInt8]
    private var matched = 0

    /// - Throws: `APIError` 400 for what is no list of keys
    init(_ text: String?) throws(APIError) {
        guard let text else {
            keys = [16, 17]
            return
        }
        var keys: [UInt8] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bytes = Array(word.lowercased().utf8)
            if bytes.count == 1 {
                keys.append(contentsOf: word.utf8)
            } else if word.lowercased().hasPrefix("ctrl-"), bytes.count == 6, (0x40...0x7F).contains(bytes[5]) {
                keys.append(bytes[5] & 0x1F)
            } else {
                throw .invalid("detachKeys: \(JSON.quoted(String(word))) is no key")
            }
        }
        self.keys = keys
    }

    /// What may go on to the process: keys that may be the beginning of the sequence wait for the next ones.
    mutating func pass(_ bytes: ByteBuffer) -> (ByteBuffer, isDetached: Bool) {
        var passed = ByteBuffer()
        for byte in bytes.readableBytesView {
            if byte == keys[matched] {
                matched += 1
                if matched == keys.count { return (passed, true) }
                continue
            }
            passed.writeBytes(keys[..<matched])
            matched = byte == keys[0] ? 1 : 0
            if matched == 0 { passed.writeInteger(byte) }
        }
        return (passed, false)
    }
}
