import BoxDocument
import Testing

@Suite struct JSONReaderTests {
    private func parse(_ text: String) throws(DocumentError) -> Node { try JSON.parse(Array(text.utf8)) }

    @Test func everyKindOfValue() throws {
        let node = try parse(" {\"a\": [null, true, false, -1, 1.5, \"x\"], \"b\": {}, \"c\": []}\r\n")
        let list: [Node.Value] = [.null, .bool(true), .bool(false), .integer(-1), .double(1.5), .string("x")]
        #expect(
            node.value
                == .object([
                    Member("a", Node(.array(list.map { Node($0) }))), Member("b", Node(.object([]))),
                    Member("c", Node(.array([]))),
                ]))
    }

    @Test(arguments: [
        ("0", Node.Value.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .unsigned(1 << 63)),
        ("18446744073709551615", .unsigned(.max)), ("18446744073709551616", .double(18446744073709551616)),
        ("-9223372036854775809", .double(-9223372036854775808)), ("1.0", .double(1)), ("1e3", .double(1000)),
        ("-1.5E-2", .double(-0.015)), ("1E+2", .double(100)), ("1e-400", .double(0)),
    ])
    func numbers(_ text: String, _ value: Node.Value) throws {
        #expect(try parse(text).value == value)
    }

    @Test(arguments: [
        (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"), (#""\u00e9\u20AC""#, "é€"),
        (#""\uD83D\uDE00!""#, "😀!"), (#""é€😀""#, "é€😀"),
        (#""a long string with an escape at the end\n""#, "a long string with an escape at the end\n"),
    ])
    func strings(_ text: String, _ value: String) throws {
        #expect(try parse(text).value == .string(value))
    }

    /// The same document without one member, wherever its keys stand elsewhere, and whatever it holds.
    @Test(arguments: [
        #"{}"#, #"{"x": {"a": 1}, "y\n": [{"b": "]}"}, "\\\"}", []]}"#, #"[["]", "\\"], {}]"#, #"[]"#,
        "{\n\"n\": [\n1]\n}",
    ])
    func oneMemberIsPassedOver(_ value: String) throws {
        func text(_ member: String) -> String {
            #"{"b": {"a": 1}, "list": [{"b": 2}], "a": {"c": {"b": 3}, \#(member)"d": {"b": 4}}, "e": {"b": 5}}"#
        }
        let whole = Array(text(#""b" : \#(value) , "#).utf8)
        let (document, omitted) = try JSON.parse(whole, omitting: ["a", "b"])
        #expect(try JSON.write(document) == JSON.write(parse(text(""))))
        #expect(omitted.map { String(decoding: whole[$0], as: UTF8.self) } == value)
        let all = try JSON.parse(whole, omitting: ["a", "f"])
        #expect(try all.document == JSON.parse(whole) && all.omitted == nil)
    }

    @Test(arguments: [
        #"{"a": {"b": {}, "b": {}}}"#, #"{"a": {"b": {}}, "a": {"b": []}}"#, #"{"a": {"b": {}, "b": 1}}"#,
        #"{"a": {"b": 1, "b": {}}}"#,
    ])
    func whatIsPassedOverStandsOnce(_ text: String) {
        #expect(throws: DocumentError.self) { try JSON.parse(Array(text.utf8), omitting: ["a", "b"]) }
    }

    @Test func aTextThatEndsInAPassedOverMemberIsRefused() {
        let text = Array(#"{"a": {"b": {"c": ["x\"y"]}}}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: DocumentError.self) { try JSON.parse(Array(text.prefix(count)), omitting: ["a", "b"]) }
        }
    }

    @Test func positionsCountLinesAndBytes() throws {
        let node = try parse("{\n  \"é\": 1, \"b\":\n\t[10,\n 20]\n}")
        #expect(node.position == Position(line: 1, column: 1))
        guard case .object(let members) = node.value, case .array(let elements) = members[1].node.value else {
            Issue.record("not the object that was written")
            return
        }
        #expect(members[0].position == Position(line: 2, column: 3))
        #expect(members[0].node.position == Position(line: 2, column: 9))
        #expect(members[1].position == Position(line: 2, column: 12))
        #expect(members[1].node.position == Position(line: 3, column: 2))
        #expect(elements.map(\.position) == [Position(line: 3, column: 3), Position(line: 4, column: 2)])
    }

    @Test(arguments: [
        ("", 1, 1, "the text ends"), ("  \n ", 2, 2, "the text ends"), ("{", 1, 2, "expected a key"),
        ("[1,]", 1, 4, "expected a value, found ']'"), ("{\"a\":1,}", 1, 8, "expected a key in quotes, found '}'"),
        ("{\"a\" 1}", 1, 6, "expected a colon, found '1'"), ("{a:1}", 1, 2, "expected a key"),
        ("[1 2]", 1, 4, "expected a comma or a closing bracket"), ("{\"a\":1", 1, 7, "a comma or a closing brace"),
        ("1 x", 1, 3, "expected the end, found 'x'"), ("nul", 1, 4, "expected null"),
        ("True", 1, 1, "expected a value"),
        ("truE", 1, 4, "expected true, found 'E'"), ("// x\n1", 1, 1, "expected a value, found '/'"),
        ("01", 1, 2, "needless 0"), ("-", 1, 2, "expected a digit"), ("+1", 1, 1, "expected a value"),
        ("1.", 1, 3, "expected a digit"), (".5", 1, 1, "expected a value"), ("1e", 1, 3, "expected a digit"),
        ("1e+", 1, 4, "expected a digit"), ("1e400", 1, 1, "too large"), ("0x10", 1, 2, "expected the end"),
        ("NaN", 1, 1, "expected a value"), ("\"a", 1, 3, "closing quote"), ("\"a\\", 1, 3, "a backslash must begin"),
        ("\"a\nb\"", 1, 3, "control character"), ("\"\t\"", 1, 2, "control character"),
        ("\"\\x\"", 1, 2, "a backslash must begin"), ("\"\\u12G4\"", 1, 2, "four hexadecimal"),
        ("\"\\u0000\"", 1, 2, "must not hold \\u0000"), ("\"\\ud800\"", 1, 2, "surrogate"),
        ("\"\\udc00\"", 1, 2, "surrogate"), ("\"\\ud800\\u0041\"", 1, 2, "surrogate"),
        ("\"\\ud800x\"", 1, 2, "surrogate"), ("'a'", 1, 1, "expected a value"), ("\u{FEFF}1", 1, 1, "byte order mark"),
        ("{\"a\":1,\n\"b\":2,\n\"a\":3}", 3, 1, "first on line 1 and again on line 3"),
        ("{\"\\u0061\":1,\"a\":3}", 1, 13, "\"a\" stands twice"), ("1\u{0}", 1, 2, "expected the end, found byte 0"),
    ])
    func brokenTexts(_ text: String, _ line: Int, _ column: Int, _ message: String) {
        let error = #expect(throws: DocumentError.self) { try parse(text) }
        #expect(error?.position == Position(line: line, column: column))
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        for escape in ["", "\\n"] {
            let text = Array("[1, \"\(escape)".utf8) + bytes + Array("\"]".utf8)
            let error = #expect(throws: DocumentError.self) { try JSON.parse(text) }
            #expect(error == DocumentError("the string is not valid UTF-8", at: Position(line: 1, column: 5)))
        }
    }

    @Test func aKeyTwiceAmongManyIsFound() {
        let text = "{" + (0..<40).map { "\"k\($0)\":0,\n" }.joined() + "\"k7\":1}"
        let error = #expect(throws: DocumentError.self) { try parse(text) }
        #expect(error?.position == Position(line: 41, column: 1))
        #expect(error?.message.contains("first on line 8 and again on line 41") == true)
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(64))
        let error = #expect(throws: DocumentError.self) { try parse(nested(65)) }
        #expect(error?.position == Position(line: 1, column: 65))
        #expect(throws: DocumentError.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
        #expect(throws: DocumentError.self) { try JSON.parse(Array("[[[]]]".utf8), maxDepth: 2) }
    }

    @Test func lengthIsBounded() throws {
        _ = try JSON.parse(Array("[1,2]".utf8), maxBytes: 5)
        #expect(throws: DocumentError.self) { try JSON.parse(Array("[1,2]".utf8), maxBytes: 4) }
    }

    /// Two bytes of text can be a value of fifty bytes.
    @Test func valuesAreCounted() throws {
        _ = try JSON.parse(Array("[1,{\"a\":[]}]".utf8), maxValues: 4)
        #expect(throws: DocumentError.self) { try JSON.parse(Array("[1,{\"a\":[]}]".utf8), maxValues: 3) }
        let error = #expect(throws: DocumentError.self) { try parse("[" + String(repeating: "[],", count: 300_000)) }
        #expect(error?.message == "the text has too many values")
    }
}
