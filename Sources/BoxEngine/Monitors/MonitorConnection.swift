internal import BoxDocument
internal import BoxOCI
internal import BoxSystem
internal import NIOCore
internal import NIOPosix

/// A connection to a monitor's control socket. Closed when nobody holds it any more. Thread-safe.
final class MonitorConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<MonitorHandler>

    private init(_ channel: any Channel, _ handler: NIOLoopBound<MonitorHandler>) {
        self.channel = channel
        self.handler = handler
    }

    deinit { channel.close(promise: nil) }

    static func connect(_ path: String) async throws -> MonitorConnection {
        // An address holds 107 bytes; of a longer path, a name below the directory's descriptor.
        let socket = try SocketPath.short(path)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MonitorHandler())
                }
            }
            .connect(unixDomainSocketPath: socket.path).get()
        withExtendedLifetime(socket) {}
        let handler = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: MonitorHandler.self), eventLoop: channel.eventLoop)
        }.get()
        return MonitorConnection(channel, handler)
    }

    /// From now on; what was told before is told first. Called on the event loop.
    func listen(_ onEvent: @escaping @Sendable (MonitorEvent) -> Void) {
        channel.eventLoop.execute { [handler] in handler.value.listen(onEvent) }
    }

    /// The answer to a request.
    /// - Throws: what the monitor answered with `ok` false, as `EngineError` with its cause
    @discardableResult
    func ask(_ operation: String, _ members: [Member] = []) async throws -> Node {
        try await begin(operation, members).get()
    }

    /// The same, sent before whatever is asked next; the answer is for later.
    func begin(_ operation: String, _ members: [Member] = []) -> EventLoopFuture<Node> {
        let request = Node(.object([Member("op", Node(.string(operation)))] + members))
        let promise = channel.eventLoop.makePromise(of: Node.self)
        channel.eventLoop.execute { [handler] in handler.value.ask(request, promise) }
        return promise.futureResult.flatMapThrowing { answer in
            if answer["ok"]?.value == .bool(true) { return answer }
            throw EngineError(BoxError(answer: answer["error"]))
        }
    }

    /// The next bytes of the box; nil at their end.
    func nextFrame() async throws -> OutputFrame? {
        let promise = channel.eventLoop.makePromise(of: OutputFrame?.self)
        channel.eventLoop.execute { [handler] in handler.value.take(promise) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            close()
        }
    }

    /// Returns when the socket has taken them. Empty bytes are the end of the input.
    func send(_ bytes: ByteBuffer) async throws {
        var rest = bytes
        repeat {
            let part = rest.readSlice(length: min(rest.readableBytes, MonitorFrame.largest)) ?? ByteBuffer()
            try await channel.writeAndFlush(MonitorFrame.input(part, channel.allocator))
        } while rest.readableBytes > 0
    }

    func close() { channel.close(promise: nil) }

    var isOpen: Bool { channel.isActive }

    /// Returns when the monitor has closed it, and closes it itself when the time is over.
    func waitForClose(seconds: Int64) async {
        let late = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { [channel] in channel.close(promise: nil) }
        do {
            try await channel.closeFuture.get()
        } catch {
            // Closed with an error is closed.
        }
        late.cancel()
    }
}

extension BoxError {
    /// The error of a monitor's answer.
    init(answer: Node?) {
        func text(_ key: String) -> String? {
            if case .string(let text)? = answer?[key]?.value { return text }
            return nil
        }
        let kind = text("kind").flatMap(Kind.init(rawValue:)) ?? .internal
        self.init(
            kind, text("message") ?? "the monitor gave no reason", field: text("field"), found: text("found"),
            remedy: text("remedy"))
        if case .integer(let number)? = answer?["errno"]?.value, number > 0 {
            errno = Errno(rawValue: CInt(truncatingIfNeeded: number))
        }
    }
}
