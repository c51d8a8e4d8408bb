import Foundation
import Glibc
import TestBed
import Testing

extension HostBed {
    /// The spec files of `examples/`, run as their first lines say.
    @Suite struct ExampleFiles {
        @Test func aStepOfCI() throws {
            let examples = try Examples(Bed.here)
            let outcome = try examples.run("ci-step.yaml")
            #expect(outcome.status == 0 && outcome.output == "2\n", "\(outcome)")
            #expect(try examples.text("listing.txt") == "examples\nmain.c\n")
            let write = try examples.run(
                "ci-step.yaml", ["--", "sh", "-c", "touch /src/new; cat /proc/net/dev | wc -l"])
            #expect(write.errors.contains("Read-only file system") && write.output == "3\n", "\(write)")
        }

        @Test func aBuildWithACache() throws {
            let examples = try Examples(Bed.here)
            try FileManager.default.createDirectory(
                atPath: examples.directory + "/cache", withIntermediateDirectories: true)
            #expect(try examples.run("build-cache.yaml").output == "built once\n")
            #expect(try examples.run("build-cache.yaml").output == "from the cache: built once\n")
        }

        @Test func anUntrustedScript() throws {
            let examples = try Examples(Bed.here)
            let polite = try examples.run(
                "untrusted.yaml", ["-i"], input: "id -u; touch /etc/x || echo no; echo y >/tmp/x && cat /tmp/x")
            #expect(polite.status == 0 && polite.output == "65534\nno\ny\n", "\(polite)")
            let endless = try examples.run(
                "untrusted.yaml", ["-i", "--timeout", "1s"], input: "trap '' TERM; while :; do :; done")
            #expect(endless.status == 137, "\(endless)")
        }

        @Test func aService() throws {
            let examples = try Examples(Bed.here)
            let running = try examples.command("service.yaml").start(in: Bed.here)
            try running.waitForOutput("ready")
            running.signal(SIGTERM)
            let outcome = try running.wait()
            #expect(outcome.status == 0 && outcome.output == "ready\nbye\n", "\(outcome)")
        }

        /// They name flags and files that there are.
        @Test(arguments: ["github-actions.yml", "gitlab-ci.yml"])
        func jobFilesUseWhatThereIs(name: String) throws {
            let examples = try Examples(Bed.here)
            let lines = try examples.text(name).split(separator: "\n").filter {
                $0.contains("swiftbox ") && !$0.contains("# ")
            }
            #expect(lines.count >= 3)
            for line in lines {
                let words = line.split(separator: " ").map(String.init)
                let start = try #require(words.firstIndex(of: "swiftbox"))
                let help = try Bed.here.command(
                    "sh", "-c",
                    "'\(try Bed.binary("swiftbox"))' \(words[start + 1]) --help; '\(try Bed.binary("swiftbox"))' \(words[start + 1]) check --help"
                )
                for flag in words[start...] where flag.hasPrefix("--") {
                    #expect(help.output.contains(flag), "\(line)")
                }
            }
        }
    }
}
