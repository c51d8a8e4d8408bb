internal import BoxDocument

extension Node {
    /// The strings of an array that a key leads to; what is something else is left out.
    func strings(_ key: String) -> [String] {
        guard case .array(let nodes)? = self[key]?.value else { return [] }
        return nodes.compactMap { node in
            if case .string(let text) = node.value { return text }
            return nil
        }
    }
}
