import Glibc
import TestBed
import Testing

extension Conformance {
    /// `kill`, `delete` and `list`.
    @Suite struct KillDeleteList {
        @Test func signalsByNameAndNumber() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "trap", "HUP", "USR1", "USR2", "WINCH", "INT"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            for (signal, name) in [
                ("HUP", "HUP"), ("SIGUSR1", "USR1"), ("12", "USR2"), ("28", "WINCH"), ("INT", "INT"),
            ] {
                let outcome = try box.kill(signal)
                #expect(outcome.status == 0, "\(signal): \(outcome)")
                try created.waitForOutput("got \(name)")
            }
            for signal in ["SIGHAT", "0x1", "-3", "999"] { #expect(try box.kill(signal).status != 0, "\(signal)") }
            #expect(try box.status == "running")
            // Without a signal it is TERM, which ends this workload.
            #expect(try box.call("kill").status == 0)
            try box.waitFor("stopped")
        }

        @Test func killOfAStoppedContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            _ = try box.launch()
            try box.waitFor("stopped")
            let outcome = try box.kill("TERM")
            #expect(outcome.status != 0 && outcome.errors.contains("not running"), "\(outcome)")
            #expect(try bed.oci("kill", "--all", box.id, "KILL").status == 0)
        }

        /// In a pid namespace that is not its own, the kernel does not end the rest with the first process.
        @Test func killOfEveryProcess() throws {
            let bed = try Bed.here
            let box = try bed.container(sharedPids("/bin/workload", "descend", "3"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            #expect(try bed.oci("kill", "--all", box.id, "KILL").status == 0)
            try box.waitFor("stopped")
            try box.call("delete").expect()
        }

        /// KILL of the first and delete reach all of the cgroup; the leak check sees what would be left.
        @Test func killReachesASharedPidNamespace() throws {
            let bed = try Bed.here
            let box = try bed.container(sharedPids("/bin/workload", "descend", "3"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            #expect(try box.kill("KILL").status == 0)
            try box.waitFor("stopped")
            try box.call("delete").expect()
        }

        @Test func forcedDeleteReachesASharedPidNamespace() throws {
            let bed = try Bed.here
            let box = try bed.container(sharedPids("/bin/workload", "descend", "3"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            #expect(try box.call("delete", "--force").status == 0)
            #expect(try box.call("state").status != 0)
        }

        private func sharedPids(_ arguments: String...) throws -> Config {
            try Config("/bin/true").with("process.args", arguments)
                .with(
                    "linux.namespaces",
                    [["type": "mount"], ["type": "ipc"], ["type": "network"], ["type": "uts"], ["type": "cgroup"]])
        }

        @Test func forcedDeleteOfAnything() throws {
            let bed = try Bed.here
            let unknown = try bed.oci("delete", "--force", "no-such-box")
            #expect(unknown.status == 0, "\(unknown)")
            #expect(try bed.oci("delete", "no-such-box").status != 0)
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            #expect(try bed.oci("delete", "-f", box.id).status == 0)
        }

        @Test func killAndDeleteByPattern() throws {
            let bed = try Bed.here
            let boxes = try ["web1", "web2", "other"].map {
                try bed.container(Config("/bin/workload", "sleep-forever"), id: $0)
            }
            for box in boxes { _ = try box.launch() }
            #expect(try bed.oci("kill", "--regex", "^web[0-9]$", "KILL").status == 0)
            for box in boxes[..<2] { try box.waitFor("stopped") }
            #expect(try boxes[2].status == "running")
            #expect(try bed.oci("delete", "--regex", "web.*").status == 0)
            #expect(try boxes.map { try $0.call("state").status == 0 } == [false, false, true])
        }

        @Test func listsOfContainers() throws {
            let bed = try Bed.here
            let none = try bed.oci("list", "-f", "json")
            #expect(none.status == 0 && ["null", "[]"].contains(none.output.filter { !$0.isWhitespace }), "\(none)")
            let first = try bed.container(
                Config("/bin/workload", "sleep-forever").with("annotations", ["k": "v"]), id: "first")
            _ = try first.launch()
            let second = try bed.container(Config("/bin/true"), id: "second")
            _ = try second.create()
            let listed = try Answer(bed.oci("list", "-f", "json").output)
            #expect(listed.count() == 2, "\(listed)")
            for (box, status) in [(first, "running"), (second, "created")] {
                let entry = try #require(try listed.list().first { $0["id"] == box.id })
                #expect(entry["status"] == status && entry["bundle"] == box.bundle, "\(listed)")
                #expect(
                    try entry["pid"] == "\(box.pid)" && entry.has("created") && entry["owner"] == "root", "\(listed)")
            }
            let table = try bed.oci("list")
            #expect(
                table.lines.count == 3 && table.lines[0].contains("ID") && table.output.contains("running"), "\(table)")
            let quiet = try bed.oci("list", "-q")
            #expect(quiet.lines.sorted() == ["first", "second"], "\(quiet)")
            try second.call("delete", "--force")
            #expect(try bed.oci("list", "-q").lines == ["first"])
        }
    }
}
