import BoxDocument
import Testing

@Suite struct JSONWriterTests {
    private func text(_ node: Node, pretty: Bool = false) -> String {
        String(decoding: JSON.write(node, pretty: pretty), as: UTF8.self)
    }

    @Test func compactAndPretty() throws {
        let source = #"{"a":[1,{"b":null}],"c":{},"d":[],"e":"x"}"#
        let node = try JSON.parse(Array(source.utf8))
        #expect(text(node) == source)
        #expect(
            text(node, pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": {},
                  "d": [],
                  "e": "x"
                }
                """)
    }

    @Test func controlCharactersAreEscaped() {
        #expect(text(Node(.string("\"\\/\n\r\t\u{1}\u{7f}é"))) == #""\"\\/\n\r\t\u0001\u007fé""#)
    }

    @Test(arguments: [
        Node.Value.integer(.min), .integer(.max), .unsigned(.max), .double(1), .double(0.1), .double(1e30),
        .double(.leastNonzeroMagnitude), .double(-1.7976931348623157e308), .string("\u{1}\u{1f}😀\\\""), .bool(false),
        .null,
    ])
    func scalarsComeBack(_ value: Node.Value) throws {
        #expect(try JSON.parse(JSON.write(Node(value))).value == value)
    }

    @Test func whatJSONCannotWriteIsNull() {
        #expect(text(Node(.array([Node(.double(.infinity)), Node(.double(.nan))]))) == "[null,null]")
    }

    @Test func quotedTextIsHarmlessAndShort() {
        #expect(JSON.quoted("a\"b\u{1b}[31m\u{202e}") == #""a\"b\u001b[31m\u202e""#)
        #expect(JSON.quoted(String(repeating: "x", count: 61)) == "\"" + String(repeating: "x", count: 60) + "…\"")
    }
}
