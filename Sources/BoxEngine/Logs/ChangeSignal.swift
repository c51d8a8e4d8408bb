internal import BoxSystem
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Wakes one task when something in a directory changes (inotify(7)), or when it is told to. No thread and no timer waits.
final class ChangeSignal: Sendable {
    private let wakeUp: WakeUp
    private let channel: EventLoopFuture<any Channel>

    init(directory: String) throws(Errno) {
        let watch = try FileWatch()
        try watch.add(directory, [.written, .movedIn, .created])
        let raw = watch.release()
        let wakeUp = WakeUp()
        self.wakeUp = wakeUp
        // inotify gives nothing to a buffer that the next event does not fit into.
        channel = NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader(wakeUp)) }
            }
            .takingOwnershipOfDescriptor(input: raw)
        channel.whenFailure { _ in
            _ = Descriptor(owning: raw)
            wakeUp.end()
        }
    }

    deinit { channel.whenSuccess { $0.close(promise: nil) } }

    func signal() { wakeUp.signal() }

    /// Until the next signal; returns at once when there was one since the last.
    func wait() async { await wakeUp.wait() }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let wakeUp: WakeUp

        init(_ wakeUp: WakeUp) { self.wakeUp = wakeUp }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { wakeUp.signal() }
        func channelInactive(context: ChannelHandlerContext) { wakeUp.end() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Thread-safe.
private final class WakeUp: Sendable {
    private enum State {
        case quiet
        case signalled
        case awaited(CheckedContinuation<Void, Never>)
        case over
    }

    private let state = Mutex<State>(.quiet)

    func signal() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch state {
            case .awaited(let continuation):
                state = .quiet
                return continuation
            case .quiet, .signalled: state = .signalled
            case .over: break
            }
            return nil
        }
        waiting?.resume()
    }

    /// Nobody waits any more, now or later.
    func end() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .over }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume()
    }

    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    switch state {
                    case .quiet:
                        state = .awaited(continuation)
                        return false
                    case .signalled:
                        state = .quiet
                        return true
                    case .over, .awaited: return true
                    }
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end()
        }
    }
}
