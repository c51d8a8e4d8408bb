public import BoxDocument
public import BoxOCI
internal import BoxSystem

/// Asks the daemon. Each request has a connection of its own, so any number may be under way. For one thread.
public struct DaemonClient: Sendable {
    public let address: DaemonAddress

    public init(_ address: DaemonAddress) { self.address = address }

    /// A request; what it asks stands in the API's description.
    public struct Request {
        let method: String
        let path: String
        let query: [(String, String)]
        let body: Node?

        public init(_ method: String, _ path: String, _ query: [(String, String)] = [], body: Node? = nil) {
            self.method = method
            self.path = path
            self.query = query
            self.body = body
        }

        public static func get(_ path: String, _ query: [(String, String)] = []) -> Request {
            Request("GET", path, query)
        }

        public static func post(_ path: String, _ query: [(String, String)] = [], body: Node? = nil) -> Request {
            Request("POST", path, query, body: body)
        }

        public static func delete(_ path: String, _ query: [(String, String)] = []) -> Request {
            Request("DELETE", path, query)
        }
    }

    /// A name or an id as a segment of a path.
    public static func segment(_ name: String) throws(BoxError) -> String {
        if name.isEmpty || name == "." || name == ".." {
            throw BoxError(.invalidSpec, "\(JSON.quoted(name)) is no name")
        }
        return RequestHead.encoded(name)
    }

    /// Sends the request and returns when the head of the answer is here; the body is for the caller to take.
    ///
    /// - Throws: the daemon's refusal (a status of 400 and more), in its words.
    public func open(_ request: Request) throws(BoxError) -> (head: ResponseHead, connection: DaemonConnection) {
        try open(request, upgrading: false)
    }

    /// As `open`, but the connection then carries what a box reads and writes.
    public func takeOver(_ request: Request) throws(BoxError) -> (head: ResponseHead, connection: DaemonConnection) {
        let opened = try open(request, upgrading: true)
        opened.connection.isTakenOver = true
        return opened
    }

    private func open(
        _ request: Request, upgrading: Bool
    ) throws(BoxError) -> (head: ResponseHead, connection: DaemonConnection) {
        let connection = try DaemonConnection(address)
        var head = RequestHead(method: request.method, path: request.path, query: request.query)
        let body = request.body.map { JSON.write($0) } ?? []
        if request.body != nil { head.fields.append(("Content-Type", "application/json")) }
        if request.method != "GET" && request.method != "HEAD" {
            head.fields.append(("Content-Length", String(body.count)))
        }
        head.fields += upgrading ? [("Connection", "Upgrade"), ("Upgrade", "tcp")] : [("Connection", "close")]
        try connection.send(head.bytes + body)
        let answer = try connection.readHead(isHead: request.method == "HEAD")
        try Self.check(answer, connection)
        return (answer, connection)
    }

    private static func check(_ head: ResponseHead, _ connection: DaemonConnection) throws(BoxError) {
        if head.status < 400 { return }
        throw DaemonRefusal.error(status: head.status, body: try connection.rest(limit: 1 << 20))
    }

    /// The whole answer as JSON; null for an empty one.
    @discardableResult
    public func ask(_ request: Request) throws(BoxError) -> Node {
        let (_, connection) = try open(request)
        return try Self.document(try connection.rest())
    }

    /// The whole answer as it is.
    public func bytes(_ request: Request) throws(BoxError) -> [UInt8] {
        let (_, connection) = try open(request)
        return try connection.rest()
    }

    /// A body as JSON; null for an empty one.
    public static func document(_ bytes: [UInt8]) throws(BoxError) -> Node {
        if bytes.allSatisfy({ $0 == 10 || $0 == 13 || $0 == 32 }) { return Node(.null) }
        do throws(DocumentError) {
            return try JSON.parse(bytes, maxBytes: 64 << 20, maxValues: 2_000_000)
        } catch {
            throw BoxError(.internal, "the daemon's answer is no JSON: \(error)")
        }
    }

    /// Sends a body of unknown length, a piece at a time until `next` gives nil; the whole answer.
    public func upload(
        _ request: Request, type: String, _ next: () throws(BoxError) -> [UInt8]?
    ) throws(BoxError) -> Node {
        let connection = try DaemonConnection(address)
        var head = RequestHead(method: request.method, path: request.path, query: request.query)
        head.fields = [("Content-Type", type), ("Transfer-Encoding", "chunked"), ("Connection", "close")]
        try connection.send(head.bytes)
        while let bytes = try next() {
            if bytes.isEmpty { continue }
            if try !connection.sendChunk(bytes) { break }
        }
        _ = try connection.sendChunk([])
        let answer = try connection.readHead(isHead: false)
        try Self.check(answer, connection)
        return try Self.document(try connection.rest())
    }
}

/// What a status of 400 and more says.
enum DaemonRefusal {
    static func error(status: Int, body: [UInt8]) -> BoxError {
        let document = document(body)
        var error = BoxError(kind(status), "the daemon answers with status \(status)")
        if case .string(let text)? = document["message"]?.value, !text.isEmpty { error.message = text }
        if case .integer(let status)? = document["exitStatus"]?.value { explainCommand(&error, status) }
        return error
    }

    /// A command that cannot be run, by the field that tells it from every other failure.
    private static func explainCommand(_ error: inout BoxError, _ status: Int64) {
        guard status == 126 || status == 127 else { return }
        let field = "process.args[0]"
        if error.message.hasPrefix(field + ": ") { error.message = String(error.message.dropFirst(field.count + 2)) }
        error.field = field
        error.kind = status == 127 ? .notFound : .denied
    }

    private static func kind(_ status: Int) -> BoxError.Kind {
        switch status {
        case 400: .invalidSpec
        case 403: .denied
        case 404: .notFound
        case 409: .invalidState
        case 501: .unsupported
        default: .internal
        }
    }

    private static func document(_ body: [UInt8]) -> Node {
        do throws(DocumentError) {
            return try JSON.parse(body)
        } catch {
            // Not the daemon's own answer: its status says enough.
            return Node(.null)
        }
    }
}
