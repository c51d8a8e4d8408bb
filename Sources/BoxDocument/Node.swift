/// A value of a document, whatever text it came from, and where it stood in it.
///
/// Two nodes are equal when their values are; the positions do not count.
/// A value type without shared state; safe on any thread.
public struct Node: Sendable {
    /// What JSON knows.
    public enum Value: Equatable, Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        /// A whole number above Int64.max; smaller ones are always `integer`.
        case unsigned(UInt64)
        case double(Double)
        case string(String)
        case array([Node])
        /// In the order of the text; no two members have the same key.
        case object([Member])
    }

    public var value: Value
    public var position: Position

    /// Without a position the node is one that no text holds: line 0, column 0.
    public init(_ value: Value, at position: Position = Position(line: 0, column: 0)) {
        self.value = value
        self.position = position
    }
}

extension Node: Equatable {
    public static func == (left: Node, right: Node) -> Bool { left.value == right.value }
}

/// A key of an object and what it stands for. Equal when key and value are.
public struct Member: Sendable {
    public var key: String
    /// Where the key stands; the value has its own position.
    public var position: Position
    public var node: Node

    public init(_ key: String, _ node: Node, at position: Position = Position(line: 0, column: 0)) {
        self.key = key
        self.position = position
        self.node = node
    }
}

extension Member: Equatable {
    public static func == (left: Member, right: Member) -> Bool {
        left.key == right.key && left.node == right.node
    }
}

/// Why a text is no document, and where.
public struct DocumentError: Error, Equatable, Sendable {
    /// Lower case, no full stop.
    public var message: String
    public var position: Position

    public init(_ message: String, at position: Position) {
        self.message = message
        self.position = position
    }
}

extension DocumentError: CustomStringConvertible {
    public var description: String { "line \(position.line), column \(position.column): \(message)" }
}
