internal import BoxDocument

/// The JSON Schema (draft 2020-12) of spec files, for editors; made of the table that reads them.
public enum SpecSchema {
    public static var text: String {
        let properties = Key.usable.map { key in
            Member(key.name, object(members(of: key.shape) + [("description", string(key.about))]))
        }
        let document = object([
            ("$schema", string("https://json-schema.org/draft/2020-12/schema")),
            ("title", string("swiftbox spec file")),
            ("description", string("A box described by a file: swiftbox run -f FILE")), ("type", string("object")),
            ("properties", Node(.object(properties))), ("patternProperties", object([("^x-", object([]))])),
            ("additionalProperties", Node(.bool(false))),
        ])
        return String(decoding: JSON.write(document, pretty: true), as: UTF8.self)
    }

    private static func object(_ members: [(String, Node)]) -> Node {
        Node(.object(members.map { Member($0.0, $0.1) }))
    }

    private static func string(_ text: String) -> Node { Node(.string(text)) }

    private static func strings(_ texts: [String]) -> Node { Node(.array(texts.map(string))) }

    private static func any(_ shapes: [[(String, Node)]]) -> [(String, Node)] {
        [("oneOf", Node(.array(shapes.map(object))))]
    }

    private static let word: [(String, Node)] = [("type", strings(["string", "number"]))]
    private static let flag: [(String, Node)] = [("type", string("boolean"))]
    private static let words: [(String, Node)] = [("type", string("array")), ("items", object(word))]
    private static let map: [(String, Node)] = [
        ("type", string("object")),
        ("additionalProperties", object([("type", strings(["string", "number", "boolean", "null"]))])),
    ]

    private static func closed(_ members: [(String, [(String, Node)])]) -> [(String, Node)] {
        [
            ("type", string("object")), ("properties", object(members.map { ($0.0, object($0.1)) })),
            ("additionalProperties", Node(.bool(false))),
        ]
    }

    private static func members(of shape: Key.Shape) -> [(String, Node)] {
        switch shape {
        case .text, .seccomp: word
        case .bool: flag
        case .list, .copyOut: any([word, words])
        case .pairs: any([map, words])
        case .command:
            any([
                word,
                [("type", string("array")), ("items", object([("type", strings(["string", "number", "boolean"]))]))],
            ])
        case .securityOptions: words
        case .volumes:
            [
                ("type", string("array")),
                (
                    "items",
                    object(
                        any([
                            word,
                            closed([
                                ("type", word), ("source", word), ("target", word), ("read_only", flag),
                                ("bind", closed([("propagation", word)])),
                                ("tmpfs", closed([("size", word), ("mode", word)])),
                            ]),
                        ]))
                ),
            ]
        case .ulimits:
            any([
                [
                    ("type", string("object")),
                    ("additionalProperties", object(any([word, closed([("soft", word), ("hard", word)])]))),
                ], word, words,
            ])
        case .rootfs: any([word, closed([("layers", words), ("upper", word), ("scratch_size", word)])])
        case .blockIO:
            closed(
                [("weight", word)]
                    + ["device_read_bps", "device_write_bps", "device_read_iops", "device_write_iops"].map {
                        ($0, [("type", string("array")), ("items", object(closed([("path", word), ("rate", word)])))])
                    })
        case .image: [("type", string("string"))]
        case .restart: [("type", strings(["string", "boolean"]))]
        case .healthcheck:
            closed([
                ("test", any([word, words])), ("interval", word), ("timeout", word), ("start_period", word),
                ("retries", word), ("on_failure", [("enum", strings(["none", "kill", "restart", "stop"]))]),
                ("disable", flag),
            ])
        case .logging:
            closed([
                ("driver", [("enum", strings(["json-file", "journald", "none"]))]),
                ("options", closed([("max-size", word), ("max-file", word)])),
            ])
        case .version: [("enum", Node(.array([Node(.integer(1)), string("1")])))]
        case .refused: []
        }
    }
}
