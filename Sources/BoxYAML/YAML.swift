public import BoxDocument
internal import CYAML

/// YAML by libyaml into the tree that JSON is read into: YAML 1.2's core schema, so that `no` and `on` are words, and
/// `0123` is a number. One document, no tags but `!!str`; anchors, aliases and `<<` within bounds.
/// Pure functions, safe on any thread.
public enum YAML {
    /// What a text may cost; a file that people write comes nowhere near.
    public struct Limits: Sendable {
        /// Of the text.
        public var bytes = 1 << 20
        /// Lists and maps inside one another.
        public var depth = 32
        /// Values, each use of an alias counted with all that it stands for.
        public var nodes = 50_000

        public init() {}
    }

    /// The text's one value; null for an empty text. Every node has its line and column, of an alias the first use's.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(DocumentError) -> Node {
        let start = Position(line: 1, column: 1)
        if bytes.count > limits.bytes {
            throw DocumentError("the text is longer than \(limits.bytes) bytes", at: start)
        }
        if let at = bytes.firstIndex(of: 0) {
            let line = bytes[..<at].count { $0 == UInt8(ascii: "\n") } + 1
            throw DocumentError("a NUL byte", at: Position(line: line, column: 1))
        }
        return try bytes.withUnsafeBufferPointer { (buffer) throws(DocumentError) -> Node in
            let events = YAMLEvents(buffer)
            var builder = YAMLBuilder(events: events, limits: limits)
            return try builder.document()
        }
    }
}
