internal import BoxDocument

/// Events → tree.
struct YAMLBuilder {
    let events: YAMLEvents
    let limits: YAML.Limits
    private var anchors: [String: (node: Node, count: Int)] = [:]
    private var nodes = 0

    init(events: YAMLEvents, limits: YAML.Limits) {
        self.events = events
        self.limits = limits
    }

    mutating func document() throws(DocumentError) -> Node {
        var event = try events.next()
        if event.kind == .streamStart { event = try events.next() }
        if event.kind == .streamEnd { return Node(.null, at: Position(line: 1, column: 1)) }
        let root = try node(try events.next(), depth: 1)
        _ = try events.next()
        let after = try events.next()
        if after.kind != .streamEnd {
            throw DocumentError("a second document; one file describes one box", at: after.position)
        }
        return root
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(DocumentError) -> Node {
        try count(1, at: event.position)
        if depth > limits.depth { throw DocumentError("nested deeper than \(limits.depth) levels", at: event.position) }
        let before = nodes
        let made: Node
        switch event.kind {
        case .alias: return try alias(event)
        case .scalar: made = try scalar(event)
        case .sequenceStart: made = try sequence(event, depth: depth)
        default: made = try mapping(event, depth: depth)
        }
        if let anchor = event.anchor { anchors[anchor] = (made, nodes - before + 1) }
        return made
    }

    private mutating func count(_ more: Int, at position: Position) throws(DocumentError) {
        nodes += more
        if nodes > limits.nodes {
            throw DocumentError("more than \(limits.nodes) values, aliases written out", at: position)
        }
    }

    private mutating func alias(_ event: YAMLEvent) throws(DocumentError) -> Node {
        let name = event.anchor ?? ""
        guard let found = anchors[name] else {
            throw DocumentError("the alias *\(name)\(Self.noSuchAnchor)", at: event.position)
        }
        try count(found.count, at: event.position)
        var node = found.node
        node.position = event.position
        return node
    }

    private static let noSuchAnchor = " has no anchor before it"

    private func refuseTag(_ event: YAMLEvent) throws(DocumentError) {
        guard let tag = event.tag, tag != "!", !["seq", "map"].contains(where: { tag == "tag:yaml.org,2002:\($0)" })
        else { return }
        throw DocumentError("the tag \(tag) is not supported", at: event.position)
    }

    private func scalar(_ event: YAMLEvent) throws(DocumentError) -> Node {
        if event.tag == "tag:yaml.org,2002:str" { return Node(.string(event.text), at: event.position) }
        try refuseTag(event)
        let isWord = !event.isPlain || event.tag == "!"
        return Node(isWord ? .string(event.text) : CoreSchema.value(event.text), at: event.position)
    }

    private mutating func sequence(_ event: YAMLEvent, depth: Int) throws(DocumentError) -> Node {
        try refuseTag(event)
        var elements: [Node] = []
        while true {
            let next = try events.next()
            if next.kind == .sequenceEnd { return Node(.array(elements), at: event.position) }
            elements.append(try node(next, depth: depth + 1))
        }
    }

    private mutating func mapping(_ event: YAMLEvent, depth: Int) throws(DocumentError) -> Node {
        try refuseTag(event)
        var members: [Member] = []
        var merged: [Member] = []
        var keys: Set<String> = []
        while true {
            let key = try events.next()
            if key.kind == .mappingEnd { break }
            guard key.kind == .scalar else {
                throw DocumentError("a key must be a word, not a list, a map or an alias", at: key.position)
            }
            let value = try node(try events.next(), depth: depth + 1)
            if key.text == "<<" && key.isPlain {
                merged += try mergedMembers(value)
            } else {
                if !keys.insert(key.text).inserted {
                    throw DocumentError("the key \(JSON.quoted(key.text)) stands twice", at: key.position)
                }
                members.append(Member(key.text, value, at: key.position))
            }
        }
        for member in merged where keys.insert(member.key).inserted { members.append(member) }
        return Node(.object(members), at: event.position)
    }

    private func mergedMembers(_ value: Node) throws(DocumentError) -> [Member] {
        switch value.value {
        case .object(let members): return members
        case .array(let elements):
            var all: [Member] = []
            for element in elements { all += try mergedMembers(element) }
            return all
        default: throw DocumentError("<< takes a map or a list of maps", at: value.position)
        }
    }
}

/// Plain scalars of YAML 1.2, section 10.3.
enum CoreSchema {
    static func value(_ text: String) -> Node.Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> Node.Value? {
        if text.hasPrefix("0x") { return whole(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return whole(text.dropFirst(2), radix: 8) }
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = unsigned.utf8.first, isDigit(first) || first == UInt8(ascii: ".") else { return nil }
        if unsigned.utf8.allSatisfy(isDigit) {
            if let value = Int64(text) { return .integer(value) }
            return UInt64(unsigned).flatMap { text.hasPrefix("-") ? nil : .unsigned($0) }
        }
        let isDecimal = unsigned.utf8.allSatisfy { isDigit($0) || ".eE+-".utf8.contains($0) }
        guard isDecimal, unsigned.utf8.contains(where: isDigit), let value = Double(text), value.isFinite else {
            return nil
        }
        return .double(value)
    }

    private static func whole(_ digits: Substring, radix: Int) -> Node.Value? {
        guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { return nil }
        return Int64(digits, radix: radix).map { .integer($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
