internal import BoxDocument

/// A plan as people and programs read it.
extension LaunchPlan {
    /// The version of `json`'s shape; it grows when a reader would have to change.
    public static let schema: Int64 = 1

    private var numbered: [(side: String, step: Step)] {
        let runtime = { (steps: [Step]) in steps.map { ("runtime", $0) } }
        let waiting = initialise.firstIndex { $0.action == .awaitRuntime }.map { $0 + 1 } ?? 0
        return runtime(prepare) + enter.map { ("between", $0) } + runtime(attend)
            + initialise[..<waiting].map { ("init", $0) } + runtime(ready)
            + initialise[waiting...].map { ("init", $0) } + runtime(started + removed)
    }

    /// A line a step: its number, the process that does it, what and why; then the command.
    public var text: String {
        var lines = warnings.map { "warning: \($0)" }
        for (number, entry) in numbered.enumerated() {
            let field = entry.step.field.map { "  [\($0)]" } ?? ""
            let index = String(number + 1)
            let indent = String(repeating: " ", count: max(0, 3 - index.utf8.count))
            let side = entry.side == "init" ? "init   " : entry.side
            lines.append("\(indent)\(index)  \(side)  \(entry.step.action.title)")
            lines.append("              \(entry.step.reason)\(field)")
        }
        lines.append("     init     execute \(workload.arguments.map(JSON.quoted).joined(separator: " "))")
        return lines.joined(separator: "\n")
    }

    /// The same for programs, one line of JSON.
    public var json: String {
        let steps = numbered.enumerated().map { number, entry in
            var members = [
                Member("number", Node(.integer(Int64(number + 1)))), Member("where", Node(.string(entry.side))),
                Member("action", Node(.string(entry.step.action.title))),
                Member("reason", Node(.string(entry.step.reason))),
            ]
            if let field = entry.step.field { members.append(Member("field", Node(.string(field)))) }
            return Node(.object(members))
        }
        let document = Node(
            .object([
                Member("schema", Node(.integer(Self.schema))), Member("id", Node(.string(id))),
                Member("warnings", Node(.array(warnings.map { Node(.string($0)) }))),
                Member("steps", Node(.array(steps))),
                Member("command", Node(.array(workload.arguments.map { Node(.string($0)) }))),
            ]))
        return String(decoding: JSON.write(document), as: UTF8.self)
    }
}
