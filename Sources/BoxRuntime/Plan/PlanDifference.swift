internal import BoxDocument
internal import BoxOCI

/// What changes from one plan to another: steps that come, go, or do otherwise.
public struct PlanDifference: Equatable, Sendable {
    public enum Change: Equatable, Sendable {
        case added(PlanLine)
        case removed(PlanLine)
        case changed(PlanLine, PlanLine)
    }

    /// A step as it is compared and shown.
    public struct PlanLine: Equatable, Sendable {
        let side: String
        let title: String
        let detail: String
        let field: String?
        let action: Action?

        /// What is the same thing in both plans, though its values may differ.
        fileprivate var identity: String { side + " " + title }
        fileprivate var text: String { "\(side)  \(title)" + (field.map { "  [\($0)]" } ?? "") }

        public static func == (left: PlanLine, right: PlanLine) -> Bool {
            left.identity == right.identity && left.detail == right.detail && left.action == right.action
        }
    }

    public let changes: [Change]

    public init(from old: LaunchPlan, to new: LaunchPlan) {
        changes = Self.compare(old.lines, new.lines)
    }

    /// The longest common run of identities stays; quadratic in a hundred steps.
    private static func compare(_ old: [PlanLine], _ new: [PlanLine]) -> [Change] {
        var common = [[Int]](repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
        for i in old.indices.reversed() {
            for j in new.indices.reversed() {
                common[i][j] =
                    old[i].identity == new[j].identity
                    ? common[i + 1][j + 1] + 1 : max(common[i + 1][j], common[i][j + 1])
            }
        }
        var changes: [Change] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, j < new.count, old[i].identity == new[j].identity {
                if old[i] != new[j] { changes.append(.changed(old[i], new[j])) }
                (i, j) = (i + 1, j + 1)
            } else if j == new.count || (i < old.count && common[i + 1][j] >= common[i][j + 1]) {
                changes.append(.removed(old[i]))
                i += 1
            } else {
                changes.append(.added(new[j]))
                j += 1
            }
        }
        return changes
    }

    /// A line a change: `+`, `-`, or `~` with both values below it.
    public var text: String {
        changes.map { change in
            switch change {
            case .added(let line): "+ \(line.text)" + (line.detail.isEmpty ? "" : "\n    \(line.detail)")
            case .removed(let line): "- \(line.text)" + (line.detail.isEmpty ? "" : "\n    \(line.detail)")
            case .changed(let old, let new):
                old.detail == new.detail
                    ? "~ \(new.text)" : "~ \(new.text)\n  - \(old.detail)\n  + \(new.detail)"
            }
        }.joined(separator: "\n")
    }

    /// The same for programs; `schema` as in a plan's JSON.
    public func json(from old: String, to new: String) -> String {
        let all = changes.map { change in
            switch change {
            case .added(let line): Self.node("added", line, nil, line.detail)
            case .removed(let line): Self.node("removed", line, line.detail, nil)
            case .changed(let old, let new): Self.node("changed", new, old.detail, new.detail)
            }
        }
        let document = Node(
            .object([
                Member("schema", Node(.integer(LaunchPlan.schema))), Member("from", Node(.string(old))),
                Member("to", Node(.string(new))), Member("changes", Node(.array(all))),
            ]))
        return String(decoding: JSON.write(document, pretty: true), as: UTF8.self)
    }

    private static func node(_ kind: String, _ line: PlanLine, _ before: String?, _ after: String?) -> Node {
        let text = { (text: String?) in text.map { Node(.string($0)) } ?? Node(.null) }
        return Node(
            .object([
                Member("change", text(kind)), Member("where", text(line.side)), Member("action", text(line.title)),
                Member("field", text(line.field)), Member("before", text(before)), Member("after", text(after)),
            ]))
    }
}

extension LaunchPlan {
    fileprivate var lines: [PlanDifference.PlanLine] {
        let steps = (prepare + enter + attend).map { ("runtime", $0) } + initialise.map { ("init", $0) }
        var lines = steps.map { side, step in
            PlanDifference.PlanLine(
                side: side, title: step.action.subject, detail: step.action.detail, field: step.field,
                action: step.action)
        }
        for pair in unapplied {
            let flag = pair.name.prefix { $0 != " " }
            lines.append(.init(side: "host", title: "cannot apply \(flag)", detail: pair.name, field: nil, action: nil))
        }
        let command = workload.arguments.map(JSON.quoted).joined(separator: " ")
        lines.append(.init(side: "init", title: "execute", detail: command, field: "process.args", action: nil))
        for variable in workload.environment {
            let name = variable.prefix { $0 != "=" }
            lines.append(
                .init(side: "init", title: "variable \(name)", detail: variable, field: "process.env", action: nil))
        }
        return lines
    }
}
