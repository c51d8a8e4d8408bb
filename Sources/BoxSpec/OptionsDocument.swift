public import BoxDocument
public import BoxOCI

/// Flags as JSON: `{"memory":"512m","volume":["a:b"],"tty":true,"COMMAND":["sh"]}`, a key for each flag of `RunFlag` without
/// its dashes. What a client sends to the daemon, and the daemon keeps.
extension RunOptions {
    /// Only the flags that were given. `entrypoint` is an array where arguments stand behind it.
    public var document: Node {
        var members: [Member] = []
        var options = self
        for flag in RunFlag.all where flag.isGiven(in: &options) {
            members.append(Member(flag.key, options.value(of: flag)))
        }
        return Node(.object(members))
    }

    private mutating func value(of flag: RunFlag) -> Node {
        if flag.name == "--entrypoint", let entrypoint, !entrypointArguments.isEmpty {
            return Node(.array(([entrypoint] + entrypointArguments).map { Node(.string($0)) }))
        }
        var value = Node(.null)
        switch flag.place {
        case .text(let access): access(&self) { value = Node(.string($0 ?? "")) }
        case .list(let access): access(&self) { value = Node(.array($0.map { Node(.string($0)) })) }
        case .flag(let access): access(&self) { value = Node(.bool($0)) }
        }
        return value
    }

    /// - Throws: `.invalidSpec` naming the flag for a value of the wrong type, and for a key that is no flag of `run`.
    public init(document: Node) throws(BoxError) {
        self.init()
        guard case .object(let members) = document.value else {
            throw BoxError(.invalidSpec, "must be an object of flags", field: "options", position: document.position)
        }
        for member in members {
            if case .null = member.node.value { continue }
            guard let flag = RunFlag.all.first(where: { $0.key == member.key }) else {
                throw BoxError(
                    .invalidSpec, "\(JSON.quoted(member.key)) is no flag of run", field: "options",
                    position: member.position)
            }
            try take(member.node, for: flag)
        }
    }

    private mutating func take(_ node: Node, for flag: RunFlag) throws(BoxError) {
        switch (flag.place, node.value) {
        case (.flag(let access), .bool(let value)): access(&self) { $0 = value }
        case (.text(let access), .string(let text)): access(&self) { $0 = text }
        case (.text(let access), .integer(let number)): access(&self) { $0 = String(number) }
        case (.list(let access), .array(let nodes)):
            let texts = try Self.strings(nodes, flag)
            access(&self) { $0 = texts }
        case (.text, .array(let nodes)) where flag.name == "--entrypoint":
            let words = try Self.strings(nodes, flag)
            entrypoint = words.first
            entrypointArguments = Array(words.dropFirst())
        default:
            let expected =
                switch flag.place {
                case .text: "a string"
                case .list: "an array of strings"
                case .flag: "true or false"
                }
            throw BoxError(.invalidSpec, "must be \(expected)", field: flag.name, position: node.position)
        }
    }

    private static func strings(_ nodes: [Node], _ flag: RunFlag) throws(BoxError) -> [String] {
        var result: [String] = []
        for node in nodes {
            guard case .string(let text) = node.value else {
                throw BoxError(.invalidSpec, "must be an array of strings", field: flag.name, position: node.position)
            }
            result.append(text)
        }
        return result
    }
}

extension RunFlag {
    fileprivate var key: String { name.hasPrefix("--") ? String(name.dropFirst(2)) : name }
}
