@testable import BoxEngine
internal import Testing

@Suite struct ImageTests {
    @Test(arguments: [
        ("alpine", "alpine:latest"), ("alpine:3", "alpine:3"), ("docker.io/library/alpine", "alpine:latest"),
        ("localhost:5000/a/b", "localhost:5000/a/b:latest"), ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
    ])
    func references(text: String, normal: String) throws { #expect(try ImageReference.check(text) == normal) }

    @Test(arguments: ["", "a b", "a//b", "a:", ":a", "a:b:c", "host", "host:latest", "ä"])
    func otherTextIsNone(text: String) { #expect(throws: EngineError.self) { try ImageReference.check(text) } }

    @Test func changesAreThoseOfADockerfile() throws {
        var config = ImageConfig()
        for line in [
            #"CMD ["a", "b c"]"#, "ENTRYPOINT run it", "ENV A=1", #"ENV B "two words""#, "EXPOSE 80 53/udp", "USER u",
            "WORKDIR /w", "LABEL x=y z", "STOPSIGNAL SIGQUIT",
        ] { try config.apply(line) }
        #expect(config.command == ["a", "b c"] && config.entrypoint == ["/bin/sh", "-c", "run it"])
        #expect(config.env == ["A=1", "B=two words"] && config.exposedPorts == ["80/tcp", "53/udp"])
        #expect(config.user == "u" && config.workingDirectory == "/w" && config.labels == ["x": "y z"])
        #expect(config.stopSignal == "SIGQUIT")
        #expect(throws: EngineError.self) { try config.apply("RUN rm -rf /") }
        #expect(throws: EngineError.self) { try config.apply("ENV") }
    }

    @Test func imageJSONKeepsAll() throws {
        var config = ImageConfig()
        config.command = ["a"]
        config.entrypoint = ["b"]
        config.env = ["C=d"]
        config.workingDirectory = "/e"
        config.user = "f"
        config.labels = ["g": "h"]
        config.exposedPorts = ["80/tcp"]
        config.stopSignal = "SIGINT"
        let view = ImageView(
            id: "sha256:0", references: ["x:1", "y:2"], created: "2026-01-01T00:00:00.000000000Z",
            createdSeconds: 1_767_225_600, size: 5, config: config, layers: ["sha256:1"], comment: "m")
        #expect(try ImageFile(json: Array(ImageFile(view).text.utf8)).view == view)
    }

    @Test(
        arguments: [("10m", 10 << 20), ("1g", 1 << 30), ("512", 512), ("-1", -1), ("3kb", 3072)] as [(String, Int64)])
    func logSizes(text: String, bytes: Int64) { #expect(LogLimits.number(text) == bytes) }

    @Test func metricsAreEscaped() {
        var text = MetricText()
        text.begin("a", "gauge", "Help.")
        text.add(["n": "x\"\\\n"], 3)
        text.add(["n": "y"], microseconds: 1_000_002)
        #expect(text.text == "# HELP a Help.\n# TYPE a gauge\na{n=\"x\\\"\\\\\\n\"} 3\na{n=\"y\"} 1.000002\n")
    }
}
