public import BoxDocument
public import BoxOCI

/// What is to become of a running box's resources: an object as `linux.resources` holds it, in which only what is to
/// change is named. Plain values; safe on any thread.
public struct ResourceChange: Equatable, Sendable {
    private static let root = "linux.resources."
    /// Those whose 0 or emptiness means "not set", as engines send them.
    private static let unset = [
        "memory.limit", "memory.reservation", "memory.swap", "memory.kernel", "memory.kernelTCP", "memory.swappiness",
        "cpu.shares", "cpu.quota", "cpu.period", "cpu.realtimeRuntime", "cpu.realtimePeriod", "cpu.cpus", "cpu.mems",
        "pids.limit", "blockIO.weight", "blockIO.leafWeight", "devices",
    ]

    /// Without what is not set.
    let document: Node
    /// What was typed for a field: `linux.resources.pids.limit`, `--pids-limit 64`.
    let flags: [Pair]

    /// `flags` name those of the fields that were typed.
    public init(_ document: Node, flags: [Pair] = []) throws(BoxError) {
        // Types are checked here, with positions, before anything is thrown away or put together.
        _ = try Resources(document: document)
        self.document = Self.unset.reduce(document.withoutNulls) { $0.removingUnset($1) }
        // Of a flag that was typed twice, the last word holds.
        self.flags = flags.enumerated().filter { at, pair in !flags[(at + 1)...].contains { $0.name == pair.name } }
            .map(\.element)
    }

    /// The text of a file: a bare `linux.resources` object.
    public init(json: [UInt8]) throws(BoxError) {
        let document: Node
        do throws(DocumentError) {
            document = try JSON.parse(json)
        } catch {
            throw BoxError(.invalidSpec, "not JSON: \(error.message)", position: error.position)
        }
        try self.init(document)
    }

    /// Single fields by their path below `linux.resources`, and what was typed for each.
    public init(_ fields: [(path: String, value: Node, flag: String)]) throws(BoxError) {
        let document = fields.reduce(Node(.object([]))) { all, field in
            all.overlaid(with: Self.nested(field.path.split(separator: ".")[...], field.value))
        }
        do throws(BoxError) {
            try self.init(
                document, flags: fields.map { Pair(Self.place(of: $0.value, $0.path, in: document), $0.flag) })
        } catch {
            var named = error
            named.field = fields.last { Self.root + $0.path == error.field }?.flag ?? error.field
            named.position = nil
            throw named
        }
    }

    /// Of a list's entry with its index: other flags may have added to the list.
    private static func place(of value: Node, _ path: String, in document: Node) -> String {
        guard case .array(let entries) = value.value, case .array(let all) = document.value(at: path)?.value,
            let index = all.firstIndex(where: { $0.identity == entries.first?.identity })
        else { return root + path }
        return "\(root)\(path)[\(index)]"
    }

    private static func nested(_ keys: ArraySlice<Substring>, _ value: Node) -> Node {
        guard let key = keys.first else { return value }
        return Node(.object([Member(String(key), nested(keys.dropFirst(), value))]))
    }

    /// This change and then another, which has the last word.
    public func followed(by other: ResourceChange) throws(BoxError) -> ResourceChange {
        try ResourceChange(document.overlaid(with: other.document), flags: flags + other.flags)
    }

    /// Whether the change speaks of a field of config.json.
    func names(_ field: String) -> Bool {
        field.hasPrefix(Self.root) && document.value(at: String(field.dropFirst(Self.root.count))) != nil
    }

    func position(of field: String) -> Position? {
        guard names(field) else { return nil }
        let position = document.position(of: String(field.dropFirst(Self.root.count)))
        return position.line == 0 ? nil : position
    }

    /// What holds when the change is made. Of a list of devices or huge pages, an entry takes the place of the one for
    /// the same device or size; the list of device rules is replaced as a whole.
    func applied(to old: Resources) throws(BoxError) -> Resources {
        try Resources(document: old.document.overlaid(with: document))
    }
}

extension Node {
    /// Objects are merged key by key, lists as `joined` has it; all else is replaced.
    fileprivate func overlaid(with change: Node) -> Node {
        guard case .object(var members) = value, case .object(let changes) = change.value else { return change }
        for new in changes {
            guard let at = members.firstIndex(where: { $0.key == new.key }) else {
                members.append(new)
                continue
            }
            members[at].node =
                new.key == "devices" ? new.node : members[at].node.overlaid(with: new.node).joined(members[at].node)
        }
        return Node(.object(members), at: change.position)
    }

    /// The new list's entries first, so that a path into it means the same in the change, then the old ones that are not
    /// for the same thing.
    private func joined(_ old: Node) -> Node {
        guard case .array(let new) = value, case .array(let before) = old.value else { return self }
        let kept = before.filter { entry in !new.contains { $0.identity == entry.identity } }
        return Node(.array(new + kept), at: position)
    }

    /// What an entry of a list is for: `major` and `minor` of a device, or `pageSize`.
    fileprivate var identity: [Node?] { ["major", "minor", "pageSize"].map { self[$0] } }

    fileprivate var withoutNulls: Node {
        guard case .object(let members) = value else { return self }
        let said = members.filter { $0.node.value != .null }.map { member in
            var member = member
            member.node = member.node.withoutNulls
            return member
        }
        return Node(.object(said), at: position)
    }

    /// Without `group.key` where its value is 0, "" or [].
    fileprivate func removingUnset(_ path: String) -> Node {
        guard case .object(var members) = value else { return self }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard let at = members.firstIndex(where: { $0.key == parts[0] }) else { return self }
        if parts.count == 1 {
            let found = members[at].node.value
            if [.integer(0), .string(""), .array([])].contains(found) { members.remove(at: at) }
        } else {
            members[at].node = members[at].node.removingUnset(parts[1])
            if members[at].node.value == .object([]) { members.remove(at: at) }
        }
        return Node(.object(members), at: position)
    }
}
