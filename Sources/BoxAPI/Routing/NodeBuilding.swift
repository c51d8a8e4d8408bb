internal import BoxDocument

/// Answers in short: `["Id": .text(id), "Size": .number(size)]` by way of `object`.
extension Node {
    static func text(_ value: String) -> Node { Node(.string(value)) }
    static func flag(_ value: Bool) -> Node { Node(.bool(value)) }
    static func number(_ value: some BinaryInteger) -> Node {
        Node(Int64(exactly: value).map { .integer($0) } ?? .unsigned(UInt64(clamping: value)))
    }
    static var null: Node { Node(.null) }
    static var empty: Node { Node(.object([])) }
    static func list(_ values: [Node]) -> Node { Node(.array(values)) }
    static func texts(_ values: [String]) -> Node { Node(.array(values.map { .text($0) })) }
    /// Sorted by key: the same answer every time.
    static func map(_ values: [String: String]) -> Node {
        Node(.object(values.sorted { $0.key < $1.key }.map { Member($0.key, .text($0.value)) }))
    }
    static func object(_ members: KeyValuePairs<String, Node>) -> Node {
        Node(.object(members.map { Member($0.key, $0.value) }))
    }

    /// The string; nil where it is none.
    var text: String? {
        if case .string(let text) = value { text } else { nil }
    }

    var members: [Member] {
        if case .object(let members) = value { members } else { [] }
    }

    /// null, "", 0, false, [] and {}: what Go's encoder writes for what nobody set.
    var isNothing: Bool {
        switch value {
        case .null: true
        case .bool(let value): !value
        case .integer(let value): value == 0
        case .unsigned: false
        case .double(let value): value == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        }
    }

    /// This object with the members of `other` in the places of its own, and those it does not have behind them.
    /// What `other` has as null is left as it is.
    func overlaid(with other: Node) -> Node {
        var result = members
        for member in other.members {
            if case .null = member.node.value { continue }
            if let index = result.firstIndex(where: { $0.key == member.key }) {
                result[index].node = member.node
            } else {
                result.append(member)
            }
        }
        return Node(.object(result))
    }
}
