import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// `pause`, `resume` and `ps`, on the cgroup v2 hierarchy that every host has.
    @Suite struct Paused {
        private func status(_ id: String) throws -> String {
            let lines = try Bed.here.runtime("state", id).lines
            return lines.first { $0.contains("\"status\"") }?.split(separator: "\"").last { $0 != "," }.map(String.init)
                ?? ""
        }

        /// What the box writes stops, and goes on.
        @Test func aBoxStandsStillUntilItIsResumed() throws {
            let bed = try Bed.here
            let box = try bed.startBox(
                "--name", "still", "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do echo tick; sleep 0.02; done"
            )
            try box.waitForOutput("tick")
            let paused = try bed.runtime("pause", "still")
            #expect(paused.status == 0 && paused.errors == "", "\(paused)")
            #expect(try status("still") == "paused")
            let before = box.output
            // A process that ran would write five times as often as it takes to fail here.
            #expect(try bed.command("sleep", "0.1").status == 0)
            #expect(box.output == before)
            let resumed = try bed.runtime("resume", "still")
            #expect(resumed.status == 0 && resumed.errors == "", "\(resumed)")
            #expect(try status("still") == "running")
            #expect(poll(10) { box.output.utf8.count > before.utf8.count })
            box.signal(15)
            #expect(try box.wait().status == 5)
        }

        @Test func wrongStatesAreErrors() throws {
            let bed = try Bed.here
            let box = try bed.startBox("--name", "odd", "workload", "trap", "TERM")
            try box.waitForOutput("ready")
            let early = try bed.runtime("resume", "odd")
            #expect(early.status == 1 && early.errors.contains("container not paused"), "\(early)")
            try bed.runtime("pause", "odd")
            let again = try bed.runtime("pause", "odd")
            #expect(again.status == 1 && again.errors.contains("is paused already"), "\(again)")
            try bed.runtime("resume", "odd")
            box.signal(15)
            try box.wait()
            for verb in ["pause", "resume", "update", "events", "ps"] {
                let gone = try bed.runtime(verb, "odd")
                #expect(gone.status == 1, "\(verb): \(gone)")
                #expect(gone.errors.contains("does not exist") || verb == "update", "\(verb): \(gone)")
            }
        }

        @Test func aPausedBoxCanBeDeleted() throws {
            let bed = try Bed.here
            let box = try bed.startBox("--name", "frozen", "workload", "trap", "TERM")
            try box.waitForOutput("ready")
            try bed.runtime("pause", "frozen")
            let deleted = try bed.runtime("delete", "--force", "frozen")
            #expect(deleted.status == 0, "\(deleted)")
            #expect(try box.wait().status == 137)
        }
    }

    @Suite struct Ps {
        @Test func listsEveryProcessOfTheBoxAndNoOther() throws {
            let bed = try Bed.here
            let box = try bed.startBox(
                "--name", "many", "sh", "-c", "sleep 77 & sleep 78 & exec workload trap TERM")
            try box.waitForOutput("ready")
            let file = try bed.cgroupMount() + "/swiftbox-many/cgroup.procs"
            let pids = try bed.command("sort", "-n", file).lines
            let json = try bed.runtime("ps", "--format", "json", "many")
            #expect(
                json.status == 0 && json.output == "[\(pids.joined(separator: ","))]\n" && pids.count == 3, "\(json)")
            let table = try bed.runtime("ps", "many", "-o", "pid,args")
            #expect(table.lines.count == 4 && table.lines[0].hasSuffix("COMMAND"), "\(table)")
            #expect(table.output.contains("sleep 77") && table.output.contains("sleep 78"), "\(table)")
            let ordinary = try bed.runtime("ps", "many")
            #expect(ordinary.lines.first?.hasPrefix("UID") == true && ordinary.lines.count == 4, "\(ordinary)")
            let blind = try bed.runtime("ps", "many", "-o", "args")
            #expect(blind.status == 1 && blind.errors.contains("no column PID"), "\(blind)")
            box.signal(15)
            try box.wait()
        }

        @Test func aStoppedBoxHasNone() throws {
            let bed = try Bed.here
            let created = try bed.runtime("create", "-b", bed.makeBundle(Config("/bin/true")), "over")
            #expect(created.status == 0, "\(created)")
            try bed.runtime("start", "over")
            #expect(try poll(10) { try bed.runtime("state", "over").output.contains("stopped") })
            let table = try bed.runtime("ps", "over")
            #expect(table.status == 0 && table.output == "" && table.errors == "", "\(table)")
            let json = try bed.runtime("ps", "-f", "json", "over")
            #expect(json.status == 0 && json.output == "[]\n" && json.errors == "", "\(json)")
            for refused in [
                try bed.runtime("pause", "over"), try bed.runtime("update", "over", "--pids-limit", "3"),
                try bed.runtime("events", "over"),
            ] { #expect(refused.status == 1 && refused.errors.contains("container not running"), "\(refused)") }
            #expect(try bed.runtime("delete", "over").status == 0)
        }

        /// The pid namespace tells who belongs to a box that has no cgroup.
        @Test func knowsABoxWithoutACgroup() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("/bin/sh", "-c", "sleep 79 & exec workload trap TERM"))
            let box = try Command([
                Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "--cgroup-manager", "disabled", "run", "-b",
                bundle,
                "bare",
            ]).start(in: bed)
            try box.waitForOutput("ready")
            let table = try bed.runtime("ps", "bare", "-o", "pid,args")
            #expect(table.status == 0 && table.lines.count == 3 && table.output.contains("sleep 79"), "\(table)")
            for verb in ["pause", "events"] {
                let refused = try bed.runtime(verb, "bare")
                #expect(refused.status == 1 && refused.errors.contains("it has no cgroup"), "\(refused)")
            }
            let update = try bed.runtime("update", "bare", "--pids-limit", "5")
            #expect(update.status == 1 && update.errors.contains("--cgroup-manager is disabled"), "\(update)")
            let pid = try bed.runtime("ps", "-f", "json", "bare").output.dropFirst().prefix { $0 != "," }
            try bed.command("kill", "-TERM", String(pid))
            #expect(try box.wait().status == 0)
        }
    }

    @Suite struct CgroupManagers {
        private func run(_ manager: [String], _ change: (inout Config) -> Void = { _ in }) throws -> Outcome {
            let bed = try Bed.here
            var config = try Config("/bin/cat", "/proc/self/cgroup")
            change(&config)
            return try Command(
                [Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + manager
                    + ["run", "-b", bed.makeBundle(config), "managed"]
            ).start(in: bed).wait()
        }

        @Test func disabledMakesNone() throws {
            let bed = try Bed.here
            // Without a cgroup namespace the box sees where it is: where its runtime is.
            let outcome = try run(["--cgroup-manager=disabled"]) { $0.set("linux.namespaces.5", nil) }
            let own = try bed.command("cat", "/proc/self/cgroup")
            #expect(outcome.status == 0 && outcome.output == own.output, "\(outcome)")
        }

        @Test func disabledRefusesWhatNeedsOne() throws {
            let outcome = try run(["--cgroup-manager", "disabled"]) { $0.set("linux.resources.pids.limit", 7) }
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.errors.contains("linux.resources.pids.limit") && outcome.errors.contains("has no cgroup"))
        }

        @Test func disabledSaysThatAPathIsNotMade() throws {
            let outcome = try run(["--cgroup-manager", "disabled"]) { $0.set("linux.cgroupsPath", "/some/where") }
            #expect(
                outcome.status == 0 && outcome.errors.contains("warning: linux.cgroupsPath: /some/where"), "\(outcome)")
        }

        @Test func anUnknownOneIsRefused() throws {
            let outcome = try run(["--cgroup-manager", "magic"])
            #expect(outcome.status == 1 && outcome.errors.contains("magic is no cgroup manager"), "\(outcome)")
        }
    }
}
