import BoxDocument
import BoxYAML
import Testing

@Suite struct YAMLReaderTests {
    private func json(_ text: String) throws -> String {
        String(decoding: JSON.write(try YAML.parse(Array(text.utf8))), as: UTF8.self)
    }

    @Test(arguments: [
        ("", "null"), ("a: 1\nb: [x, 'y z', \"\\t\"]", #"{"a":1,"b":["x","y z","\t"]}"#),
        ("[yes, no, on, off, y]", #"["yes","no","on","off","y"]"#), ("[true, False, TRUE]", "[true,false,true]"),
        ("[0123, 0x1F, 0o17, -5, +5, 1_000]", #"[123,31,15,-5,5,"1_000"]"#),
        ("[1.5, .5, 1e3, 1:30, 1.2.3, .inf]", #"[1.5,0.5,1000.0,"1:30","1.2.3",".inf"]"#),
        ("['12', !!str 12, \"true\"]", #"["12","12","true"]"#), ("[~, null, ]", "[null,null]"),
        ("a: |\n  one\n  two\nb: >-\n  x\n  y", #"{"a":"one\ntwo\n","b":"x y"}"#),
        ("base: &b {a: 1, b: 2}\nbox: {<<: *b, b: 3}", #"{"base":{"a":1,"b":2},"box":{"b":3,"a":1}}"#),
        ("x: &l [1]\ny: [*l, *l]", #"{"x":[1],"y":[[1],[1]]}"#),
        ("{\"json\": [1, {\"a\": null}]}", #"{"json":[1,{"a":null}]}"#),
        ("# a comment\n---\na: 18446744073709551615\n...\n", #"{"a":18446744073709551615}"#),
    ])
    func readsTheCoreSchema(text: String, expected: String) throws {
        #expect(try json(text) == expected)
    }

    @Test(arguments: [
        ("a: [1, 2\n", 2, 1, "expected ',' or ']'"), ("a: 1\n\tb: 2", 2, 1, "a tab character"),
        ("a: 1\na: 2", 2, 1, "\"a\" stands twice"), ("a: *x", 1, 4, "no anchor before it"),
        ("a: !exec 1", 1, 4, "the tag !exec"),
        ("[a]: 1", 1, 1, "a key must be a word"), ("a: 1\n---\nb: 2", 2, 1, "a second document"),
        ("a: b: c", 1, 5, "not allowed"),
        ("<<: 3", 1, 5, "<< takes a map"), ("a: \"x", 1, 6, "end of stream"),
        ("a: 1\n b: 2", 2, 3, "mapping values are not allowed"),
    ])
    func refusesWithAPlace(text: String, line: Int, column: Int, message: String) {
        #expect {
            try YAML.parse(Array(text.utf8))
        } throws: { error in
            guard let error = error as? DocumentError else { return false }
            #expect(error.position == Position(line: line, column: column), "\(error)")
            #expect(error.message.contains(message), "\(error)")
            return true
        }
    }

    /// Each would cost memory beyond measure, or the reader's stack.
    @Test(arguments: [
        String(repeating: "[", count: 5000), String(repeating: "a: {", count: 5000),
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + zip("abcdefg", "bcdefgh").map {
                "\($1): &\($1) [\(Array(repeating: "*\($0)", count: 10).joined(separator: ","))]\n"
            }
            .joined(),
        String(repeating: "- 1\n", count: 60_000), String(repeating: "# \n", count: 400_000), "a: \u{0}",
    ])
    func isBounded(text: String) {
        #expect(throws: DocumentError.self) { try YAML.parse(Array(text.utf8)) }
    }

    @Test func whatItWritesReadsBackAsItself() throws {
        let text = #"{"a":["1","true","","- x","a: b",{"k":[],"l":[{"m":1,"n":"~"}]}],"b":{"c":null},"d":"x,#é"}"#
        let node = try JSON.parse(Array(text.utf8))
        #expect(try YAML.parse(Array(YAML.write(node).utf8)) == node, "\(YAML.write(node))")
    }
}
