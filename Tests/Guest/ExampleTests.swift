import Foundation
import Glibc
import TestBed
import Testing

extension GuestBed {
    /// The spec files of `examples/`, run as their first lines say.
    @Suite struct ExampleFiles {
        @Test func aStepOfCI() throws { try Examples(Bed.here).aStepOfCI() }
        @Test func aBuildWithACache() throws { try Examples(Bed.here).aBuildWithACache() }
        @Test func anUntrustedScript() throws { try Examples(Bed.here).anUntrustedScript(seconds: 2) }
        @Test func aService() throws { try Examples(Bed.here).aService() }

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
