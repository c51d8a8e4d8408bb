public import BoxEngine
internal import Glibc
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Docker's Engine API, and ours beside it, in front of an engine. Safe on any thread.
public final class APIServer: Sendable {
    private let listeners: [any Channel]

    private init(_ listeners: [any Channel]) { self.listeners = listeners }

    /// Serves from now on. The descriptors, bound and listening, are the server's, also when this throws.
    /// - Parameter metricsListener: a TCP socket where only `GET /metrics` is answered
    public static func start(
        engine: BoxEngine, listeners: [CInt], metricsListener: CInt? = nil, limits: ClientLimits = ClientLimits(),
        logger: Logger
    ) async throws -> APIServer {
        let service = Service(engine, limits: limits, logger: logger)
        var channels: [any Channel] = []
        for descriptor in listeners {
            channels.append(try await bootstrap(service, metricsOnly: false).withBoundSocket(descriptor).get())
        }
        if let metricsListener {
            channels.append(try await bootstrap(service, metricsOnly: true).withBoundSocket(metricsListener).get())
        }
        return APIServer(channels)
    }

    /// Takes no more connections; those that are there end with the process.
    public func stop() async {
        for channel in listeners {
            do { try await channel.close() } catch { continue }
        }
    }

    private static func bootstrap(_ service: Service, metricsOnly: Bool) -> ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                guard service.joined() else {
                    service.left()
                    return channel.close()
                }
                return peer(of: channel).flatMapThrowing { peer in
                    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(InputGate())
                    try pipeline.addHandler(ByteToMessageHandler(decoder))
                    try pipeline.addHandler(Connection(service, peer: peer, metricsOnly: metricsOnly))
                }
            }
    }

    /// nil where the socket is none of the unix kind.
    private static func peer(of channel: any Channel) -> EventLoopFuture<Peer?> {
        guard let provider = channel as? any SocketOptionProvider, channel.localAddress?.protocol == .unix else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let option: EventLoopFuture<Peer> = provider.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        return option.map { .some($0) }
    }
}
