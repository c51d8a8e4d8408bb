internal import BoxDocument
internal import BoxEngine
internal import BoxSpec
internal import NIOCore

extension Route {
    /// `POST /swiftbox/boxes/run`: create, attach and start in one request, for a start that does not wait for three
    /// answers. The body is that of `create`. With `detach` the answer is `create`'s; without it the connection is taken
    /// over: `Swiftbox-Id` names the box, and whatever the box says comes in docker's frames, a terminal's output, too.
    /// Frames of the stream 3 are the daemon's own, JSON: `Warnings`, where there are any of the start and of the end,
    /// `StatusCode` last.
    static func run(_ call: Call) async throws -> Answer {
        let query = call.query
        let keys = try DetachKeys(asked: query["detachKeys"])
        let wanted = try WantedBox(document: try await call.requiredDocument())
        let options = AttachOptions(stdin: wanted.openStdin || wanted.options.interactive)
        let attach = query.flag("detach") ? nil : options
        // A box must not be left half started because the client that asked for it was killed.
        let run = try await Task.immediate {
            try await call.engine.run(wanted, name: query["name"], attach: attach)
        }.value
        guard let attachment = run.attachment else {
            return .json(.object(["Id": .text(run.id), "Warnings": .texts(run.warnings)]), .created)
        }
        let exchange = call.exchange
        try await exchange.takeOver(type: "application/vnd.swiftbox.run-stream", headers: [("Swiftbox-Id", run.id)])
        if !run.warnings.isEmpty { try await tell(.object(["Warnings": .texts(run.warnings)]), exchange) }
        try await carry(attachment, stdin: options.stdin, keys, exchange, isFramed: true)
        let end = try await run.end()
        if !end.warnings.isEmpty { try await tell(.object(["Warnings": .texts(end.warnings)]), exchange) }
        try await tell(.object(["StatusCode": .number(end.status)]), exchange)
        return .written
    }

    private static func tell(_ node: Node, _ exchange: Exchange) async throws {
        try await exchange.send(OutputFrame.framed(3, ByteBuffer(bytes: JSON.write(node))))
    }
}
