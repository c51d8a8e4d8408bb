internal import BoxDocument
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// One request and its answer. A write returns when the kernel has taken the bytes, so at most one piece of an answer
/// waits in memory, and a client that does not read stops only the task that serves it, and not for ever. Safe on any
/// thread.
final class Exchange: Sendable {
    private enum Progress {
        case nothing, head, streaming(chunked: Bool), done
    }

    let request: Request
    let peer: Peer?
    let body = BytePipe()
    /// What comes behind a request that took the connection over.
    let input = BytePipe()
    private let channel: any Channel
    /// How long a client may take nothing; nil is for ever.
    private let patience: TimeAmount?
    private let progress = Mutex((Progress.nothing, keepAlive: true))

    init(_ request: Request, peer: Peer?, channel: any Channel, patience: TimeAmount?) {
        self.patience = patience
        self.request = request
        self.peer = peer
        self.channel = channel
        progress.withLock {
            $0.keepAlive = request.keepAlive && !request.mayHijack && !request.headers.contains(name: "upgrade")
        }
    }

    var hasBegun: Bool {
        progress.withLock { if case .nothing = $0.0 { false } else { true } }
    }

    /// Whether another request may follow on the connection.
    var keepsAlive: Bool {
        progress.withLock { if case .done = $0.0 { $0.keepAlive } else { false } }
    }

    /// Returns when the kernel has taken all of it; a client that takes nothing loses its connection.
    private func write(_ bytes: ByteBuffer) async throws {
        let written = begin(bytes)
        guard let patience else { return try await written.get() }
        let channel = channel
        let end = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        defer { end.cancel() }
        try await written.get()
    }

    private func begin(_ bytes: ByteBuffer) -> EventLoopFuture<Void> { channel.writeAndFlush(bytes) }

    // MARK: Whole answers

    func respond(_ status: HTTPResponseStatus, _ bytes: [UInt8], type: String?, headers: [(String, String)] = [])
        async throws
    {
        var headers = headers
        if let type { headers.append(("Content-Type", type)) }
        let hasBody = status.mayHaveResponseBody
        if hasBody { headers.append(("Content-Length", String(bytes.count))) }
        var buffer = head(status, headers)
        if hasBody && request.method != .HEAD { buffer.writeBytes(bytes) }
        progress.withLock { $0.0 = .done }
        try await write(buffer)
    }

    func respond(_ status: HTTPResponseStatus, _ node: Node, headers: [(String, String)] = []) async throws {
        try await respond(status, JSON.write(node) + [0x0A], type: "application/json", headers: headers)
    }

    // MARK: Answers in pieces

    /// The head of an answer whose length nobody knows yet.
    func begin(_ status: HTTPResponseStatus, type: String, headers: [(String, String)] = []) async throws {
        let chunked = request.knowsChunks
        progress.withLock {
            $0.0 = .streaming(chunked: chunked)
            if !chunked { $0.keepAlive = false }
        }
        var headers = headers + [("Content-Type", type)]
        if chunked { headers.append(("Transfer-Encoding", "chunked")) }
        try await write(head(status, headers))
    }

    func send(_ bytes: ByteBuffer) async throws {
        if bytes.readableBytes == 0 || request.method == .HEAD { return }
        guard isChunked else { return try await write(bytes) }
        var buffer = channel.allocator.buffer(capacity: bytes.readableBytes + 12)
        buffer.writeString(String(bytes.readableBytes, radix: 16) + "\r\n")
        buffer.writeImmutableBuffer(bytes)
        buffer.writeString("\r\n")
        try await write(buffer)
    }

    /// One JSON value and a line end.
    func send(_ node: Node) async throws { try await send(ByteBuffer(bytes: JSON.write(node) + [0x0A])) }

    func end() async throws {
        let chunked = isChunked
        progress.withLock { $0.0 = .done }
        if chunked && request.method != .HEAD { try await write(ByteBuffer(string: "0\r\n\r\n")) }
    }

    private var isChunked: Bool {
        progress.withLock { if case .streaming(let chunked) = $0.0 { chunked } else { false } }
    }

    // MARK: Taking the connection over

    /// From here on the connection carries what `send` is given, as it is, and its input is `input`. Once is enough.
    func takeOver(type: String, headers: [(String, String)] = []) async throws {
        if hasBegun { return }
        progress.withLock { $0 = (.streaming(chunked: false), keepAlive: false) }
        var line =
            request.asksForUpgrade
            ? "HTTP/1.1 101 UPGRADED\r\nContent-Type: \(type)\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n"
        for (name, value) in headers { line += "\(name): \(value)\r\n" }
        try await write(ByteBuffer(string: line + Self.identity + "\r\n"))
    }

    // MARK: Heads

    /// Said in every answer, as docker's clients look for it.
    static let identity =
        "Api-Version: 1.\(Request.newest)\r\nDocker-Experimental: false\r\nOstype: linux\r\nServer: swiftbox (linux)\r\n"

    private func head(_ status: HTTPResponseStatus, _ headers: [(String, String)]) -> ByteBuffer {
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n" + Self.identity
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if !progress.withLock({ $0.keepAlive }) { text += "Connection: close\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }
}
