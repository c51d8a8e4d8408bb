import BoxOCI
import Testing

@testable import BoxClient

/// What comes from the daemon, in any pieces.
@Suite struct HTTPTests {
    private func head(_ text: String) throws -> ResponseHead {
        try #require(ResponseHead(Array(text.utf8)[...]))
    }

    /// The body, given a number of bytes at a time.
    private func body(_ head: String, _ text: String, pieces: Int) throws -> String {
        var decoder = try BodyDecoder(try self.head(head), isHead: false)
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            result += try decoder.take(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        try decoder.finish()
        return String(decoding: result, as: UTF8.self)
    }

    @Test func readsHeads() throws {
        let head = try head("HTTP/1.1 201 Created\r\nContent-Type:  application/json \r\nX: a:b")
        #expect(head.status == 201)
        #expect(head["content-type"] == "application/json")
        #expect(head["x"] == "a:b")
        #expect(head["y"] == nil)
    }

    @Test(arguments: ["", "HTTP/2 200 OK", "HTTP/1.1 20 OK", "SSH-2.0-x", "HTTP/1.1 200 OK\r\nno colon"])
    func refusesWhatIsNoHead(_ text: String) { #expect(ResponseHead(Array(text.utf8)[...]) == nil) }

    @Test func findsTheEndOfAHead() {
        #expect(ResponseHead.end(in: Array("HTTP/1.1 200 OK\r\n\r\nrest".utf8)) == 19)
        #expect(ResponseHead.end(in: Array("HTTP/1.1 200 OK\r\n\r".utf8)) == nil)
    }

    @Test(arguments: [1, 2, 3, 7, 100]) func takesChunksInAnyPieces(_ pieces: Int) throws {
        let text = "5\r\nhello\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
        #expect(try body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", text, pieces: pieces) == "hello0123456789")
    }

    @Test(arguments: [1, 4, 100]) func takesAsMuchAsTheLengthSays(_ pieces: Int) throws {
        #expect(try body("HTTP/1.1 200 OK\r\nContent-Length: 4", "bodyMORE", pieces: pieces) == "body")
    }

    @Test func takesAllOfAConnectionThatIsTakenOver() throws {
        #expect(try body("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp", "anything", pieces: 3) == "anything")
    }

    @Test(arguments: [204, 304]) func knowsAnswersWithoutABody(_ status: Int) throws {
        #expect(try BodyDecoder(try head("HTTP/1.1 \(status) x\r\nContent-Length: 3"), isHead: false).isDone)
        #expect(try BodyDecoder(try head("HTTP/1.1 200 OK\r\nContent-Length: 3"), isHead: true).isDone)
    }

    @Test(arguments: ["5\r\nhel", "5\r\nhello\r\n", ""]) func noticesThatAnAnswerIsCutOff(_ text: String) {
        #expect(throws: BodyDecoder.Broken.cutOff) {
            try body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", text, pieces: 2)
        }
    }

    @Test(arguments: ["x\r\n", "-1\r\n", "\r\n", "11111111111111111\r\n"])
    func refusesWhatIsNoChunk(_ text: String) {
        #expect(throws: BodyDecoder.Broken.noChunkSize) {
            try body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", text, pieces: 100)
        }
    }

    @Test func boundsTheLineOfAChunk() {
        #expect(throws: BodyDecoder.Broken.longChunkLine) {
            try body(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", String(repeating: "1", count: 10_000), pieces: 100)
        }
    }

    @Test func writesRequests() {
        let head = RequestHead(
            method: "GET", path: "/x", query: [("filters", "{\"a\":[\"b c\"]}"), ("q", "ä&=")], fields: [("A", "b")])
        #expect(
            String(decoding: head.bytes, as: UTF8.self)
                == "GET /v1.43/x?filters=%7B%22a%22%3A%5B%22b%20c%22%5D%7D&q=%C3%A4%26%3D HTTP/1.1\r\n"
                + "Host: swiftbox\r\nA: b\r\n\r\n")
    }

    @Test(arguments: ["", ".", ".."]) func refusesNamesThatLeadElsewhere(_ name: String) {
        #expect(throws: BoxError.self) { try DaemonClient.segment(name) }
    }

    @Test func encodesNames() throws {
        #expect(try DaemonClient.segment("a/b?c d") == "a%2Fb%3Fc%20d")
        #expect(try DaemonClient.segment("web-1_x.y~") == "web-1_x.y~")
    }

    @Test(arguments: [(400, BoxError.Kind.invalidSpec), (404, .notFound), (409, .invalidState), (501, .unsupported)])
    func makesErrorsOfRefusals(_ status: Int, _ kind: BoxError.Kind) {
        let error = DaemonRefusal.error(status: status, body: Array("{\"message\":\"no such box\"}".utf8))
        #expect(error.kind == kind)
        #expect(error.message == "no such box")
        #expect(DaemonRefusal.error(status: status, body: [0xFF]).message.contains("\(status)"))
    }
}

@Suite struct DaemonAddressTests {
    @Test func takesTheFlagThenTheVariableThenTheUsualPlace() throws {
        #expect(try DaemonAddress(host: nil, variable: nil).path == "/run/swiftbox/swiftbox.sock")
        #expect(try DaemonAddress(host: nil, variable: "").path == DaemonAddress.usual)
        #expect(try DaemonAddress(host: nil, variable: "unix:///a/b").path == "/a/b")
        #expect(try DaemonAddress(host: "/c", variable: "unix:///a/b").path == "/c")
        #expect(try DaemonAddress(host: "d/e", variable: nil, workingDirectory: "/w").path == "/w/d/e")
    }

    @Test(arguments: [("tcp://h:1", "unix sockets only"), ("unix://", "names no socket")])
    func refusesWhatIsNoSocket(_ host: String, _ why: String) {
        let error = #expect(throws: BoxError.self) { try DaemonAddress(host: host, variable: nil) }
        #expect(error?.field == "--host")
        #expect(error?.message.contains(why) == true)
    }
}
