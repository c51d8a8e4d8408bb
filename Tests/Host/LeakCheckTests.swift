import BoxSystem
import CBoxLinux
import Glibc
import Testing

@testable import TestBed

extension HostBed {
    /// The leak check is what every other test leans on: each kind of leak is made here, and must be seen and undone.
    @Suite struct LeakCheck {
        @Test func seesAProcessThatLeftItsFamily() async throws {
            let leaks = try await leaks { bed in try bed.command("setsid", "-f", "sleep", "1000") }
            #expect(leaks.count == 1 && leaks[0].hasPrefix("process ") && leaks[0].hasSuffix("(sleep)"), "\(leaks)")
        }

        @Test func seesAChildNobodyWaitedFor() async throws {
            let leaks = try await leaks { bed in _ = try Command(["sleep", "1000"]).start(in: bed) }
            #expect(leaks.count == 1 && leaks[0].hasPrefix("process "), "\(leaks)")
        }

        @Test func seesAMount() async throws {
            let leaks = try await leaks { bed in
                let point = bed.directory + "/point"
                try File.makeDirectory(point, mode: 0o755)
                try check(box_mount("none", point, "tmpfs", 0, ""))
            }
            #expect(leaks.count == 1 && leaks[0].hasPrefix("mount ") && leaks[0].hasSuffix("/point"), "\(leaks)")
        }

        @Test func seesACgroupAndThoseBelowIt() async throws {
            let top = try #require(Mounts.table().first { $0.type == "cgroup2" }?.point)
            let own = "\(top)/swiftbox-leak-\(getpid())"
            let leaks = try await leaks { _ in
                try File.makeDirectory(own, mode: 0o755)
                try File.makeDirectory(own + "/below", mode: 0o755)
            }
            #expect(leaks == ["cgroup \(own)/below", "cgroup \(own)"])
            #expect(!File.exists(own))
        }

        @Test(arguments: ["/dev/shm", Bed.temporaryDirectory, "/tmp"])
        func seesAFile(directory: String) async throws {
            let own = "\(directory)/swiftbox-leak-\(getpid())"
            let leaks = try await leaks { bed in try bed.write("x", to: own) }
            #expect(Set(leaks) == ["file \(own)"])
            #expect(!File.exists(own))
        }

        @Test func seesWhatABoxLeftInItsStateRoot() async throws {
            let leaks = try await leaks { bed in
                try File.makeDirectory(bed.stateRoot + "/runtime", mode: 0o700)
                try File.makeDirectory(bed.stateRoot + "/runtime/box", mode: 0o700)
            }
            #expect(leaks.count == 1 && leaks[0].hasSuffix("/state/runtime/box"), "\(leaks)")
        }

        @Test func isContentWithATestThatCleansUp() async throws {
            let leaks = try await leaks(grace: 5) { bed in
                _ = try bed.makeRootfs()
                try bed.command("sh", "-c", "(sleep 0.1 &) ; rm $(mktemp)")
            }
            #expect(leaks == [])
        }

        @Test func failsTheTestThatLeaks() async throws {
            let test = try #require(Test.current)
            try await withKnownIssue {
                try await LeakChecked().provideScope(for: test, testCase: nil) {
                    try Bed.here.command("setsid", "-f", "sleep", "1000")
                }
            } matching: { issue in
                issue.comments.contains { $0.rawValue.hasPrefix("left behind: process ") }
            }
        }

        private func leaks(grace: Double = 0.1, after body: (Bed) throws -> Void) async throws -> [String] {
            let before = try Snapshot()
            let bed = try Bed()
            try body(bed)
            let found = try await Snapshot.leaks(since: before, except: bed, grace: grace)
            #expect(!File.exists(bed.directory))
            return found.map(\.text)
        }
    }

    @Suite struct Commands {
        @Test func keepsTheStreamsApart() throws {
            let outcome = try Bed.here.command("sh", "-c", "cat; echo bad >&2; exit 7", input: "in")
            #expect(outcome.status == 7)
            #expect(outcome.output == "in")
            #expect(outcome.errors == "bad\n")
        }

        @Test func reportsASignalAsAShellDoes() throws {
            #expect(try Bed.here.command("sh", "-c", "kill -9 $$").status == 137)
        }

        @Test func endsWhatTakesTooLong() throws {
            #expect(throws: BedError.self) { try Bed.here.command("sleep", "1000", timeout: 0.1) }
        }

        @Test func givesATerminal() throws {
            let terminal = try Terminal(rows: 33, columns: 99)
            let running = try Command(["sh", "-c", "tty; stty size; read x; echo got $x"])
                .start(in: Bed.here, on: terminal)
            try running.waitForOutput("33 99")
            try terminal.type("text\n")
            let outcome = try running.wait()
            #expect(outcome.output.contains(terminal.path))
            #expect(outcome.output.contains("got text"))
        }

        @Test func setsConfigByPath() throws {
            var config = try Config("true")
            config.set("linux.resources.pids.limit", 64)
            config.set("mounts.0.type", nil)
            config.set("mounts.+", ["destination": "/extra"])
            config.set("linux.maskedPaths", nil)
            let text = try config.text()
            #expect(text.contains(#""limit" : 64"#))
            #expect(text.contains(#""destination" : "/extra""#))
            #expect(!text.contains("maskedPaths"))
            #expect(!text.contains(#""type" : "proc""#))
        }
    }
}
