internal import BoxDocument
internal import NIOCore

/// What a monitor tells without being asked.
enum MonitorEvent: Sendable {
    /// `started`, `exited`, `oom`.
    case told(String, Node)
    case closed
}

/// One connection to a monitor, on its event loop: answers go to who asked, in order; output is read from the socket only
/// as fast as it is taken.
final class MonitorHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Never
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var received: ByteBuffer?
    private var answers: CircularBuffer<EventLoopPromise<Node>> = CircularBuffer(initialCapacity: 2)
    private var frames: CircularBuffer<OutputFrame> = CircularBuffer(initialCapacity: 2)
    private var taker: EventLoopPromise<OutputFrame?>?
    private var isClosed = false
    private var readIsHeld = false
    private var context: ChannelHandlerContext?
    private var onEvent: (@Sendable (MonitorEvent) -> Void)?
    /// What was told before anybody listened.
    private var untold: [MonitorEvent] = []

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: From the engine

    func listen(_ onEvent: @escaping @Sendable (MonitorEvent) -> Void) {
        self.onEvent = onEvent
        for event in untold { onEvent(event) }
        untold = []
    }

    func ask(_ node: Node, _ promise: EventLoopPromise<Node>) {
        guard let context, !isClosed else {
            promise.fail(Self.gone)
            return
        }
        answers.append(promise)
        let frame = MonitorFrame.message(node, context.channel.allocator)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// nil when all has been delivered and the monitor has closed.
    func take(_ promise: EventLoopPromise<OutputFrame?>) {
        if let frame = frames.popFirst() {
            promise.succeed(frame)
        } else if isClosed || taker != nil {
            promise.succeed(nil)
        } else {
            taker = promise
        }
        if frames.isEmpty && readIsHeld {
            readIsHeld = false
            context?.read()
        }
    }

    // MARK: From the socket

    func read(context: ChannelHandlerContext) {
        if frames.isEmpty { context.read() } else { readIsHeld = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        var buffer: ByteBuffer
        if var waiting = received {
            received = nil
            waiting.writeBuffer(&bytes)
            buffer = waiting
        } else {
            buffer = bytes
        }
        do {
            while let frame = try MonitorFrame.read(&buffer) { deliver(frame) }
        } catch {
            context.close(promise: nil)
            return
        }
        received = buffer.readableBytes > 0 ? buffer : nil
    }

    private func deliver(_ frame: MonitorFrame) {
        switch frame {
        case .output(let frame):
            if let taker {
                self.taker = nil
                taker.succeed(frame)
            } else {
                frames.append(frame)
            }
        case .message(let node):
            if case .string(let name)? = node["event"]?.value {
                tell(.told(name, node))
            } else {
                answers.popFirst()?.succeed(node)
            }
        }
    }

    private func tell(_ event: MonitorEvent) {
        if let onEvent { onEvent(event) } else { untold.append(event) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        while let answer = answers.popFirst() { answer.fail(Self.gone) }
        taker?.succeed(nil)
        taker = nil
        tell(.closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private static var gone: EngineError { EngineError(.internal, "the box's monitor has ended") }
}
