internal import NIOCore
internal import NIOHTTP1

/// A client's connection: one request after the other, each served by a task of its own, whose end the next one awaits.
/// Lives on the connection's event loop.
final class Connection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let service: Service
    private let peer: Peer?
    private let metricsOnly: Bool
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var task: Task<Void, Never>?
    /// The current request has been received to its end.
    private var isComplete = false
    /// The current request has been answered.
    private var isAnswered = false
    private var inputEnded = false
    private var wantsRead = false
    /// Requests that came before the current one was answered.
    private var early: [HTTPServerRequestPart] = []
    /// Bytes of bodies that nobody wanted.
    private var discarded = 0
    /// When the client last sent something, or had something to wait for.
    private var heard = NIODeadline.now()
    private var check: Scheduled<Void>?

    init(_ service: Service, peer: Peer?, metricsOnly: Bool) {
        self.service = service
        self.peer = peer
        self.metricsOnly = metricsOnly
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        expect(in: service.patience, context)
    }

    /// The exchange holds this handler, for as long as its body may have to wake it.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        check?.cancel()
        check = nil
        exchange = nil
        task = nil
    }

    /// Closes the connection of a client that does not go on with what it began, or begins nothing.
    private func expect(in time: TimeAmount?, _ context: ChannelHandlerContext) {
        guard let time, let patience = service.patience else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        check = context.eventLoop.scheduleTask(in: time) {
            let this = bound.value
            guard let context = this.context else { return }
            // While it is being answered, or its bytes wait for us, it owes nothing.
            if this.exchange != nil && (this.isComplete || this.exchange?.body.isFull == true) { this.heard = .now() }
            let left = this.heard + patience - .now()
            if left > .nanoseconds(0) { this.expect(in: left, context) } else { context.close(promise: nil) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        heard = .now()
        if exchange != nil && isComplete { early.append(part) } else { receive(part, context) }
    }

    private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head): begin(head, context)
        case .body(let bytes):
            if isAnswered {
                discarded += bytes.readableBytes
                if discarded > 64 << 20 { context.close(promise: nil) }
            }
            exchange?.body.push(bytes)
        case .end:
            exchange?.body.finish()
            isComplete = true
            if let exchange, exchange.request.mayHijack { handOver(exchange, context) } else { endIfDone(context) }
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isComplete = false
        isAnswered = false
        let request: Request
        do {
            request = try Request(head)
        } catch {
            return refuse(error, context)
        }
        if metricsOnly && !(request.method == .GET && request.path == ["metrics"]) {
            return refuse(APIError(.forbidden, "only /metrics is served here"), context)
        }
        if head.headers.contains(name: "expect") {
            context.channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
        }
        let exchange = Exchange(request, peer: peer, channel: context.channel, patience: service.patience)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        exchange.body.onDrained { loop.execute { bound.value.resumeReading() } }
        self.exchange = exchange
        let service = service
        task = Task {
            await service.serve(exchange)
            loop.execute { bound.value.answered() }
        }
    }

    /// A head that is no request of ours.
    private func refuse(_ error: APIError, _ context: ChannelHandlerContext) {
        let body = service.errorBody(error.message)
        let head =
            "HTTP/1.1 \(error.status.code) \(error.status.reasonPhrase)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\(Exchange.identity)\r\n"
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer(bytes: Array(head.utf8) + body)).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    // MARK: The end of an answer

    private func answered() {
        guard let context else { return }
        isAnswered = true
        heard = .now()
        exchange?.body.discard()
        endIfDone(context)
    }

    private func endIfDone(_ context: ChannelHandlerContext) {
        guard let exchange, isAnswered, isComplete || !exchange.keepsAlive else { return }
        let goesOn = exchange.keepsAlive && !(inputEnded && early.isEmpty)
        self.exchange = nil
        task = nil
        guard goesOn else { return context.close(promise: nil) }
        let parts = early
        early = []
        for part in parts {
            if self.exchange != nil && isComplete { early.append(part) } else { receive(part, context) }
        }
        resumeReading()
    }

    // MARK: Taking over

    /// The request may take the connection over: nothing behind it is HTTP.
    private func handOver(_ exchange: Exchange, _ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let raw = RawInput(exchange, task: task, inputEnded: inputEnded, service: service)
            try pipeline.addHandler(raw, position: .after(self))
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let gate = NIOLoopBound(
                (try pipeline.handler(type: InputGate.self), try pipeline.context(handlerType: InputGate.self)),
                eventLoop: context.eventLoop)
            gate.value.0.hold()
            _ = pipeline.removeHandler(context: context)
            pipeline.removeHandler(context: decoder).whenComplete { _ in gate.value.0.release(gate.value.1) }
        } catch {
            context.close(promise: nil)
        }
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        let isBusy = exchange != nil && (isComplete || exchange?.body.isFull == true)
        if isBusy { wantsRead = true } else { context.read() }
    }

    private func resumeReading() {
        guard wantsRead, let context else { return }
        wantsRead = false
        read(context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        inputEnded = true
        if exchange == nil { return context.close(promise: nil) }
        if !isComplete { exchange?.body.finish(.failure(ChannelError.inputClosed)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange?.body.finish(.failure(ChannelError.alreadyClosed))
        task?.cancel()
        service.left()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError && exchange == nil {
            return refuse(.invalid("the request is no HTTP: \(error)"), context)
        }
        context.close(promise: nil)
    }
}
