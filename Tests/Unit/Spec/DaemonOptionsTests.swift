import BoxDocument
import BoxOCI
import Testing

@testable import BoxSpec

/// The flags that only the daemon can keep, and the body of a create request.
@Suite struct DaemonOptionsTests {
    private func json(_ set: (inout DaemonOptions) -> Void) throws -> String {
        var options = DaemonOptions()
        set(&options)
        return String(decoding: JSON.write(Node(.object(try options.members()))), as: UTF8.self)
    }

    private func refusal(_ set: (inout DaemonOptions) -> Void) -> BoxError? {
        #expect(throws: BoxError.self) { _ = try json(set) }
    }

    @Test func saysNothingOfWhatWasNotAsked() throws { #expect(try json { _ in } == "{}") }

    @Test func writesAHealthCheckInNanoseconds() throws {
        let text = try json {
            $0.healthCommand = "true"
            $0.healthInterval = "1500ms"
            $0.healthTimeout = "2"
            $0.healthStartPeriod = "0s"
            $0.healthRetries = "5"
            $0.healthOnFailure = "kill"
        }
        #expect(
            text == "{\"healthcheck\":{\"test\":[\"CMD-SHELL\",\"true\"],\"interval\":1500000000,"
                + "\"timeout\":2000000000,\"start_period\":0,\"retries\":5,\"on_failure\":\"kill\"}}")
    }

    @Test func writesTheRest() throws {
        let text = try json {
            $0.image = "debian:12"
            $0.restart = "on-failure:3"
            $0.logDriver = "json-file"
            $0.logOptions = ["max-size=1m", "max-file=2", "max-size=2m"]
            $0.noHealthcheck = true
        }
        #expect(
            text == "{\"image\":\"debian:12\",\"restart\":\"on-failure:3\",\"healthcheck\":{\"test\":[\"NONE\"]},"
                + "\"log_driver\":\"json-file\",\"log_opts\":{\"max-file\":\"2\",\"max-size\":\"2m\"}}")
    }

    @Test(arguments: ["sometimes", "no:1", "always:2", "on-failure:x", "on-failure:", "on-failure:-1", ""])
    func refusesOtherPolicies(_ text: String) {
        #expect(refusal { $0.restart = text }?.field == "--restart")
    }

    @Test func refusesWhatContradictsItself() {
        #expect(refusal { $0.healthInterval = "1s" }?.field == "--health-interval")
        #expect(
            refusal {
                $0.noHealthcheck = true; $0.healthCommand = "x"
            }?.field == "--no-healthcheck")
        #expect(
            refusal {
                $0.autoRemove = true; $0.restart = "always"
            }?.field == "--rm")
        #expect(refusal { $0.healthCommand = "" }?.field == "--health-cmd")
        #expect(refusal { $0.healthTest = ["sh"] }?.field == "--health-cmd")
        #expect(
            refusal {
                $0.healthCommand = "x"; $0.healthRetries = "0"
            }?.field == "--health-retries")
        #expect(
            refusal {
                $0.healthCommand = "x"; $0.healthTimeout = "soon"
            }?.field == "--health-timeout")
        #expect(
            refusal {
                $0.healthCommand = "x"; $0.healthOnFailure = "cry"
            }?.field == "--health-on-failure")
        #expect(refusal { $0.logDriver = "syslog" }?.field == "--log-driver")
        #expect(refusal { $0.logOptions = ["max-size"] }?.field == "--log-opt")
        #expect(refusal { $0.logOptions = ["max-size=big"] }?.field == "--log-opt")
        #expect(refusal { $0.logOptions = ["max-file=0"] }?.field == "--log-opt")
        #expect(refusal { $0.image = "a b" }?.field == "--image")
    }

    @Test func letsFlagsReplaceWhatAFileSays() {
        var file = DaemonOptions()
        file.healthTest = ["CMD", "a"]
        file.restart = "always"
        file.logOptions = ["max-file=1"]
        var flags = DaemonOptions()
        flags.healthCommand = "b"
        flags.logOptions = ["max-size=1m"]
        let merged = file.overridden(by: flags)
        #expect(merged.healthTest.isEmpty && merged.healthCommand == "b")
        #expect(merged.restart == "always" && merged.logOptions == ["max-file=1", "max-size=1m"])
        var none = DaemonOptions()
        none.noHealthcheck = true
        #expect(file.overridden(by: none).healthTest.isEmpty)
        #expect(file.givenFlags == ["--restart", "--health-cmd", "--log-opt"])
    }
}

