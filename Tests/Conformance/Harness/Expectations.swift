import TestBed
import Testing

extension Outcome {
    /// The `key=value` lines of the output.
    var facts: [String: String] {
        var facts: [String: String] = [:]
        // A terminal's lines may end in "\r\n", one Character.
        for line in output.split(whereSeparator: \.isNewline) {
            guard let sign = line.firstIndex(of: "=") else { continue }
            facts[String(line[..<sign])] = String(line[line.index(after: sign)...])
        }
        return facts
    }

    /// It ended with this status, and its `key=value` lines are as told.
    func expect(
        status wanted: Int = 0, _ wantedFacts: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) {
        if status != wanted { Issue.record("not status \(wanted): \(self)", sourceLocation: location) }
        let found = facts
        for (key, value) in wantedFacts.sorted(by: { $0.key < $1.key }) where found[key] != value {
            Issue.record(
                "\(key) is \(found[key] ?? "not told"), not \(value)\(found.isEmpty ? ": \(self)" : "")",
                sourceLocation: location)
        }
    }

    /// It ended with status 0, and its output is this.
    func expect(output wanted: String, at location: SourceLocation = #_sourceLocation) {
        if status != 0 || output != wanted { Issue.record("not \"\(wanted)\": \(self)", sourceLocation: location) }
    }

    /// It failed; where ours is tested, the message holds `words`.
    func expectFailure(
        saying words: String, status wanted: Int? = nil, at location: SourceLocation = #_sourceLocation
    ) {
        if status == 0 || wanted.map({ $0 != status }) ?? false {
            Issue.record("not \(wanted.map { "status \($0)" } ?? "a failure"): \(self)", sourceLocation: location)
        }
        if RuntimeUnderTest.current == .swiftbox && !errors.contains(words) {
            Issue.record("the message does not say \"\(words)\": \(self)", sourceLocation: location)
        }
    }
}

extension Bed {
    /// Each is refused, and nothing of it is left. Ours names the field.
    func expectRefusals(
        of configs: [(field: String, config: Config)], at location: SourceLocation = #_sourceLocation
    ) throws {
        guard let first = configs.first else { return }
        let container = try container(first.config, id: "refused")
        for (field, config) in configs {
            try container.write(config)
            let outcome = try container.run()
            if outcome.status == 0 {
                Issue.record("\(field) was not refused: \(outcome)", sourceLocation: location)
            } else if RuntimeUnderTest.current == .swiftbox && !outcome.errors.contains(field) {
                Issue.record("the message does not name \(field): \(outcome)", sourceLocation: location)
            }
            if paths(in: stateRoot).contains(where: { $0.hasSuffix("/refused") }) {
                Issue.record("state of a container with a bad \(field) is left", sourceLocation: location)
                try container.call("delete", "--force")
            }
        }
    }
}
