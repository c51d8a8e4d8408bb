import Foundation
import TestBed
import Testing

extension HostBed {
    /// Starting a box takes no more system calls than it is known to.
    @Suite struct HotPath {
        /// `SIDE CALL COUNT` a line: what `swiftbox-runtime run` of /bin/true makes, its compiled filter being kept.
        /// Where a count has come down, the line should, too; where it has to go up, the commit says why.
        private static let recorded = Bed.package + "/Tests/Benchmarks/calls.txt"

        /// Memory comes in pieces whose number depends on the length of paths; and where SIGCHLD is there as soon as the
        /// pidfd tells of the end, it is read, and that there is no other signal.
        private static let slack = ["brk": 3, "mmap": 3, "munmap": 3, "mremap": 3, "read": 2]

        private func known() throws -> [String: Int] {
            let lines = try String(contentsOfFile: Self.recorded, encoding: .utf8).split(separator: "\n")
            return lines.reduce(into: [:]) { known, line in
                let words = line.split(separator: " ")
                if words.count == 3 { known["\(words[0]) \(words[1])"] = Int(words[2]) }
            }
        }

        @Test func makesNoMoreCallsThanRecorded() throws {
            let bed = try Bed.here
            // Paths that every kernel has, and one that none has.
            let bundle = try makeHotBundle(in: bed) {
                $0.set("linux.maskedPaths", ["/proc/keys", "/proc/timer_list", "/proc/none", "/sys/firmware"])
                $0.set("linux.readonlyPaths", ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"])
            }
            let command = try makeHotCommand(bundle, in: bed)
            let trace = try CallTrace(of: command, workload: "/bin/true", in: bed)
            let known = try known()
            var grown: [String] = []
            var table: [String] = []
            for side in trace.sides {
                let counts = CallTrace.counts(CallTrace.withoutMountTable(side.calls).map(CallTrace.name))
                for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
                    table.append("\(side.name) \(name) \(count)")
                    let recorded = known["\(side.name) \(name)"] ?? 0
                    if count > recorded + Self.slack[name, default: 0] {
                        grown.append("\(side.name) \(name): \(count), recorded \(recorded)")
                    }
                }
            }
            #expect(
                grown.isEmpty,
                """
                more system calls than in \(Self.recorded):
                \(grown.joined(separator: "\n"))
                now:
                \(table.joined(separator: "\n"))
                """
            )
        }
    }
}
