import Glibc
import TestBed
import Testing

extension Conformance {
    /// `pause`, `resume`, `ps` and `events`.
    @Suite struct PausePsEvents {
        @Test func pauseAndResume() throws {
            let bed = try Bed.here
            let box = try bed.container(Config(script: "echo ready; while read line; do echo got $line; done </tick"))
            #expect(mkfifo(box.rootfs + "/tick", 0o666) == 0)
            let created = try box.launch()
            try created.waitForOutput("ready")
            let paused = try box.call("pause")
            #expect(paused.status == 0, "\(paused)")
            #expect(try box.status == "paused")
            let resumed = try box.call("resume")
            #expect(resumed.status == 0, "\(resumed)")
            #expect(try box.status == "running")
            let writer = try bed.command("sh", "-c", "echo tick >\(box.rootfs)/tick")
            #expect(writer.status == 0)
            try created.waitForOutput("got tick")
        }

        @Test func pausedContainerIsFrozen() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "trap", "HUP"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            try box.call("pause").expect()
            _ = try box.kill("HUP")
            usleep(200_000)
            #expect(!created.output.contains("got HUP"))
            try box.call("resume").expect()
            try created.waitForOutput("got HUP")
        }

        /// KILL of a paused container ends it: what is frozen is thawed.
        @Test func killAndDeleteOfAPausedContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            try box.call("pause").expect()
            try box.kill("KILL").expect()
            try box.waitFor("stopped")
            try box.call("delete").expect()
            _ = try box.launch()
            try box.call("pause").expect()
            try box.call("delete", "--force").expect()
        }

        /// A process cannot enter a frozen cgroup and run: refused, unless --ignore-paused.
        @Test func execInAPausedContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            try box.call("pause").expect()
            let refused = try box.exec("/bin/true")
            #expect(refused.status == 255, "\(refused)")
            let entering = try bed.runtimeCommand(["exec", "--ignore-paused", box.id, "/bin/sh", "-c", "echo in"])
                .start(in: bed)
            usleep(200_000)
            #expect(entering.output == "")
            try box.call("resume").expect()
            try entering.wait().expect(output: "in\n")
        }

        @Test func processesOfAContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "descend", "2"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            let pids = try Answer(box.call("ps", "-f", "json").output)
            #expect(try pids.count() == 3 && (0..<3).contains { try pids["\($0)"] == "\(box.pid)" }, "\(pids)")
            let table = try box.call("ps")
            #expect(table.lines.count == 4 && table.lines.first?.contains("PID") == true, "\(table)")
            #expect(table.lines.filter { $0.contains("workload") }.count == 3, "\(table)")
        }

        /// What follows the id are options of ps(1).
        @Test func optionsOfPs() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            let outcome = try bed.oci("ps", box.id, "-o", "pid,comm")
            #expect(
                outcome.status == 0 && outcome.output.contains("workload") && !outcome.output.contains("TIME"),
                "\(outcome)")
        }

        @Test func processesOfAStoppedContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            _ = try box.launch()
            try box.waitFor("stopped")
            let outcome = try box.call("ps", "-f", "json")
            #expect(
                outcome.status == 0 && ["null", "[]", ""].contains(outcome.output.filter { !$0.isWhitespace }),
                "\(outcome)")
        }

        @Test func statisticsOfAContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            let outcome = try box.call("events", "--stats")
            #expect(outcome.output.hasPrefix("{\"type\":\"stats\",\"id\":\"one\",\"data\":"), "\(outcome)")
            let stats = try Answer(outcome.output)
            #expect(stats.has("data", "cpu", "usage", "total") && stats.has("data", "cpu", "throttling"), "\(stats)")
            #expect(stats.has("data", "memory") && stats.has("data", "pids") && stats.has("data", "blkio"), "\(stats)")
        }

        @Test func eventsEndWithTheContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            let stream = try bed.runtimeCommand(["events", "--interval", "100ms", box.id]).start(in: bed)
            defer { stream.signal(SIGKILL) }
            try stream.waitForOutput("stats")
            try box.call("delete", "--force").expect()
            let outcome = try stream.wait(timeout: 30)
            #expect(outcome.status == 0 && outcome.lines.allSatisfy { $0.hasPrefix("{\"type\":\"") }, "\(outcome)")
        }

        @Test func eventsOfWhatIsNotThere() throws {
            #expect(try Bed.here.oci("events", "--stats", "no-such-box").status != 0)
            #expect(try Bed.here.oci("ps", "no-such-box").status != 0)
        }
    }
}
