internal import BoxDocument
internal import BoxEngine
internal import NIOHTTP1

/// A request that has found its handler.
struct Call: Sendable {
    let exchange: Exchange
    let engine: BoxEngine
    let service: Service
    /// What stood at the pattern's `{}`.
    let name: String

    var request: Request { exchange.request }
    var query: Query { exchange.request.query }

    /// The body as JSON; nil where it is empty.
    func document() async throws -> Node? {
        let bytes = try await exchange.body.collect(limit: service.limits.document)
        return bytes.isEmpty ? nil : try JSON.parse(bytes, maxBytes: service.limits.document)
    }
}

/// What a handler gives back.
enum Answer: Sendable {
    case json(Node, HTTPResponseStatus = .ok)
    case nothing(HTTPResponseStatus)
    case bytes([UInt8], type: String)
    /// An answer without a body that says it in headers.
    case headers([(String, String)])
    /// The handler has written it itself.
    case written
}

/// A method, a pattern of path segments in which `{}` stands for one segment and `{*}` for one or more, and what serves it.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Answer

    let method: HTTPMethod
    let pattern: [String]
    /// As it is told in metrics and logs.
    let label: String
    let pace: Pace
    let handler: Handler

    /// How long an answer takes, and what becomes of it when the client goes away meanwhile.
    enum Pace: Sendable {
        /// At once; what was begun is brought to its end.
        case short
        /// As long as the box likes; what was begun is brought to its end.
        case long
        /// As long as the box or the client likes; ends with the client.
        case stream
        /// The same, with a process of its own.
        case archive
    }

    init(_ method: HTTPMethod, _ path: String, _ pace: Pace = .short, _ handler: @escaping Handler) {
        self.method = method
        pattern = path.split(separator: "/").map(String.init)
        label = path
        self.pace = pace
        self.handler = handler
    }

    /// Changes something: written to the log, with who asked for it.
    var isMutating: Bool { method != .GET && method != .HEAD }

    /// What stands for the pattern's braces, "" where it has none; nil where the path is not this route's.
    func match(_ path: [String]) -> String? {
        guard let hole = pattern.firstIndex(where: { $0.hasPrefix("{") }) else { return path == pattern ? "" : nil }
        let behind = pattern.count - hole - 1
        let isGreedy = pattern[hole] == "{*}"
        guard isGreedy ? path.count >= pattern.count : path.count == pattern.count,
            path.prefix(hole).elementsEqual(pattern.prefix(hole)),
            path.suffix(behind).elementsEqual(pattern.suffix(behind))
        else { return nil }
        return path[hole..<(path.count - behind)].joined(separator: "/")
    }
}
