import BoxSpec
import BoxDocument
import BoxOCI
import Testing

@testable import BoxClient

@Suite struct OutputFramesTests {
    private func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let length = UInt32(text.utf8.count)
        return [stream, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + Array(text.utf8)
    }

    @Test(arguments: [1, 3, 8, 1000]) func takesFramesInAnyPieces(_ pieces: Int) {
        let bytes = frame(1, "out") + frame(2, "err") + frame(1, "") + frame(1, String(repeating: "x", count: 300))
        var frames = OutputFrames(isRaw: false)
        var texts: [CInt: String] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            for frame in frames.take(Array(rest.prefix(pieces))) {
                texts[frame.stream, default: ""] += String(decoding: frame.bytes, as: UTF8.self)
            }
            rest = rest.dropFirst(pieces)
        }
        #expect(texts == [1: "out" + String(repeating: "x", count: 300), 2: "err"])
    }

    /// Only the answer to a run has words of the daemon's; whatever else a stream 3 is, it is output.
    @Test func tellsTheDaemonsWordsFromOutput() throws {
        for (type, stream) in [("swiftbox.run-stream", CInt(3)), ("docker.multiplexed-stream", 1)] {
            let text = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.\(type)"
            var frames = OutputFrames(try #require(ResponseHead(Array(text.utf8)[...])))
            #expect(frames.take(frame(3, "x")) == [OutputFrames.Frame(stream: stream, bytes: Array("x".utf8)[...])])
        }
    }

    @Test func takesATerminalAsItIs() {
        var frames = OutputFrames(isRaw: true)
        #expect(frames.take([1, 0, 0]) == [OutputFrames.Frame(stream: 1, bytes: [1, 0, 0])])
    }
}

@Suite struct DetachKeysTests {
    private func pass(_ keys: String, _ chunks: [String]) throws -> (String, Bool) {
        var keys = try DetachKeys(keys)
        var passed: [UInt8] = []
        for chunk in chunks {
            let (bytes, isDetached) = keys.pass(Array(chunk.utf8)[...])
            passed += bytes
            if isDetached { return (String(decoding: passed, as: UTF8.self), true) }
        }
        return (String(decoding: passed, as: UTF8.self), false)
    }

    @Test func leavesAtTheKeys() throws {
        #expect(try pass(DetachKeys.usual, ["ab\u{10}\u{11}c"]) == ("ab", true))
        #expect(try pass(DetachKeys.usual, ["ab\u{10}", "\u{11}"]) == ("ab", true))
        #expect(try pass("a,b", ["xab"]) == ("x", true))
        #expect(try pass("ctrl-@", ["\u{0}"]) == ("", true))
    }

    @Test func passesOnWhatOnlyBeginsLikeThem() throws {
        #expect(try pass(DetachKeys.usual, ["\u{10}x\u{10}", "\u{10}\u{11}"]) == ("\u{10}x\u{10}", true))
        #expect(try pass("a,b", ["aac"]) == ("aac", false))
    }

    @Test(arguments: ["", "ctrl-", "ctrl-pp", "ab", "a,,b"]) func refusesWhatIsNoKey(_ text: String) {
        #expect(throws: BoxError.self) { try DetachKeys(text) }
    }
}

@Suite struct TemplateTests {
    private func text(_ template: String, _ json: String) throws -> String {
        try Template(template).text(of: JSON.parse(Array(json.utf8)))
    }

    private static let box =
        #"{"name":"web","created_at":"now","State":{"Pid":7,"Ok":true},"labels":{"a":"b"},"n":null}"#

    @Test(arguments: [
        ("{{.Name}}", "web"), ("<{{ .name }}>\\t{{.CreatedAt}}", "<web>\tnow"),
        ("{{.State.Pid}}-{{.State.Ok}}", "7-true"),
        ("{{json .Name}}", "\"web\""), ("{{json .Labels}}", "{\"a\":\"b\"}"), ("{{.labels}}", "{\"a\":\"b\"}"),
        ("{{.n}}|", "|"), ("plain", "plain"),
    ])
    func fillsFieldsIn(_ template: String, _ expected: String) throws {
        #expect(try text(template, Self.box) == expected)
    }

    @Test func writesTheWhole() throws { #expect(try text("{{json .}}", "{\"a\":1}") == "{\"a\":1}") }

    @Test(arguments: ["{{.Name", "{{Name}}", "{{range .}}", "{{.a..b}}", "{{.Name | upper}}"])
    func refusesWhatItDoesNotKnow(_ template: String) {
        let error = #expect(throws: BoxError.self) { try Template(template) }
        #expect(error?.field == "--format")
    }

    @Test func namesTheFieldsThatThereAre() {
        let error = #expect(throws: BoxError.self) { try text("{{.Nme}}", Self.box) }
        #expect(error?.found == "name, created_at, State, labels, n")
    }
}

@Suite struct OutputTests {
    @Test func alignsColumns() {
        #expect(Table.text(["A", "LONG"], [["wide", "x"], ["b", ""]]) == "A      LONG\nwide   x\nb      ")
    }

    @Test func showsNoControlCharacters() {
        #expect(Table.text(["A"], [["\u{1B}[31mred\u{7}\u{202E}"]]) == "A\n?[31mred??")
    }

    @Test(arguments: [(0, "0B"), (1023, "1023B"), (1536, "1.50KiB"), (10 << 20, "10.0MiB"), (512 << 30, "512GiB")])
    func writesSizes(_ bytes: Int, _ expected: String) { #expect(Human.bytes(UInt64(bytes)) == expected) }

    @Test(arguments: [(0, "less than a second"), (1, "1 second"), (119, "1 minute"), (7200, "2 hours")])
    func writesDurations(_ seconds: Int64, _ expected: String) { #expect(Human.duration(seconds: seconds) == expected) }

    @Test(arguments: [
        ("1700000000", "1700000000"), ("1700000000.5", "1700000000.5"), ("10s", "990.000000005"),
        ("1m30s", "910.000000005"), ("2h", "0.000000000"), ("1970-01-02", "86400"),
        ("2024-02-29T12:00:00Z", "1709208000"), ("2024-03-01T00:00:00.25+01:00", "1709247600.25"),
        ("2024-03-01T00:00:00-01:30", "1709256600"),
    ])
    func readsMoments(_ text: String, _ expected: String) throws {
        #expect(try Moment.seconds(text, now: 1_000_000_000_005, flag: "--since") == expected)
    }

    @Test(arguments: ["", "soon", "5x", "2024-13-01", "2024-03-01T25:00:00Z", "2024-03-01T00:00:00.Z"])
    func refusesWhatIsNoMoment(_ text: String) {
        #expect(throws: BoxError.self) { try Moment.seconds(text, now: 0, flag: "--since") }
    }

    @Test func takesLinesOfJSON() throws {
        var lines = JSONLines()
        #expect(try lines.take(Array("{\"a\":1}\n{\"b\"".utf8)).count == 1)
        #expect(try lines.take(Array(":2}\n\n".utf8)).map { $0["b"] } == [Node(.integer(2))])
        #expect(throws: BoxError.self) { try lines.take(Array("nonsense\n".utf8)) }
    }
}
