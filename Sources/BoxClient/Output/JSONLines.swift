public import BoxDocument
public import BoxOCI

/// JSON values, one a line, that come in any pieces. A value type; safe on any thread.
public struct JSONLines: Sendable {
    private var rest: [UInt8] = []
    private static let limit = 4 << 20

    public init() {}

    /// The values whose lines have ended.
    ///
    /// - Throws: `.internal` for what is no JSON, and for a line of more than 4 MiB.
    public mutating func take(_ bytes: [UInt8]) throws(BoxError) -> [Node] {
        rest += bytes
        var values: [Node] = []
        while let end = rest.firstIndex(of: 10) {
            let line = Array(rest[..<end])
            rest.removeFirst(end + 1)
            let value = try DaemonClient.document(line)
            if value.value != .null { values.append(value) }
        }
        if rest.count > Self.limit { throw BoxError(.internal, "the daemon's answer has a line without an end") }
        return values
    }
}
