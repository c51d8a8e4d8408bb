public import BoxDocument
public import BoxOCI

/// `--format '{{.Name}}: {{json .Labels}}'`: text with fields of a JSON value in it. No conditions, loops or pipes.
/// Pure; safe on any thread.
public struct Template: Equatable, Sendable {
    private enum Part: Equatable {
        case text(String)
        /// The keys on the way, none for the whole; `json` writes it as JSON whatever it is.
        case field([String], json: Bool)
    }

    private let parts: [Part]

    /// - Throws: `.invalidSpec` for what is no template, naming `--format`.
    public init(_ text: String) throws(BoxError) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex { parts.append(.text(Self.unescaped(rest[..<open.lowerBound]))) }
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}") else {
                throw Self.refusal(text, "{{ is not closed")
            }
            parts.append(try Self.field(rest[..<close.lowerBound], text))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { parts.append(.text(Self.unescaped(rest))) }
        self.parts = parts
    }

    /// A shell's single quotes leave `\t` and `\n` as they are.
    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result += character == "t" ? "\t" : character == "n" ? "\n" : "\\\(character)"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result + (isEscaped ? "\\" : "")
    }

    private static func field(_ inside: Substring, _ text: String) throws(BoxError) -> Part {
        let words = inside.split(separator: " ")
        let isJSON = words.count == 2 && words[0] == "json"
        guard let path = words.last, path.hasPrefix("."), words.count == 1 || isJSON else {
            throw refusal(text, "{{\(inside)}} is neither {{.Field}} nor {{json .Field}}")
        }
        let keys = path.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if keys == [""] { return .field([], json: isJSON) }
        if keys.contains("") { throw refusal(text, "{{\(inside)}} has an empty name") }
        return .field(keys, json: isJSON)
    }

    private static func refusal(_ text: String, _ why: String) -> BoxError {
        BoxError(
            .invalidSpec, "--format \(text): \(why)", field: "--format", remedy: "json, table or '{{.Name}} {{json .}}'"
        )
    }

    /// - Throws: `.notFound` for a field that the value has not, with those that it has.
    public func text(of node: Node) throws(BoxError) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .field(let keys, let isJSON):
                let value = try Self.find(keys, in: node)
                result += isJSON ? String(decoding: JSON.write(value), as: UTF8.self) : Self.plain(value)
            }
        }
        return result
    }

    private static func find(_ keys: [String], in node: Node) throws(BoxError) -> Node {
        var value = node
        for key in keys {
            guard let next = member(key, of: value) else {
                var names: [String] = []
                if case .object(let members) = value.value { names = members.map(\.key) }
                throw BoxError(
                    .notFound, "--format: there is no field .\(keys.joined(separator: "."))", field: "--format",
                    found: names.isEmpty ? nil : names.joined(separator: ", "))
            }
            value = next
        }
        return value
    }

    /// As it is written, or else without regard to capitals and underscores: `.CreatedAt` is `created_at`.
    private static func member(_ key: String, of node: Node) -> Node? {
        if let exact = node[key] { return exact }
        guard case .object(let members) = node.value else { return nil }
        return members.first { bare($0.key) == bare(key) }?.node
    }

    private static func bare(_ key: String) -> String { key.lowercased().filter { $0 != "_" } }

    /// As a person would write it; maps and lists as JSON.
    public static func plain(_ node: Node) -> String {
        switch node.value {
        case .string(let text): text
        case .null: ""
        default: String(decoding: JSON.write(node), as: UTF8.self)
        }
    }
}

extension Substring {
    fileprivate func firstRange(of pattern: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) {
                return start..<index(start, offsetBy: pattern.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
