import Foundation
import Glibc
import TestBed
import Testing

extension GuestBed {
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
                "untrusted.yaml", ["-i", "--timeout", "2s"], input: "trap '' TERM; while :; do :; done")
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

        @Test func anUntrustedScriptThatEatsMemory() throws {
            let examples = try Examples(Bed.here)
            let greedy = try examples.run(
                "untrusted.yaml", ["-i", "--timeout", "60s"],
                input: "head -c 200000000 /dev/zero | tail -c 150000000 | wc -c")
            #expect(greedy.status == 137 && greedy.output.isEmpty, "\(greedy)")
        }

        /// Two megabytes at one a second, on a real disk.
        @Test func aBatchJob() throws {
            let bed = try Bed.here
            let examples = try Examples(bed, below: "/scratch")
            try FileManager.default.createDirectory(
                atPath: examples.directory + "/data", withIntermediateDirectories: true)
            let outcome = try examples.run("batch.yaml", ["--report", bed.directory + "/report.json"])
            #expect(outcome.status == 0 && outcome.output.contains("2.1 MB"), "\(outcome)")
            #expect((try TestBed.Report(bed.directory + "/report.json").number("wall_seconds") ?? 0) > 1.5)
            try FileManager.default.removeItem(atPath: "/scratch/repository")
        }
    }
}
