internal import BoxDocument
internal import NIOCore
internal import NIOHTTP1

/// Who is at the other end of a unix socket: the kernel's struct ucred, member for member (unix(7), SO_PEERCRED).
struct Peer: Sendable {
    var pid: Int32
    var uid: UInt32
    var gid: UInt32
}

/// The head of a request, taken apart.
struct Request: Sendable {
    var method: HTTPMethod
    /// As sent.
    var uri: String
    /// Percent-decoded, without the version.
    var path: [String]
    var query: Query
    var headers: HTTPHeaders
    /// The minor number of `/v1.NN`; the newest where the path has none.
    var version: Int
    var keepAlive: Bool
    /// HTTP/1.0 knows no chunks.
    var knowsChunks: Bool

    static let newest = 43
    static let oldest = 24

    /// - Throws: `APIError` 400
    init(_ head: HTTPRequestHead) throws(APIError) {
        method = head.method
        uri = head.uri
        headers = head.headers
        keepAlive = head.isKeepAlive
        knowsChunks = head.version.major == 1 && head.version.minor >= 1
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var segments: [String] = []
        for segment in parts[0].split(separator: "/", omittingEmptySubsequences: true) {
            guard let text = PercentCoding.decode(segment, plusIsSpace: false) else {
                throw .invalid("the path is not percent-encoded UTF-8")
            }
            segments.append(text)
        }
        query = try Query(parts.count > 1 ? parts[1] : "")
        version = Self.newest
        if let first = segments.first, let asked = Self.version(first) {
            segments.removeFirst()
            version = asked
        }
        path = segments
        if version > Self.newest {
            throw .invalid("client version 1.\(version) is too new. Maximum supported API version is 1.\(Self.newest)")
        }
        if version < Self.oldest {
            throw .invalid("client version 1.\(version) is too old. Minimum supported API version is 1.\(Self.oldest)")
        }
    }

    /// 43 for `v1.43`.
    private static func version(_ segment: String) -> Int? {
        guard segment.hasPrefix("v1.") else { return nil }
        return Int(segment.dropFirst(3))
    }

    /// Docker's library for Python reads the head of an answer through a buffer, and what a box says from behind it: what
    /// comes together with the head is lost.
    var losesWhatComesWithTheHead: Bool { headers["user-agent"].contains { $0.hasPrefix("docker-sdk-python/") } }

    var asksForUpgrade: Bool { headers["upgrade"].contains { $0.lowercased() == "tcp" } }

    /// Attach, exec start and run: what comes behind the request is no HTTP.
    var mayHijack: Bool {
        guard method == .POST else { return false }
        return path.count == 3
            && (path[0] == "containers" && path[2] == "attach" || path[0] == "exec" && path[2] == "start"
                || path == ["swiftbox", "boxes", "run"])
    }
}

/// `application/x-www-form-urlencoded`.
struct Query: Sendable {
    private(set) var values: [String: [String]] = [:]

    init(_ text: Substring) throws(APIError) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = PercentCoding.decode(parts[0], plusIsSpace: true),
                let value = PercentCoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw .invalid("the query is not percent-encoded UTF-8") }
            values[key, default: []].append(value)
        }
    }

    /// nil where it is not there or empty.
    subscript(key: String) -> String? { values[key]?.first.flatMap { $0.isEmpty ? nil : $0 } }

    func all(_ key: String) -> [String] { values[key] ?? [] }

    /// Docker's rule: everything but nothing, 0, no, false and none is yes.
    func flag(_ key: String, default standard: Bool = false) -> Bool {
        guard let text = values[key]?.first else { return standard }
        return !["", "0", "no", "false", "none"].contains(text.lowercased())
    }

    func integer(_ key: String) throws(APIError) -> Int? {
        guard let text = self[key] else { return nil }
        guard let number = Int(text) else { throw .invalid("\(key) must be a whole number, not \(JSON.quoted(text))") }
        return number
    }

    /// Nanoseconds since the epoch of `1136073600` or `1136073600.000000001`; nil where it is not there.
    func moment(_ key: String) throws(APIError) -> Int64? {
        guard let text = self[key] else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count > 1 ? parts[1].prefix(9) : ""
        let padded = digits + String(repeating: "0", count: 9 - digits.count)
        guard let seconds = Int64(parts[0]), let fraction = Int64(padded), fraction >= 0,
            seconds.magnitude < 1 << 33
        else { throw .invalid("\(key) must be seconds since 1970, not \(JSON.quoted(text))") }
        return seconds * 1_000_000_000 + fraction
    }

    /// `{"label":["a=b"]}`, or as old clients write it `{"label":{"a=b":true}}`.
    func filters() throws -> [String: [String]] {
        guard let text = self["filters"] else { return [:] }
        guard case .object(let members) = try JSON.parse(Array(text.utf8), maxBytes: 1 << 16).value else {
            throw APIError.invalid("filters must be an object")
        }
        var result: [String: [String]] = [:]
        for member in members {
            switch member.node.value {
            case .array(let nodes): result[member.key] = nodes.compactMap(\.text)
            case .object(let flags): result[member.key] = flags.filter { $0.node.value == .bool(true) }.map(\.key)
            default: throw APIError.invalid("filters: \(JSON.quoted(member.key)) must be an array of strings")
            }
        }
        return result
    }
}

enum PercentCoding {
    /// nil for broken escapes, for what is not UTF-8, and for NUL.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(Unicode.Scalar($0)).hexDigitValue }.map { UInt8($0) }
    }
}
