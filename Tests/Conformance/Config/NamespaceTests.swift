import BoxSystem
import Glibc
import TestBed
import Testing

extension Conformance {
    /// `linux.namespaces`, id mappings and time offsets.
    @Suite struct Namespaces {
        private static let list = "for n in /proc/self/ns/*; do echo \"${n##*/}=$(readlink $n)\"; done"

        private func ownNamespaces() throws -> [String: String] { try Bed.here.command("sh", "-c", Self.list).facts }

        @Test func namespacesThatAreAskedForAreNew() throws {
            let outcome = try Bed.here.container(Config(script: Self.list)).run()
            outcome.expect()
            let own = try ownNamespaces()
            for kind in ["pid", "net", "ipc", "uts", "mnt", "cgroup"] {
                #expect(outcome.facts[kind] != nil && outcome.facts[kind] != own[kind], "\(kind): \(outcome)")
            }
            for kind in ["user", "time"] { #expect(outcome.facts[kind] == own[kind], "\(kind): \(outcome)") }
        }

        @Test func namespacesThatAreNotAskedForAreShared() throws {
            var config = try Config(script: Self.list)
            config.set("linux.namespaces", [["type": "mount"]])
            config.set("hostname", nil)
            config.set("linux.maskedPaths", nil)
            config.set("linux.readonlyPaths", nil)
            // A host's own instances of these cannot be mounted anew in its namespaces.
            config.set("mounts.6", nil)
            let outcome = try Bed.here.container(config).run()
            outcome.expect()
            let own = try ownNamespaces()
            for kind in ["pid", "net", "ipc", "uts", "user", "time", "cgroup"] {
                #expect(outcome.facts[kind] == own[kind], "\(kind): \(outcome)")
            }
            #expect(outcome.facts["mnt"] != own["mnt"])
        }

        /// The namespaces of a process that the test keeps.
        @Test func namespacesThatArePathsAreJoined() throws {
            let bed = try Bed.here
            let keeper = try Command([
                "unshare", "--net", "--ipc", "--uts", "--cgroup", "sh", "-c",
                "\(Self.list); echo ready; exec sleep 1000",
            ]).start(in: bed)
            defer { keeper.signal(SIGKILL) }
            try keeper.waitForOutput("ready")
            var kept: [String: String] = [:]
            for line in keeper.output.split(separator: "\n") {
                let halves = line.split(separator: "=").map(String.init)
                if halves.count == 2 { kept[halves[0]] = halves[1] }
            }
            var config = try Config(script: Self.list)
            let paths = [("network", "net"), ("ipc", "ipc"), ("uts", "uts"), ("cgroup", "cgroup")]
            config.set(
                "linux.namespaces",
                [["type": "mount"], ["type": "pid"]]
                    + paths.map { ["type": $0.0, "path": "/proc/\(keeper.pid)/ns/\($0.1)"] })
            config.set("hostname", nil)
            let outcome = try bed.container(config).run()
            outcome.expect()
            for (_, kind) in paths { #expect(outcome.facts[kind] == kept[kind], "\(kind): \(outcome)") }
            keeper.signal(SIGKILL)
            try keeper.wait()
        }

        @Test func pidNamespaceOfAnotherContainer() throws {
            let bed = try Bed.here
            let first = try bed.container(Config("/bin/workload", "sleep-forever"), id: "first")
            _ = try first.launch()
            var config = try Config(script: "readlink /proc/self/ns/pid; cat /proc/1/cmdline | tr '\\0' ' '")
            let pid = try first.pid
            config.set("linux.namespaces.0", ["type": "pid", "path": "/proc/\(pid)/ns/pid"])
            let outcome = try bed.container(config, id: "second").run()
            #expect(outcome.status == 0 && outcome.output.contains("workload sleep-forever"), "\(outcome)")
        }

        @Test func pathOfAnotherKindIsRefused() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                (
                    "linux.namespaces",
                    plain.with("linux.namespaces.1", ["type": "network", "path": "/proc/self/ns/uts"])
                ),
                ("linux.namespaces", plain.with("linux.namespaces.1", ["type": "network", "path": "/etc/passwd"])),
                ("linux.namespaces", plain.with("linux.namespaces.1", ["type": "network", "path": "/no/such/path"])),
            ])
        }

