internal import NIOCore

/// The input of a connection that a request has taken over. Lives on the connection's event loop.
final class RawInput: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let exchange: Exchange
    private let task: Task<Void, Never>?
    private let service: Service
    private var inputEnded: Bool
    private var wantsRead = false

    init(_ exchange: Exchange, task: Task<Void, Never>?, inputEnded: Bool, service: Service) {
        self.exchange = exchange
        self.task = task
        self.inputEnded = inputEnded
        self.service = service
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if inputEnded { exchange.input.finish() }
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        exchange.input.onDrained {
            loop.execute { bound.value.0.resumeReading(bound.value.1) }
        }
        let channel = context.channel
        let task = task
        Task {
            await task?.value
            channel.close(promise: nil)
        }
    }

    /// The exchange holds this handler, for as long as its input may have to wake it.
    func handlerRemoved(context: ChannelHandlerContext) { exchange.input.onDrained {} }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { exchange.input.push(unwrapInboundIn(data)) }

    func read(context: ChannelHandlerContext) {
        if exchange.input.isFull { wantsRead = true } else { context.read() }
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard wantsRead, context.channel.isActive else { return }
        wantsRead = false
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { exchange.input.finish() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange.input.finish(.failure(ChannelError.alreadyClosed))
        task?.cancel()
        service.left()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
