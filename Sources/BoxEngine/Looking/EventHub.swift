/// What happened lately, and who wants to hear of it. Belongs to the engine's actor.
final class EventHub {
    private static let kept = 1024
    /// A listener that is further behind loses the connection rather than everybody's memory.
    private static let backlog = 4096
    private var recent: [EngineEvent] = []
    private var listeners: [Int: AsyncStream<EngineEvent>.Continuation] = [:]
    private var next = 0

    func emit(_ event: EngineEvent) {
        if recent.count == Self.kept { recent.removeFirst(Self.kept / 4) }
        recent.append(event)
        for (number, listener) in listeners {
            switch listener.yield(event) {
            case .enqueued: break
            default:
                listener.finish()
                listeners[number] = nil
            }
        }
    }

    /// Those since `since` of the ones kept.
    func past(since: Int64) -> [EngineEvent] { recent.filter { $0.time >= since } }

    func listen() -> (number: Int, stream: AsyncStream<EngineEvent>) {
        let (stream, continuation) = AsyncStream<EngineEvent>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.backlog))
        next += 1
        listeners[next] = continuation
        return (next, stream)
    }

    func leave(_ number: Int) {
        listeners[number]?.finish()
        listeners[number] = nil
    }
}
