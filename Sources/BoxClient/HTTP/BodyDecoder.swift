/// Takes the body of an answer out of what comes behind its head: by length, in chunks (RFC 9112, section 7.1), or all
/// until the connection ends. Bytes may come in any pieces.
struct BodyDecoder: Equatable {
    enum Broken: Error, Equatable { case noChunkSize, longChunkLine, cutOff }

    private enum State: Equatable {
        case length(UInt64)
        case untilClose
        case chunkSize([UInt8])
        case chunk(UInt64)
        /// Of the line end behind a chunk, so many bytes.
        case chunkEnd(Int)
        /// Trailer fields, of which the last line is empty.
        case trailer([UInt8])
        case done
    }

    private var state: State
    /// Of one line of sizes or trailers.
    private static let lineLimit = 8192

    /// A status of 1xx, 204 or 304, and an answer to HEAD, have no body.
    init(_ head: ResponseHead, isHead: Bool) throws(Broken) {
        if head.status == 101 {
            state = .untilClose
        } else if isHead || head.status < 200 || head.status == 204 || head.status == 304 {
            state = .done
        } else if head["transfer-encoding"]?.lowercased().hasSuffix("chunked") == true {
            state = .chunkSize([])
        } else if let text = head["content-length"] {
            guard let length = UInt64(text) else { throw .noChunkSize }
            state = length == 0 ? .done : .length(length)
        } else {
            state = .untilClose
        }
    }

    var isDone: Bool { state == .done }

    /// What of `bytes` belongs to the body. What comes behind its end is dropped: a connection serves one request.
    mutating func take(_ bytes: [UInt8]) throws(Broken) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty && state != .done {
            switch state {
            case .untilClose:
                body += rest
                rest = []
            case .length(let left), .chunk(let left):
                let part = rest.prefix(Int(clamping: left))
                body += part
                rest = rest.dropFirst(part.count)
                go(on: left - UInt64(part.count))
            case .chunkSize(let line): state = try size(line + [rest.removeFirst()])
            case .chunkEnd(let left):
                rest.removeFirst()
                state = left == 1 ? .chunkSize([]) : .chunkEnd(left - 1)
            case .trailer(let line): state = try trailer(line + [rest.removeFirst()])
            case .done: break
            }
        }
        return body
    }

    /// The connection has ended.
    func finish() throws(Broken) {
        if state != .done && state != .untilClose { throw .cutOff }
    }

    private mutating func go(on left: UInt64) {
        if case .chunk = state { return state = left == 0 ? .chunkEnd(2) : .chunk(left) }
        state = left == 0 ? .done : .length(left)
    }

    /// Hexadecimal, with extensions behind a semicolon.
    private func size(_ line: [UInt8]) throws(Broken) -> State {
        guard line.last == 10 else {
            if line.count > Self.lineLimit { throw .longChunkLine }
            return .chunkSize(line)
        }
        let text = String(decoding: line.prefix { $0 != 13 && $0 != 10 && $0 != UInt8(ascii: ";") }, as: UTF8.self)
        guard let size = UInt64(text[...].trimmingBlanks, radix: 16) else { throw .noChunkSize }
        return size == 0 ? .trailer([]) : .chunk(size)
    }

    private func trailer(_ line: [UInt8]) throws(Broken) -> State {
        if line.count > Self.lineLimit { throw .longChunkLine }
        if line.last != 10 { return .trailer(line) }
        return line == [13, 10] || line == [10] ? .done : .trailer([])
    }
}
