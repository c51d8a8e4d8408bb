import Glibc
import TestBed
import Testing

extension ConformanceInGuest {
    /// `update`.
    @Suite struct Update {
        private func box() throws -> Container {
            let box = try Bed.here.container(
                Config(
                    "/conformance-update",
                    ["memory": ["limit": 64 << 20], "pids": ["limit": 50], "cpu": ["shares": 1024]]))
            _ = try box.launch()
            return box
        }

        @Test func limitsByFlags() throws {
            let bed = try Bed.here
            let box = try box()
            let flags = [
                "--memory", "\(128 << 20)", "--memory-swap", "\(256 << 20)", "--memory-reservation", "\(64 << 20)",
                "--cpu-quota", "20000", "--cpu-period",
                "50000", "--cpu-share", "512", "--cpuset-cpus", "0", "--cpuset-mems", "0", "--pids-limit", "88",
            ]
            let outcome = try bed.runtimeCommand(["update"] + flags + [box.id]).start(in: bed).wait()
            #expect(outcome.status == 0, "\(outcome)")
            try expectFiles(
                "conformance-update",
                [
                    "memory.max": "\(128 << 20)", "memory.swap.max": "\(128 << 20)", "memory.low": "\(64 << 20)",
                    "cpu.max": "20000 50000", "cpuset.cpus": "0", "pids.max": "88",
                ])
        }

        /// Flags may follow the id.
        @Test func flagsBehindTheID() throws {
            let bed = try Bed.here
            let box = try box()
            try bed.oci("update", box.id, "--pids-limit", "44").expect()
            try expectFiles("conformance-update", ["pids.max": "44"])
        }

        @Test func limitsFromAFile() throws {
            let bed = try Bed.here
            let box = try box()
            let text =
                "{\"memory\": {\"limit\": 100000000}, \"pids\": {\"limit\": 33}, \"cpu\": {\"quota\": 10000, \"period\": 100000}}"
            try bed.write(text, to: bed.directory + "/resources.json")
            try bed.oci("update", "--resources", bed.directory + "/resources.json", box.id).expect()
            try expectFiles(
                "conformance-update", ["pids.max": "33", "cpu.max": "10000 100000", "memory.max": "99999744"])
            try bed.oci("update", "-r", "-", box.id, input: "{\"pids\": {\"limit\": 22}}").expect()
            try expectFiles("conformance-update", ["pids.max": "22", "cpu.max": "10000 100000"])
        }

        @Test func badUpdates() throws {
            let bed = try Bed.here
            let box = try box()
            for flags in [
                ["--pids-limit", "many"], ["--cpu-quota", "x"], ["--kernel-memory", "1000000"],
                ["--no-such-flag", "1"], ["--cpuset-cpus", "999"],
            ] {
                let outcome = try bed.runtimeCommand(["update"] + flags + [box.id]).start(in: bed).wait()
                #expect(outcome.status != 0, "\(flags): \(outcome)")
            }
            try expectFiles("conformance-update", ["pids.max": "50"])
            #expect(try bed.oci("update", "--pids-limit", "5", "no-such-box").status != 0)
        }

        @Test func ioLimitsByFlag() throws {
            let device = try Bed.here.command("stat", "-c", "%Hr:%Lr", "/dev/vda").output.filter { !$0.isNewline }
            let box = try box()
            let outcome = try Bed.here.oci("update", "--io-max", "\(device):rbps=1000000,wiops=50", box.id)
            outcome.expect()
            try expectFiles("conformance-update", ["io.max": "\(device) rbps=1000000 wbps=max riops=max wiops=50"])
        }

        @Test func updateOfABusyContainer() throws {
            let box = try box()
            try box.exec("/bin/true").expect()
            try Bed.here.oci("update", "--cpu-burst", "10000", "--cpu-quota", "20000", "--cpu-period", "50000", box.id)
                .expect()
            try expectFiles("conformance-update", ["cpu.max.burst": "10000"])
            #expect(try box.status == "running")
        }
    }

    /// AppArmor, and what needs more capabilities than the host has.
    @Suite struct Privileged {
        @Test func apparmorProfileIsSet() throws {
            try Bed.here.container(Config("/bin/workload", "status").with("process.apparmorProfile", "unconfined"))
                .run()
                .expect(["label": "unconfined"])
        }

        @Test func raisedResourceLimits() throws {
            let box = try Bed.here.container(
                Config("/bin/workload", "status").with(
                    "process.rlimits",
                    [
                        ["type": "RLIMIT_NOFILE", "soft": 100_000, "hard": 200_000] as [String: Any],
                        ["type": "RLIMIT_MEMLOCK", "soft": 1 << 30, "hard": 1 << 30],
                    ]))
            try box.run().expect(["rlimit.nofile": "100000:200000", "rlimit.memlock": "\(1 << 30):\(1 << 30)"])
        }

        @Test func outOfMemoryIsAnEvent() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config("/conformance-oom", ["memory": ["limit": 32 << 20, "swap": 32 << 20]])
                    .with(
                        "process.args",
                        ["/bin/sh", "-c", "read go </go; (/bin/workload eat-memory 100); exec sleep 1000"]))
            #expect(mkfifo(box.rootfs + "/go", 0o666) == 0)
            _ = try box.launch()
            let stream = try bed.runtimeCommand(["events", "--interval", "60s", box.id]).start(in: bed)
            defer { stream.signal(SIGKILL) }
            usleep(1_000_000)
            try bed.command("sh", "-c", "echo go >\(box.rootfs)/go").expect()
            try stream.waitForOutput("{\"type\":\"oom\",\"id\":\"one\"")
            try box.call("delete", "--force").expect()
        }
    }
}
