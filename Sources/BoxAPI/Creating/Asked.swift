internal import BoxDocument

/// A value of a request's body with the name by which its refusal calls it: `HostConfig.Memory`.
struct Asked {
    let path: String
    /// The key alone, which may hold dots.
    let name: String
    let node: Node

    init(_ path: String, _ node: Node, name: String = "") {
        self.path = path
        self.name = name
        self.node = node
    }

    // MARK: Types

    func string() throws(APIError) -> String {
        guard let text = node.text else { throw wrongType("a string") }
        return text
    }

    func flag() throws(APIError) -> Bool {
        guard case .bool(let value) = node.value else { throw wrongType("true or false") }
        return value
    }

    func integer() throws(APIError) -> Int64 {
        switch node.value {
        case .integer(let value): return value
        case .double(let value):
            // Clients in languages with one kind of number.
            guard let whole = Int64(exactly: value) else { throw wrongType("a whole number") }
            return whole
        default: throw wrongType("a whole number")
        }
    }

    func strings() throws(APIError) -> [String] {
        guard case .array(let nodes) = node.value else { throw wrongType("an array of strings") }
        var result: [String] = []
        for node in nodes {
            guard let text = node.text else { throw wrongType("an array of strings") }
            result.append(text)
        }
        return result
    }

    /// A string is an array of one.
    func words() throws(APIError) -> [String] {
        if let text = node.text { return [text] }
        return try strings()
    }

    func dictionary() throws(APIError) -> [(String, String)] {
        var result: [(String, String)] = []
        for member in try members() { result.append((member.name, try member.string())) }
        return result
    }

    func elements() throws(APIError) -> [Asked] {
        guard case .array(let nodes) = node.value else { throw wrongType("an array") }
        return nodes.enumerated().map { Asked("\(path)[\($0.offset)]", $0.element) }
    }

    /// The members that somebody set.
    func members() throws(APIError) -> [Asked] {
        guard case .object(let members) = node.value else { throw wrongType("an object") }
        return members.map { Asked(path.isEmpty ? $0.key : "\(path).\($0.key)", $0.node, name: $0.key) }
    }

    func member(_ key: String) -> Asked? { node[key].map { Asked("\(path).\(key)", $0) } }

    // MARK: Refusals

    private func wrongType(_ expected: String) -> APIError { invalid("must be \(expected)") }

    func invalid(_ why: String) -> APIError { .invalid("\(path) \(why)") }

    func unsupported(_ why: String) -> APIError { .unsupported("\(path): \(why)") }
}
