/// Docker's filters, read once: of one key any value may match, of several keys each must.
struct BoxSelection {
    private var conditions: [(Box) -> Bool] = []

    /// - Throws: `.invalid` for a key that is not known, or a value that is none of the key's
    init(_ filters: [String: [String]], _ engine: isolated BoxEngine) throws(EngineError) {
        for (key, values) in filters where !values.isEmpty {
            conditions.append(try Self.condition(key, values, engine))
        }
    }

    func matches(_ box: Box) -> Bool { conditions.allSatisfy { $0(box) } }

    private static func condition(
        _ key: String, _ values: [String], _ engine: isolated BoxEngine
    ) throws(EngineError) -> (Box) -> Bool {
        switch key {
        case "id": return { box in values.contains { box.id.hasPrefix($0) } }
        case "name":
            return { box in values.contains { box.name.contains($0.hasPrefix("/") ? $0.dropFirst() : $0[...]) } }
        case "label": return { box in values.allSatisfy { hasLabel(box, $0) } }
        case "label!": return { box in !values.contains { hasLabel(box, $0) } }
        case "status":
            if let wrong = values.first(where: { BoxView.State(rawValue: $0) == nil }) {
                throw EngineError(.invalid, "invalid filter 'status=\(wrong)'")
            }
            return { box in values.contains(box.state.rawValue) }
        case "exited":
            let codes = values.compactMap { Int32($0) }
            if codes.count < values.count { throw EngineError(.invalid, "invalid filter 'exited': not a number") }
            return { box in box.state == .exited && codes.contains(box.exitCode) }
        case "health":
            return { box in values.contains(box.health?.status.rawValue ?? "none") }
        case "ancestor":
            let ids = values.compactMap { engine.images.viewIfAny($0)?.id }
            return { box in values.contains(box.wanted.image ?? "") || ids.contains(box.resolved.imageID) }
        case "network":
            return { box in values.contains(box.resolved.options.network ?? "none") }
        case "until":
            guard let limit = values.compactMap({ Int64($0) }).min() else {
                throw EngineError(.invalid, "invalid filter 'until'")
            }
            return { box in box.created < limit }
        case "before", "since":
            var times: [Int64] = []
            for value in values { times.append(try engine.find(value).created) }
            guard let first = times.min(), let last = times.max() else { return { _ in true } }
            return key == "before" ? { $0.created < first } : { $0.created > last }
        default: throw EngineError(.invalid, "invalid filter '\(key)'")
        }
    }

    private static func hasLabel(_ box: Box, _ text: String) -> Bool {
        let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let value = box.wanted.labels[String(pair[0])] else { return false }
        return pair.count == 1 || value == pair[1]
    }
}
