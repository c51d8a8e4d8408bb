internal import BoxDocument
internal import BoxEngine
internal import BoxSystem
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Finds the handler of a request, keeps to the limits, and turns what handlers throw into answers. Safe on any thread.
final class Service: Sendable {
    private struct Load {
        var connections = 0
        var requests = 0
        var streams = 0
        var archives = 0
        /// Most at a time since memory was last given back.
        private var peak = 0
        /// So many at a time are a crowd.
        private static let crowd = 16

        private var total: Int { requests + streams + archives }

        mutating func enter(_ pace: Route.Pace) {
            self[pace] += 1
            peak = max(peak, total)
        }

        /// Whether a crowd, or an archive, is over: both take memory that what comes after them does not need.
        mutating func leave(_ pace: Route.Pace) -> Bool {
            self[pace] -= 1
            guard pace == .archive && archives == 0 || peak > Self.crowd && total <= peak / 8 else { return false }
            peak = total
            return true
        }

        subscript(_ pace: Route.Pace) -> Int {
            get {
                switch pace {
                case .short: requests
                case .long, .stream: streams
                case .archive: archives
                }
            }
            set {
                switch pace {
                case .short: requests = newValue
                case .long, .stream: streams = newValue
                case .archive: archives = newValue
                }
            }
        }
    }

    let engine: BoxEngine
    let limits: ClientLimits
    let latencies = Latencies()
    private let logger: Logger
    private let load = Mutex(Load())

    init(_ engine: BoxEngine, limits: ClientLimits, logger: Logger) {
        self.engine = engine
        self.limits = limits
        self.logger = logger
    }

    /// How long a client may do nothing when it is its turn.
    var patience: TimeAmount? { limits.patience == 0 ? nil : .seconds(Int64(limits.patience)) }

    // MARK: Connections

    /// False where there are too many already.
    func joined() -> Bool {
        load.withLock {
            $0.connections += 1
            return $0.connections <= limits.connections
        }
    }

    func left() { load.withLock { $0.connections -= 1 } }

    // MARK: Requests

    func serve(_ exchange: Exchange) async {
        let start = ContinuousClock.now
        do {
            let (route, name) = try Route.find(exchange.request)
            try enter(route)
            defer { leave(route) }
            if route.isMutating { log(exchange) }
            let call = Call(exchange: exchange, engine: engine, service: self, name: name)
            let answer = try await perform(route, call)
            if route.pace == .short { latencies.add(ContinuousClock.now - start, to: "\(route.method) \(route.label)") }
            try await write(answer, to: exchange)
        } catch {
            await refuse(APIError(error), exchange)
        }
    }

    /// A box must not be left half started because the client that asked for it was killed.
    private func perform(_ route: Route, _ call: Call) async throws -> Answer {
        if route.pace == .stream || route.pace == .archive { return try await route.handler(call) }
        return try await Task { try await route.handler(call) }.value
    }

    private func enter(_ route: Route) throws(APIError) {
        let (limit, what) = limit(of: route)
        let isFree = load.withLock { load in
            if load[route.pace] >= limit { return false }
            load.enter(route.pace)
            return true
        }
        if !isFree { throw APIError(.serviceUnavailable, "too many \(what) at a time; there may be \(limit)") }
    }

    private func leave(_ route: Route) {
        if !load.withLock({ $0.leave(route.pace) }) { return }
        do throws(Errno) {
            try OwnMemory.giveBack()
        } catch {
            logger.warning("cannot give memory back: \(error)")
        }
    }

    private func limit(of route: Route) -> (Int, String) {
        switch route.pace {
        case .short: (limits.requests, "requests")
        case .long, .stream: (limits.streams, "streams")
        case .archive: (limits.archives, "archives")
        }
    }

    private func log(_ exchange: Exchange) {
        var metadata: Logger.Metadata = [:]
        if let peer = exchange.peer {
            metadata = ["uid": "\(peer.uid)", "gid": "\(peer.gid)", "pid": "\(peer.pid)"]
        }
        // Escaped, so that no client writes lines into the log; long enough for two ids.
        let uri = String(decoding: JSON.write(.text(String(exchange.request.uri.prefix(512)))), as: UTF8.self)
        logger.info("\(exchange.request.method) \(uri)", metadata: metadata)
    }

    private func write(_ answer: Answer, to exchange: Exchange) async throws {
        switch answer {
        case .json(let node, let status): try await exchange.respond(status, node)
        case .nothing(let status): try await exchange.respond(status, [], type: nil)
        case .bytes(let bytes, let type): try await exchange.respond(.ok, bytes, type: type)
        case .headers(let headers): try await exchange.respond(.ok, [], type: nil, headers: headers)
        case .written: break
        }
    }

    /// Behind the head of an answer nothing can be said any more but that it broke off: its end is left out.
    private func refuse(_ error: APIError, _ exchange: Exchange) async {
        if exchange.hasBegun { return }
        if error.status.code >= 500 && error.status != .notImplemented {
            logger.warning("\(exchange.request.method) \(JSON.quoted(exchange.request.uri)): \(error.message)")
        }
        do {
            try await exchange.respond(
                error.status, errorBody(error.message, exitStatus: error.exitStatus), type: "application/json")
        } catch {
            logger.debug("the client of \(JSON.quoted(exchange.request.uri)) is gone: \(error)")
        }
    }

    func errorBody(_ message: String, exitStatus: Int32? = nil) -> [UInt8] {
        var members = [Member("message", .text(message))]
        if let exitStatus { members.append(Member("exitStatus", .number(exitStatus))) }
        return JSON.write(Node(.object(members))) + [0x0A]
    }
}