@Suite struct BoxRequestTests {
    private var context: SpecContext {
        SpecContext(
            id: "0", workingDirectory: "/here", callerEnvironment: ["TOKEN": "t", "TERM": "vt"],
            resolveDevice: { (_, _) throws(BoxError) in throw BoxError(.notFound, "no device") },
            readFile: { (path, _) throws(BoxError) in
                Array((path.hasSuffix(".json") ? "{\"of\": \"\(path)\"}" : "F=\(path)\n").utf8)
            })
    }

    @Test func leavesNothingToTheDaemonsDirectoryAndEnvironment() throws {
        var options = RunOptions()
        options.command = ["sh"]
        options.env = ["TOKEN", "A=b"]
        options.envFiles = ["vars"]
        options.tty = true
        options.rootfs = "root"
        options.layers = ["./below"]
        options.volumes = ["./a:/b:ro", "/c:/d", "data:/e"]
        options.mounts = ["type=bind,src=x,dst=/y", "type=tmpfs,dst=/z"]
        options.securityOpts = ["seccomp=seccomp.json", "seccomp=unconfined", "no-new-privileges"]
        options.name = "web"
        let sent = try #require(try BoxRequest(options: options).document(context)["options"])
        let read = try RunOptions(document: sent)
        #expect(read.env == ["TERM=vt", "F=/here/vars", "TOKEN=t", "A=b"] && read.envFiles.isEmpty)
        #expect(read.rootfs == "/here/root" && read.layers == ["/here/below"])
        #expect(read.volumes == ["/here/a:/b:ro", "/c:/d", "data:/e"])
        #expect(read.mounts == ["type=bind,src=/here/x,dst=/y", "type=tmpfs,dst=/z"])
        #expect(read.securityOpts[0] == #"seccomp={"of": "/here/seccomp.json"}"#)
        #expect(read.securityOpts.dropFirst() == ["seccomp=unconfined", "no-new-privileges"])
        #expect(read.name == nil && read.command == ["sh"])
    }

    @Test func tellsWhoAttachesAndHowLongToWait() throws {
        var options = RunOptions()
        options.interactive = true
        options.stopTimeout = "1500ms"
        var request = BoxRequest(options: options)
        request.attachesInput = true
        request.attachesOutput = true
        request.terminalSize = (rows: 24, columns: 80)
        request.labels = [("a", "b")]
        let document = try request.document(context)
        #expect(document["stdin_once"] == Node(.bool(true)) && document["attach_stderr"] == Node(.bool(true)))
        #expect(document["stop_timeout"] == Node(.integer(2)))
        #expect(document["rows"] == Node(.integer(24)) && document["columns"] == Node(.integer(80)))
        #expect(document["labels"]?["a"] == Node(.string("b")))
    }

    @Test func refusesWhatTheDaemonDoesItself() {
        let refused: [(String, (inout RunOptions) -> Void)] = [
            ("--bundle", { $0.bundle = "b" }), ("--upper", { $0.upper = "u" }), ("--report", { $0.report = "r" }),
            ("--copy-out", { $0.copyOut = ["/a:b"] }),
        ]
        for (flag, set) in refused {
            var options = RunOptions()
            set(&options)
            let error = #expect(throws: BoxError.self) { try BoxRequest(options: options).document(context) }
            #expect(error?.field == flag && error?.kind == .unsupported)
        }
    }

    @Test func writesUpdates() throws {
        var options = RunOptions()
        options.memory = "1g"
        options.memorySwap = "-1"
        options.cpus = "1.5"
        options.pidsLimit = "-1"
        let document = try UpdateRequest.document(options, restart: "on-failure:2")
        #expect(
            String(decoding: JSON.write(document), as: UTF8.self)
                == "{\"Memory\":1073741824,\"MemorySwap\":-1,\"NanoCpus\":1500000000,\"PidsLimit\":-1,"
                + "\"RestartPolicy\":{\"Name\":\"on-failure\",\"MaximumRetryCount\":2}}")
        #expect(throws: BoxError.self) { try UpdateRequest.document(RunOptions(), restart: nil) }
        #expect(throws: BoxError.self) { try UpdateRequest.document(RunOptions(), restart: "maybe") }
    }
}
