import BoxSystem
import TestBed
import Testing

extension GuestBed {
    /// A process that joins a box is under the box's limits from its birth on.
    @Suite struct Exec {
        @Test func isLimitedByTheBoxsPids() throws {
            var config = try Config("workload", "sleep-forever")
            config.set("linux.resources.pids.limit", 20)
            try Bed.here.withBox(config) { box in
                // The box's own process and the bomb itself count.
                let bomb = try box.exec([], "workload", "fork-bomb", "100")
                #expect(bomb.output == "started 18 errno 11\n", "\(bomb)")
                #expect(try Cgroups.number("max", in: "swiftbox-box/pids.events") ?? 0 > 0)
                // Where there is no room for it, it is not born at all.
                let full = try box.command([], ["workload", "descend", "18"]).start(in: box.bed)
                try full.waitForOutput("ready")
                let refused = try box.exec([], "true")
                #expect(refused.status == 255, "\(refused)")
                #expect(refused.errors.contains("the box has as many processes as it may have"), "\(refused)")
                full.signal(15)
                try full.wait()
            }
        }

        @Test func isLimitedByTheBoxsMemory() throws {
            var config = try Config("workload", "sleep-forever")
            config.set("linux.resources.memory", ["limit": 32 << 20, "swap": 32 << 20])
            try Bed.here.withBox(config) { box in
                let within = try box.command([], ["workload", "eat-memory", "8"]).start(in: box.bed)
                try within.waitForOutput("ate 8")
                within.signal(15)
                try within.wait()
                let beyond = try box.exec([], "workload", "eat-memory", "100")
                #expect(beyond.status == 137 && !beyond.output.contains("ate 100"), "\(beyond)")
            }
        }

        /// A cgroup that has children with controllers of their own holds no process: who joins goes where the init went.
        @Test func goesWhereTheInitProcessIs() throws {
            var config = try Config("workload", "sleep-forever")
            config.set("linux.resources.pids.limit", 20)
            try Bed.here.withBox(config) { box in
                try File.makeDirectory(Cgroups.top + "/swiftbox-box/init.scope", mode: 0o755)
                for pid in try Cgroups.words("swiftbox-box/cgroup.procs") {
                    try Cgroups.write(pid, to: "swiftbox-box/init.scope/cgroup.procs")
                }
                try Cgroups.write("+pids", to: "swiftbox-box/cgroup.subtree_control")
                let outcome = try box.exec([], "grep", "^0::", "/proc/self/cgroup")
                #expect(outcome.output == "0::/init.scope\n", "\(outcome)")
                let top = try box.exec(["--cgroup", "/"], "true")
                #expect(top.status == 255 && top.errors.contains("passes controllers on"), "\(top)")
            }
        }
    }
}
