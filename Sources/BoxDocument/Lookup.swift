extension Node {
    /// The value of `key`; nil where this is no object or has no such key.
    public subscript(key: String) -> Node? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.key == key }?.node
    }

    /// Where the value of a dotted path stands: `linux.resources.pids.limit`, `mounts[3].options`.
    /// Of a path that leads nowhere, the last value on the way that exists. Keys may hold dots
    /// themselves (`linux.sysctl.net.ipv4.ip_forward`); the longest key that fits is taken.
    public func position(of path: String) -> Position { follow(path).0.position }

    /// The value at a dotted path; nil where it leads nowhere.
    public func value(at path: String) -> Node? {
        let (node, rest) = follow(path)
        return rest.isEmpty ? node : nil
    }

    private func follow(_ path: String) -> (Node, ArraySlice<UInt8>) {
        var node = self
        var rest = Array(path.utf8)[...]
        while let (next, left) = node.step(into: rest) {
            node = next
            rest = left
        }
        return (node, rest)
    }

    /// One key or index further down, and what remains of the path.
    private func step(into path: ArraySlice<UInt8>) -> (Node, ArraySlice<UInt8>)? {
        switch value {
        case .array(let elements):
            guard path.first == UInt8(ascii: "["), let end = path.firstIndex(of: UInt8(ascii: "]")),
                let index = Int(String(decoding: path[(path.startIndex + 1)..<end], as: UTF8.self)),
                elements.indices.contains(index)
            else { return nil }
            return (elements[index], path[(end + 1)...])
        case .object(let members):
            let rest = path.first == UInt8(ascii: ".") ? path.dropFirst() : path
            var best: (Node, ArraySlice<UInt8>)?
            for member in members where !member.key.isEmpty && rest.starts(with: member.key.utf8) {
                let left = rest.dropFirst(member.key.utf8.count)
                let ends = left.isEmpty || left.first == UInt8(ascii: ".") || left.first == UInt8(ascii: "[")
                if ends && left.count < best?.1.count ?? Int.max { best = (member.node, left) }
            }
            return best
        default:
            return nil
        }
    }
}
