internal import BoxDocument

/// Members of an object in the order they are set; what is absent, empty or false is left out.
struct ObjectBuilder {
    private(set) var members: [Member] = []

    mutating func set(_ key: String, _ node: Node?) {
        if let node { members.append(Member(key, node)) }
    }

    mutating func set(_ key: String, _ text: String?) {
        if let text { set(key, Node(.string(text))) }
    }

    mutating func set<T: FixedWidthInteger>(_ key: String, _ number: T?) {
        if let number { set(key, Node(number: number)) }
    }

    /// Of an optional Bool false is said; see `flag` for those whose absence is false.
    mutating func set(_ key: String, _ value: Bool?) {
        if let value { set(key, Node(.bool(value))) }
    }

    mutating func flag(_ key: String, _ value: Bool) {
        if value { set(key, true) }
    }

    mutating func set(_ key: String, _ texts: [String]) {
        set(key, texts) { Node(.string($0)) }
    }

    mutating func set<T>(_ key: String, _ items: [T], _ write: (T) -> Node) {
        if !items.isEmpty { set(key, Node(.array(items.map(write)))) }
    }

    mutating func set(_ key: String, _ pairs: [Pair]) {
        if pairs.isEmpty { return }
        set(key, Node(.object(pairs.map { Member($0.name, Node(.string($0.value))) })))
    }

    /// An object that is left out when nothing is in it.
    mutating func setUnlessEmpty(_ key: String, _ node: Node) {
        if node != Node(.object([])) { set(key, node) }
    }
}

extension Node {
    static func object(_ build: (inout ObjectBuilder) -> Void) -> Node {
        var builder = ObjectBuilder()
        build(&builder)
        return Node(.object(builder.members))
    }

    init<T: FixedWidthInteger>(number: T) {
        self.init(Int64(exactly: number).map { .integer($0) } ?? .unsigned(UInt64(number)))
    }
}