        @Test func badNamespaces() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.namespaces", plain.with("linux.namespaces.+", ["type": "pid"])),
                ("linux.namespaces", plain.with("linux.namespaces.+", ["type": "hats"])),
                ("linux.namespaces", plain.with("linux.namespaces.+", ["path": "/proc/self/ns/uts"])),
            ])
        }

        @Test func userNamespaceAndItsMappings() throws {
            let bed = try Bed.here
            var config = try Config(
                script: """
                    echo "uids=$(tr -s ' ' </proc/self/uid_map)"; echo "gids=$(tr -s ' ' </proc/self/gid_map)"
                    echo "id=$(id -u):$(id -g)"; echo "groups=$(cat /proc/self/setgroups)"; echo "null=$(stat -c %u:%g /dev/null)"
                    touch /made && echo made=yes
                    """)
            config.set("linux.namespaces.+", ["type": "user"])
            config.set(
                "linux.uidMappings",
                [["containerID": 0, "hostID": 700000, "size": 5000], ["containerID": 6000, "hostID": 0, "size": 1]])
            config.set("linux.gidMappings", [["containerID": 0, "hostID": 800000, "size": 6000]])
            config.set("mounts.6", nil)
            let box = try bed.container(config)
            try bed.openWay(to: box.bundle)
            try bed.command("chown", "-R", "700000:800000", box.rootfs)
            try box.run().expect([
                "uids": " 0 700000 5000", "gids": " 0 800000 6000", "id": "0:0", "groups": "allow", "made": "yes",
            ])
        }

        @Test func badMappings() throws {
            let user = try Config("/bin/true").with("linux.namespaces.+", ["type": "user"])
            let good = [["containerID": 0, "hostID": 1000, "size": 10]]
            try Bed.here.expectRefusals(of: [
                ("linux.uidMappings", Config("/bin/true").with("linux.uidMappings", good)),
                ("linux.uidMappings", user),
                (
                    "linux.uidMappings",
                    user.with("linux.gidMappings", good).with(
                        "linux.uidMappings", [good[0], ["containerID": 5, "hostID": 5000, "size": 10]])
                ),
                (
                    "linux.uidMappings",
                    user.with("linux.gidMappings", good).with(
                        "linux.uidMappings", [["containerID": 0, "hostID": 0, "size": 0]])
                ),
            ])
        }

        @Test func timeNamespaceAndItsOffsets() throws {
            var config = try Config(script: "tr -s ' \\t' '  ' </proc/self/timens_offsets; cut -d. -f1 /proc/uptime")
            config.set("linux.namespaces.+", ["type": "time"])
            config.set(
                "linux.timeOffsets",
                ["boottime": ["secs": 1_000_000, "nanosecs": 5], "monotonic": ["secs": 2_000_000]])
            let outcome = try Bed.here.container(config).run()
            outcome.expect()
            #expect(
                outcome.output.contains("monotonic 2000000 0") && outcome.output.contains("boottime 1000000 5"),
                "\(outcome)")
            #expect(Int(outcome.lines.last ?? "").map { $0 > 1_000_000 } == true, "\(outcome)")
        }

        @Test func timeOffsetsInAUserNamespace() throws {
            let bed = try Bed.here
            var config = try Config(script: "cut -d. -f1 /proc/uptime")
            config.set("linux.namespaces.+", ["type": "time"])
            config.set("linux.namespaces.+", ["type": "user"])
            config.set("linux.uidMappings", [["containerID": 0, "hostID": 700000, "size": 5000]])
            config.set("linux.gidMappings", [["containerID": 0, "hostID": 700000, "size": 5000]])
            config.set("mounts.6", nil)
            config.set("linux.timeOffsets", ["boottime": ["secs": 1_000_000]])
            let box = try bed.container(config)
            try bed.openWay(to: box.bundle)
            let outcome = try box.run()
            #expect(Int(outcome.lines.last ?? "").map { $0 > 1_000_000 } == true, "\(outcome)")
        }

        @Test func timeOffsetsWithoutTheirNamespace() throws {
            try Bed.here.expectRefusals(of: [
                ("linux.timeOffsets", Config("/bin/true").with("linux.timeOffsets", ["boottime": ["secs": 5]]))
            ])
        }
    }
}
