internal import BoxDocument
internal import BoxOCI

/// What `spec check` has found in one file, for people and for programs.
struct SpecFinding {
    let file: String
    let errors: [BoxError]

    var text: String { errors.isEmpty ? "\(file): ok" : errors.map(\.description).joined(separator: "\n") }

    private static func object(_ members: [(String, Node)]) -> Node {
        Node(.object(members.map { Member($0.0, $0.1) }))
    }

    private static func string(_ text: String) -> Node { Node(.string(text)) }

    private static func number(_ value: Int?) -> Node { value.map { Node(.integer(Int64($0))) } ?? Node(.null) }

    private static func optional(_ text: String?) -> Node { text.map(string) ?? Node(.null) }

    private static func write(_ node: Node) -> String {
        String(decoding: JSON.write(node, pretty: true), as: UTF8.self)
    }

    /// `schema` grows when a reader would have to change.
    static func json(_ findings: [SpecFinding]) -> String {
        let files = findings.map { finding in
            let errors = finding.errors.map { error in
                object([
                    ("line", number(error.position?.line)), ("column", number(error.position?.column)),
                    ("key", optional(error.field)), ("message", string(error.message)),
                    ("found", optional(error.found)),
                    ("try", optional(error.remedy)),
                ])
            }
            return object([("file", string(finding.file)), ("errors", Node(.array(errors)))])
        }
        return write(object([("schema", Node(.integer(1))), ("files", Node(.array(files)))]))
    }

    /// SARIF 2.1.0, the least that code scanning takes.
    static func sarif(_ findings: [SpecFinding], version: String) -> String {
        let results = findings.flatMap { finding in
            finding.errors.map { error in
                let remedy = error.remedy.map { "; try: \($0)" } ?? ""
                let region = object([
                    ("startLine", number(error.position?.line ?? 1)),
                    ("startColumn", number(error.position?.column ?? 1)),
                ])
                let location = object([
                    (
                        "physicalLocation",
                        object([
                            ("artifactLocation", object([("uri", string(finding.file))])), ("region", region),
                        ])
                    )
                ])
                let key = error.field.map { error.message.contains($0) ? "" : "\($0): " } ?? ""
                return object([
                    ("ruleId", string("spec")), ("level", string("error")),
                    ("message", object([("text", string(key + error.message + remedy))])),
                    ("locations", Node(.array([location]))),
                ])
            }
        }
        let rule = object([
            ("id", string("spec")),
            ("shortDescription", object([("text", string("what swiftbox run would refuse"))])),
        ])
        let driver = object([
            ("name", string("swiftbox spec check")), ("version", string(version)), ("rules", Node(.array([rule]))),
        ])
        let run = object([("tool", object([("driver", driver)])), ("results", Node(.array(results)))])
        return write(
            object([
                ("$schema", string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", string("2.1.0")),
                ("runs", Node(.array([run]))),
            ]))
    }
}
