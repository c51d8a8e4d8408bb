import Foundation
import TestBed
import Testing

extension HostBed {
    /// Tests/Benchmarks/floor.c, against which swiftbox-runtime is measured, makes only calls that swiftbox-runtime makes too.
    @Suite struct Floor {
        /// A call as it counts: its name, and what tells one from another of that name.
        private static func kind(_ call: String) -> String {
            let name = CallTrace.name(of: call)
            let arguments = call.dropFirst(name.count + 1)
            switch name {
            case "fsopen", "sethostname", "mknodat", "symlinkat":
                // Not the numbers of descriptors, which may differ.
                let words = arguments.split(separator: "\"", omittingEmptySubsequences: false)
                return words.indices.filter { $0 % 2 == 1 }.reduce(name) { $0 + " " + words[$1] }
            case "unshare", "capset", "prctl": return "\(name) \(arguments.prefix { $0 != ")" })"
            case "clone3": return "\(name) \(arguments.prefix { $0 != "," })"
            case "seccomp": return "\(name) \(arguments.drop { $0 != "{" }.prefix { $0 != "," })"
            case "mount_setattr": return "\(name) \(arguments.drop { $0 != "{" })"
            default: return name
            }
        }

        private func floor(in bed: Bed, bundle: String) throws -> [String] {
            let program = bed.directory + "/floor"
            let made = try bed.command(
                "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program,
                Bed.package + "/Tests/Benchmarks/floor.c", Bed.package + "/Sources/CBoxLinux/entry.c",
                "-Wl,-e,box_entry")
            if made.status != 0 { throw BedError("\(made)") }
            let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            // The last one lies over those before it.
            let place = mounts.map { $0.split(separator: " ") }.last { $0[2] == "cgroup2" }
            let cgroups = String(try #require(place, "the host has no cgroup2")[1])
            let names = try FileManager.default.contentsOfDirectory(atPath: bed.stateRoot)
            let filter = try #require(names.first { $0.hasPrefix(".seccomp-") }, "the filter is not kept")
            return [program, "run", bed.stateRoot, bundle, "floor", bed.stateRoot + "/" + filter, cgroups, "/bin/true"]
        }

        @Test func isNotPadded() throws {
            let bed = try Bed.here
            let bundle = try makeHotBundle(in: bed)
            let ours = try CallTrace(of: makeHotCommand(bundle, in: bed), workload: "/bin/true", in: bed)
            let floor = try CallTrace(of: self.floor(in: bed, bundle: bundle), workload: "/bin/true", in: bed)
            var padding: [String] = []
            for (own, base) in zip(ours.sides, floor.sides) {
                let more = CallTrace.counts(own.calls.map(Self.kind))
                for (kind, count) in CallTrace.counts(base.calls.map(Self.kind)) where count > more[kind] ?? 0 {
                    padding.append("\(own.name) \(kind): \(count), swiftbox-runtime \(more[kind] ?? 0)")
                }
            }
            #expect(padding.isEmpty, "\(padding.sorted().joined(separator: "\n"))")
            print(difference(ours, floor))
        }

        /// What swiftbox-runtime makes and the floor does not: where time may be found.
        private func difference(_ ours: CallTrace, _ floor: CallTrace) -> String {
            var lines = [
                "floor: \(floor.runtime.count) + \(floor.initialise.count) calls, "
                    + "swiftbox-runtime: \(ours.runtime.count) + \(ours.initialise.count); more of:"
            ]
            for (own, base) in zip(ours.sides, floor.sides) {
                let known = CallTrace.counts(base.calls.map(CallTrace.name))
                let more = CallTrace.counts(own.calls.map(CallTrace.name)).map { name, count in
                    (name, count - (known[name] ?? 0))
                }
                let text = more.filter { $0.1 > 0 }.sorted { $0 < $1 }.map { "\($0.0) \($0.1)" }
                lines.append("  \(own.name): \(text.joined(separator: ", "))")
            }
            return lines.joined(separator: "\n")
        }

        /// The other way round: it does what makes a box, too.
        @Test func makesABox() throws {
            let bed = try Bed.here
            let bundle = try makeHotBundle(in: bed)
            _ = try makeHotCommand(bundle, in: bed)
            let script = "echo $$; hostname; grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; ls /dev/null"
            let line = try floor(in: bed, bundle: bundle).dropLast() + ["/bin/sh", "-c", script]
            let outcome = try Command(Array(line)).start(in: bed).wait()
            let facts = ["1", "benchmark", "CapBnd:\t00000000a80425fb", "NoNewPrivs:\t1", "Seccomp:\t2", "/dev/null"]
            #expect(outcome.status == 0 && outcome.lines == facts, "\(outcome)")
        }
    }
}
