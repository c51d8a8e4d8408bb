public import BoxDocument

extension YAML {
    /// A tree as YAML in block style, as people write it. What could be read as anything but a word is quoted.
    public static func write(_ node: Node) -> String {
        var lines: [String] = []
        append(node, indent: 0, to: &lines)
        return lines.map { $0 + "\n" }.joined()
    }

    private static func append(_ node: Node, indent: Int, to lines: inout [String]) {
        let margin = String(repeating: " ", count: indent)
        switch node.value {
        case .object(let members) where !members.isEmpty:
            for member in members { append(member.node, after: margin + scalar(member.key) + ":", indent, to: &lines) }
        case .array(let elements) where !elements.isEmpty:
            for element in elements {
                var inner: [String] = []
                append(element, indent: indent + 2, to: &inner)
                lines.append(margin + "- " + (inner.first?.dropFirst(indent + 2) ?? ""))
                lines += inner.dropFirst()
            }
        default: lines.append(margin + inline(node))
        }
    }

    private static func append(_ node: Node, after head: String, _ indent: Int, to lines: inout [String]) {
        switch node.value {
        case .object(let members) where !members.isEmpty: lines.append(head)
        case .array(let elements) where !elements.isEmpty: lines.append(head)
        default: return lines.append(head + " " + inline(node))
        }
        append(node, indent: indent + 2, to: &lines)
    }

    private static func inline(_ node: Node) -> String {
        if case .string(let text) = node.value { return scalar(text) }
        return String(decoding: JSON.write(node), as: UTF8.self)
    }

    /// A word that reads back as itself; every JSON string is a YAML string.
    private static func scalar(_ text: String) -> String {
        let plain = text.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39)
                || "_./=+,-".utf8.contains($0)
        }
        let startsWell = text.utf8.first.map { !"-.=+,".utf8.contains($0) || text.hasPrefix("./") } ?? false
        if plain && startsWell, case .string = CoreSchema.value(text) { return text }
        return String(decoding: JSON.write(Node(.string(text))), as: UTF8.self)
    }
}
