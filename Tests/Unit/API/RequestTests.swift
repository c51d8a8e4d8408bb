@testable import BoxAPI
internal import BoxDocument
internal import BoxSpec
internal import NIOCore
internal import NIOHTTP1
internal import Testing

/// What is read of a request before anything is done.
@Suite struct RequestTests {
    private func request(_ uri: String, _ method: HTTPMethod = .GET) throws -> Request {
        try Request(HTTPRequestHead(version: .http1_1, method: method, uri: uri))
    }

    @Test func theVersionIsNotOfThePath() throws {
        let old = try request("/v1.41/containers/a%2Fb/json?size=1")
        #expect(old.version == 41 && old.path == ["containers", "a/b", "json"] && old.query.flag("size"))
        #expect(try request("/containers/json").version == 43)
        #expect(throws: APIError.self) { try request("/v1.44/info") }
        #expect(throws: APIError.self) { try request("/v1.1/info") }
        #expect(throws: APIError.self) { try request("/containers/%00/json") }
        #expect(throws: APIError.self) { try request("/containers/%f") }
    }

    @Test func imagesHaveSlashesInTheirNames() throws {
        let (route, name) = try Route.find(try request("/images/some.where/a/b:c/json"))
        #expect(route.label == "/images/{*}/json" && name == "some.where/a/b:c")
        #expect(try Route.find(try request("/images/json")).0.label == "/images/json")
        #expect(throws: APIError.self) { try Route.find(try request("/swarm")) }
        #expect(throws: APIError.self) { try Route.find(try request("/containers/json", .PUT)) }
    }

    @Test func filtersComeInTwoForms() throws {
        #expect(try request(#"/x?filters={"label":["a=b","c"]}"#).query.filters() == ["label": ["a=b", "c"]])
        #expect(try request(#"/x?filters={"label":{"a=b":true,"c":false}}"#).query.filters() == ["label": ["a=b"]])
        #expect(throws: APIError.self) { try request("/x?filters=[]").query.filters() }
        #expect(throws: DocumentError.self) { try request("/x?filters={").query.filters() }
    }

    @Test func momentsHaveNanoseconds() throws {
        #expect(try request("/x?since=1136073600").query.moment("since") == 1_136_073_600_000_000_000)
        #expect(try request("/x?since=1136073600.5").query.moment("since") == 1_136_073_600_500_000_000)
        #expect(try request("/x?since=1.000000001").query.moment("since") == 1_000_000_001)
        #expect(try request("/x").query.moment("since") == nil)
        #expect(throws: APIError.self) { try request("/x?since=yesterday").query.moment("since") }
    }

    @Test func detachKeysAreFoundAcrossChunks() throws {
        var keys = try DetachKeys(asked: nil)
        func pass(_ bytes: [UInt8]) -> ([UInt8], Bool) {
            let (passed, isDetached) = keys.pass(bytes[...])
            return (passed, isDetached)
        }
        #expect(pass([1, 16]) == ([1], false))
        #expect(pass([2]) == ([16, 2], false))
        #expect(pass([16, 16]) == ([16], false))
        #expect(pass([17, 5]) == ([], true))
        #expect(throws: APIError.self) { try DetachKeys(asked: "ctrl-") }
    }

    @Test func pathsAreToldInBase64() {
        #expect(Base64.text(Array("".utf8)) == "" && Base64.text(Array("f".utf8)) == "Zg==")
        #expect(Base64.text(Array("fo".utf8)) == "Zm8=" && Base64.text(Array("foobar".utf8)) == "Zm9vYmFy")
    }

    @Test func spansAreTheWordsOfDocker() {
        #expect(Clock.human(0) == "Less than a second" && Clock.human(61) == "About a minute")
        #expect(Clock.human(7200) == "2 hours" && Clock.seconds("1970-01-02T00:00:01.5Z") == 86401)
    }
}
