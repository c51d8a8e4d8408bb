internal import NIOCore

/// In front of the decoder: holds back the end of the input while the connection is handed over, for NIO's decoder drops
/// what came along with a request when it hears of the end before it is removed. Lives on the connection's event loop.
final class InputGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var isHolding = false
    private var held: ChannelEvent?

    /// From now on.
    func hold() { isHolding = true }

    /// The decoder has gone.
    func release(_ context: ChannelHandlerContext) {
        isHolding = false
        if let held { context.fireUserInboundEventTriggered(held) }
        held = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isHolding, case ChannelEvent.inputClosed = event {
            held = .inputClosed
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
