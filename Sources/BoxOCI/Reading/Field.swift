package import BoxDocument

/// A value of the document together with its path. The path is put into words only for an error,
/// so walking a document costs one small object an array or object, not a string a value.
package struct Field {
    package let node: Node
    /// The key; empty for an element of an array and for the document itself.
    package let name: String
    private let index: Int?
    private let parent: Trail?

    fileprivate final class Trail {
        let field: Field
        init(_ field: Field) { self.field = field }
    }

    package init(_ document: Node) { self.init(node: document, name: "", index: nil, parent: nil) }

    /// A document that is a part of a config.json: what its keys are called there.
    package init(_ document: Node, below keys: [String]) {
        self = keys.reduce(Field(document)) { Field(node: document, name: $1, index: nil, parent: Trail($0)) }
    }

    fileprivate init(node: Node, name: String, index: Int?, parent: Trail?) {
        self.node = node
        self.name = name
        self.index = index
        self.parent = parent
    }

    /// `mounts[3].options[0]`; empty for the document itself.
    package var path: String {
        guard let above = parent?.field.path else { return "" }
        if let index { return "\(above)[\(index)]" }
        return above.isEmpty ? name : "\(above).\(name)"
    }
}

// MARK: Containers

package extension Field {
    /// The members in the order of the text. A null is no member: Go's encoder writes one for nothing.
    struct Members: Sequence, IteratorProtocol {
        fileprivate var rest: ArraySlice<Member>
        fileprivate let parent: Trail

        package mutating func next() -> Field? {
            while let member = rest.popFirst() {
                if case .null = member.node.value { continue }
                return Field(node: member.node, name: member.key, index: nil, parent: parent)
            }
            return nil
        }
    }

    func members() throws(BoxError) -> Members {
        guard case .object(let members) = node.value else { throw wrongType("an object") }
        return Members(rest: members[...], parent: Trail(self))
    }

    func array<T>(_ read: (Field) throws(BoxError) -> T) throws(BoxError) -> [T] {
        guard case .array(let nodes) = node.value else { throw wrongType("an array") }
        let trail = Trail(self)
        var result: [T] = []
        result.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            result.append(try read(Field(node: node, name: "", index: index, parent: trail)))
        }
        return result
    }

    func strings() throws(BoxError) -> [String] {
        try array { (field) throws(BoxError) in try field.string() }
    }

    /// An object whose values are strings.
    func pairs() throws(BoxError) -> [Pair] {
        var result: [Pair] = []
        for field in try members() { result.append(Pair(field.name, try field.string())) }
        return result
    }
}

// MARK: Scalars

package extension Field {
    func bool() throws(BoxError) -> Bool {
        guard case .bool(let value) = node.value else { throw wrongType("true or false") }
        return value
    }

    func string() throws(BoxError) -> String {
        guard case .string(let value) = node.value else { throw wrongType("a string") }
        return value
    }

    /// nil where the string is empty, for keys where Go's model cannot tell the two apart.
    func text() throws(BoxError) -> String? {
        let value = try string()
        return value.isEmpty ? nil : value
    }

    func integer<T: FixedWidthInteger>() throws(BoxError) -> T {
        let found: String
        switch node.value {
        case .integer(let value):
            if let result = T(exactly: value) { return result }
            found = "\(value)"
        case .unsigned(let value):
            if let result = T(exactly: value) { return result }
            found = "\(value)"
        case .double(let value): found = "\(value)"
        default: throw wrongType("a whole number")
        }
        throw invalid("must be a whole number from \(T.min) to \(T.max), found \(found)")
    }

    /// One of the names that the specification knows here; they are listed where the list is short.
    func name(among known: [String]) throws(BoxError) -> String {
        let value = try string()
        if known.contains(value) { return value }
        let found = JSON.quoted(value)
        if known.count > 10 { throw invalid("is none of the names the specification has, found \(found)") }
        throw invalid("must be one of \(known.joined(separator: ", ")), found \(found)")
    }

    func names(among known: [String]) throws(BoxError) -> [String] {
        try array { (field) throws(BoxError) in try field.name(among: known) }
    }
}

// MARK: Errors

package extension Field {
    func invalid(_ message: String, _ kind: BoxError.Kind = .invalidSpec) -> BoxError {
        let path = self.path
        return BoxError(kind, message, field: path.isEmpty ? nil : path, position: node.position)
    }

    func missing(_ key: String) -> BoxError {
        let path = self.path
        return BoxError(
            .invalidSpec, "is missing", field: path.isEmpty ? key : "\(path).\(key)", position: node.position)
    }

    func wrongType(_ expected: String) -> BoxError {
        let found =
            switch node.value {
            case .null: "null"
            case .bool(let value): "\(value)"
            case .integer, .unsigned, .double: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        return invalid("must be \(expected), found \(found)")
    }
}
