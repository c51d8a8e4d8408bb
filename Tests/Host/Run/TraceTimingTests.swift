import Foundation
import TestBed
import Testing

extension HostBed {
    /// `--trace-timing FILE`: what each step of the plan took.
    @Suite struct TraceTiming {
        private struct Step: Decodable {
            var `where`, action: String
            var start: Int64
            var nanoseconds: Int64?
        }

        private struct Document: Decodable {
            var schema: Int
            var id: String
            var steps: [Step]
        }

        private func document(_ path: String) throws -> Document {
            try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(filePath: path)))
        }

        /// Where and what, in the plan's order.
        private func plan(_ bundle: String, id: String) throws -> [String] {
            struct Plan: Decodable {
                struct Step: Decodable { var `where`, action: String }
                var steps: [Step]
            }
            let outcome = try Bed.here.command(
                Bed.binary("swiftbox"), "plan", "--root", Bed.here.stateRoot, "--bundle", bundle, "--name", id,
                "--format", "json")
            return try JSONDecoder().decode(Plan.self, from: Data(outcome.output.utf8)).steps.map {
                "\($0.where) \($0.action)"
            }
        }

        private static let phases: Set = [
            "runtime read the configuration and compile the plan", "runtime clone the init process",
            "init execute the command", "runtime clean up",
        ]

        @Test func theStepsAreThePlansAndFollowOneAnother() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            let file = bed.directory + "/times.json"
            let outcome = try bed.runtime("run", "--bundle", bundle, "--trace-timing", file, "timed")
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            let times = try document(file)
            #expect(times.schema == 1 && times.id == "timed")
            let names = times.steps.map { "\($0.where) \($0.action)" }
            let steps = names.filter { !Self.phases.contains($0) }
            #expect(try steps == plan(bundle, id: "timed"))
            #expect(names.count == steps.count + Self.phases.count)
            // What one process does, it does one after another; init may be done before the runtime looks.
            for side in ["runtime", "init"] {
                let own = times.steps.filter { $0.where == side }
                for (step, next) in zip(own, own.dropFirst()) {
                    let end = step.start + (step.nanoseconds ?? -1)
                    #expect(step.start >= 0 && end >= step.start && next.start >= end, "\(step), \(next)")
                }
            }
            let sum = times.steps.reduce(0) { $0 + ($1.nanoseconds ?? 0) }
            #expect(sum > 0 && Double(sum) < 2e9 * outcome.seconds, "\(sum) ns of \(outcome)")
        }

        @Test func ofCreateWhatIsDoneWhenItEnds() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            let file = bed.directory + "/times.json"
            let created = try bed.runtime("create", "--bundle", bundle, "--trace-timing", file, "made")
            #expect(created.status == 0, "\(created)")
            let last = try #require(document(file).steps.last)
            #expect(last.action == "wait for start" && last.nanoseconds == nil)
            #expect(try bed.runtime("start", "made").status == 0)
            #expect(try bed.runtime("delete", "--force", "made").status == 0)
        }

        @Test func tellsHowFarAFailureCame() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("nothing"))
            let file = bed.directory + "/times.json"
            let outcome = try bed.run("--bundle", bundle, "--trace-timing", file)
            #expect(outcome.status == 127, "\(outcome)")
            let steps = try document(file).steps
            #expect(steps.contains { $0.action == "execute the command" && $0.nanoseconds == nil })
            #expect(steps.last?.action == "clean up")
        }

        @Test func whatCannotBeWrittenIsRefusedBeforeAnythingIsMade() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("touch", "/ran"))
            for file in ["/nowhere/times", bed.directory, "fd:9", "/proc/times"] {
                let outcome = try bed.runtime("run", "--bundle", bundle, "--trace-timing", file, "box")
                #expect(outcome.status == 1 && outcome.errors.contains("--trace-timing \(file)"), "\(outcome)")
                let other = try bed.run("--bundle", bundle, "--trace-timing", file)
                #expect(other.status == 125 && other.errors.contains("--trace-timing \(file)"), "\(other)")
            }
            #expect(!FileManager.default.fileExists(atPath: bundle + "/rootfs/ran"))
        }

        @Test func anotherClockIsRefused() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("linux.namespaces.+", ["type": "time"])
            config.set("linux.timeOffsets", ["monotonic": ["secs": 100]])
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.runtime(
                "run", "--bundle", bundle, "--trace-timing", bed.directory + "/times.json", "box")
            #expect(outcome.status == 1 && outcome.errors.contains("clock is not the runtime's"), "\(outcome)")
        }
    }
}
