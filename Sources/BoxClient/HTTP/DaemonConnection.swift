public import BoxOCI
internal import BoxSystem

/// One connection to the daemon, for one request and its answer. For one thread.
public final class DaemonConnection {
    private let socket: Descriptor
    private let path: String
    private var decoder: BodyDecoder?
    /// Of the body, what came along with the head.
    private var waiting: [UInt8] = []

    /// - Throws: where nobody listens, and where the caller may not ask, with what to do about it.
    init(_ address: DaemonAddress) throws(BoxError) {
        path = address.path
        socket = try explaining({ Self.unreachable(address.path, $0) }) { () throws(Errno) in
            try UnixSocket.connect(address.path, .stream)
        }
    }

    private static func unreachable(_ path: String, _ errno: Errno) -> BoxError {
        switch errno {
        case .noSuchFileOrDirectory, .connectionRefused:
            BoxError(
                .notFound, "no daemon answers at \(path)",
                remedy: "systemctl start swiftboxd, or as root: swiftboxd; --host or SWIFTBOX_HOST names another socket"
            )
        case .permissionDenied:
            BoxError(
                .denied, "the daemon's socket \(path) may not be used by you", errno: errno,
                remedy: "be root or in the group swiftbox")
        default: BoxError(.kernel, "cannot connect to the daemon at \(path)", errno: errno)
        }
    }

    private func explain(_ errno: Errno) -> BoxError {
        BoxError(.kernel, "the connection to the daemon at \(path) broke", errno: errno)
    }

    private func broken(_ why: String) -> BoxError {
        BoxError(.internal, "what answers at \(path) does not speak HTTP as a daemon does: \(why)")
    }

    /// The socket, for poll(2).
    public var raw: CInt { socket.raw }

    // MARK: Sending

    func send(_ bytes: [UInt8]) throws(BoxError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(
                try explaining(explain) { () throws(Errno) in try UnixSocket.sendSome(rest, to: socket.raw) })
        }
    }

    /// One chunk of a body that is sent in chunks; the empty one is its end. Whether the daemon still listens: where
    /// it does not, it has answered already.
    func sendChunk(_ bytes: [UInt8]) throws(BoxError) -> Bool {
        let framed = Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
        do {
            try send(framed)
            return true
        } catch {
            if error.errno == .brokenPipe || error.errno == .connectionReset { return false }
            throw error
        }
    }

    // MARK: Receiving

    /// The head of the answer. Those of 100 Continue are passed over.
    func readHead(isHead: Bool) throws(BoxError) -> ResponseHead {
        var bytes: [UInt8] = []
        while true {
            while let end = ResponseHead.end(in: bytes) {
                guard let head = ResponseHead(bytes[..<(end - 4)]) else { throw broken("no status line") }
                bytes.removeFirst(end)
                if head.status < 200 && head.status != 101 { continue }
                var decoder = try decoding { () throws(BodyDecoder.Broken) in
                    try BodyDecoder(head, isHead: isHead)
                }
                waiting = try decoding { () throws(BodyDecoder.Broken) in try decoder.take(bytes) }
                self.decoder = decoder
                return head
            }
            if bytes.count > ResponseHead.limit { throw broken("a head without an end") }
            let more = try explaining(explain) { () throws(Errno) in
                try File.readSome(socket.raw, atMost: 16384)
            }
            if more.isEmpty { throw broken("it closed the connection") }
            bytes += more
        }
    }

    private func decoding<Value>(_ body: () throws(BodyDecoder.Broken) -> Value) throws(BoxError) -> Value {
        do throws(BodyDecoder.Broken) {
            return try body()
        } catch {
            throw broken(error == .cutOff ? "its answer ends in the middle" : "its chunks are none")
        }
    }

    /// What came already and waits to be taken: poll(2) does not know of it.
    public var hasWaiting: Bool { !waiting.isEmpty || decoder?.isDone == true }

    /// The next bytes of the body, waiting for them; nil at its end. Of a non-blocking connection, [] where none are there.
    public func next() throws(BoxError) -> [UInt8]? {
        while true {
            if !waiting.isEmpty {
                defer { waiting = [] }
                return waiting
            }
            guard var decoder, !decoder.isDone else { return nil }
            let bytes: [UInt8]
            do throws(Errno) {
                bytes = try File.readSome(socket.raw, atMost: 32768)
            } catch {
                if error == .wouldBlock { return [] }
                // A box's end may cut the connection of who attached to it.
                if error == .connectionReset && isTakenOver { return nil }
                throw explain(error)
            }
            if bytes.isEmpty {
                let ended = decoder
                try decoding { () throws(BodyDecoder.Broken) in try ended.finish() }
                return nil
            }
            waiting = try decoding { () throws(BodyDecoder.Broken) in try decoder.take(bytes) }
            self.decoder = decoder
        }
    }

    /// All of the body, at most `limit` bytes.
    public func rest(limit: Int = 64 << 20) throws(BoxError) -> [UInt8] {
        var body: [UInt8] = []
        while let bytes = try next() {
            body += bytes
            if body.count > limit { throw broken("an answer of more than \(limit) bytes") }
        }
        return body
    }

    // MARK: Taken over

    /// Whether the connection carries bytes of a box now.
    var isTakenOver = false

    /// From here on neither `next` nor `write` waits.
    func makeNonBlocking() throws(BoxError) {
        try explaining(explain) { () throws(Errno) in try File.makeNonBlocking(socket.raw) }
    }

    /// How many bytes were taken; nil where nobody takes them any more.
    func write(_ bytes: ArraySlice<UInt8>) throws(BoxError) -> Int? {
        do throws(Errno) {
            return try UnixSocket.sendSome(bytes, to: socket.raw)
        } catch {
            if error == .brokenPipe || error == .connectionReset { return nil }
            throw explain(error)
        }
    }

    /// The other end reads the end of the input.
    func finishInput() throws(BoxError) {
        do throws(Errno) {
            try UnixSocket.finishSending(socket.raw)
        } catch {
            if error != .socketNotConnected { throw explain(error) }
        }
    }
}
