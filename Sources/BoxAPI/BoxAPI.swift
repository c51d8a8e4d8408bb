public import BoxEngine
internal import NIOHTTP1
public import Logging

public final class APIServer: Sendable {
    public static func start(engine: BoxEngine, listeners: [CInt], metricsListener: CInt?, logger: Logger) async throws -> APIServer { APIServer() }
    public func stop() async {}
}
