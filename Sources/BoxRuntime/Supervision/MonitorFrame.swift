internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// A frame of the control socket: docker's header (type, three zeros, length big-endian), then the payload.
struct MonitorFrame {
    enum Kind: UInt8 {
        case input = 0
        case output = 1
        case errors = 2
        case message = 16
    }

    var kind: Kind
    var payload: ArraySlice<UInt8>

    static let headerSize = 8
    static let largest = 64 << 10

    static func bytes(_ kind: Kind, _ payload: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = [kind.rawValue, 0, 0, 0]
        bytes.reserveCapacity(headerSize + payload.count)
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
        }
        bytes.append(contentsOf: payload)
        return bytes
    }

    static func message(_ members: [Member]) -> [UInt8] { bytes(.message, JSON.write(Node(.object(members)))) }

    /// Takes the first whole frame away; nil when there is none yet.
    /// - Throws: EBADMSG for a type or a length that is none: the connection cannot be followed any more
    static func take(_ buffer: inout [UInt8]) throws(Errno) -> MonitorFrame? {
        if buffer.count < headerSize { return nil }
        let length = buffer[4..<8].reduce(0) { $0 << 8 | Int($1) }
        guard let kind = Kind(rawValue: buffer[0]), length <= largest else { throw .badMessage }
        let end = headerSize + length
        if buffer.count < end { return nil }
        let payload = Array(buffer[headerSize..<end])
        buffer.removeFirst(end)
        return MonitorFrame(kind: kind, payload: payload[...])
    }
}

extension BoxError {
    /// As an answer of the control socket tells it.
    var answer: Node {
        var members = [Member("kind", Node(.string(kind.rawValue))), Member("message", Node(.string(message)))]
        if let field { members.append(Member("field", Node(.string(field)))) }
        if let found { members.append(Member("found", Node(.string(found)))) }
        if let remedy { members.append(Member("remedy", Node(.string(remedy)))) }
        if let errno { members.append(Member("errno", Node(.integer(Int64(errno.rawValue))))) }
        return Node(.object(members))
    }
}
