import Glibc
import TestBed
import Testing

extension Conformance {
    /// `sysctl`, `intelRdt`, `memoryPolicy`, annotations, unknown keys and wrong types.
    @Suite struct Other {
        @Test func sysctlsOfNamespaces() throws {
            let bed = try Bed.here
            let names = [
                "net.ipv4.ip_forward": "1", "kernel.msgmax": "4096", "kernel.shm_rmid_forced": "1",
                "fs.mqueue.msg_max": "20",
                "net.ipv4.ping_group_range": "0\t0", "kernel.sem": "250\t32000\t100\t128",
            ]
            var config = try Config(
                script: names.keys.map { "echo \"\($0)=$(cat /proc/sys/\($0.replacing(".", with: "/")))\"" }.joined(
                    separator: "; "))
            config.set("linux.sysctl", names.mapValues { $0.replacing("\t", with: " ") })
            try bed.container(config).run().expect(names)
        }

        /// Of the host, of a namespace that is shared, or no name at all.
        @Test func sysctlsThatAreNotTheContainers() throws {
            let bed = try Bed.here
            let plain = try Config("/bin/true")
            let shared = plain.with(
                "linux.namespaces", [["type": "mount"], ["type": "pid"], ["type": "uts"], ["type": "cgroup"]])
            try bed.expectRefusals(of: [
                ("linux.sysctl", plain.with("linux.sysctl", ["vm.swappiness": "10"])),
                ("linux.sysctl", plain.with("linux.sysctl", ["kernel.core_pattern": "|/evil"])),
                ("linux.sysctl", shared.with("linux.sysctl", ["net.ipv4.ip_forward": "1"])),
                ("linux.sysctl", shared.with("linux.sysctl", ["kernel.msgmax": "4096"])),
                ("linux.sysctl", plain.with("linux.sysctl", ["net.ipv4.no_such_name": "1"])),
                ("linux.sysctl", plain.with("linux.sysctl", ["net/../../kernel/core_pattern": "1"])),
            ])
        }

        @Test func memoryPolicyOfTheContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config("/bin/workload", "attributes").with(
                    "linux.memoryPolicy", ["mode": "MPOL_INTERLEAVE", "nodes": "0"]))
            try box.run().expect(["memory_mode": "3", "memory_nodes": "1"])
            try box.write(
                Config("/bin/workload", "attributes")
                    .with(
                        "linux.memoryPolicy",
                        ["mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]] as [String: Any]))
            let outcome = try box.run()
            // MPOL_BIND is 2; get_mempolicy(2) gives the flag back as bit 15.
            outcome.expect(["memory_mode": "\(2 | 1 << 15)"])
        }

        @Test func badMemoryPolicies() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.memoryPolicy", plain.with("linux.memoryPolicy", ["mode": "MPOL_LUCK", "nodes": "0"])),
                ("linux.memoryPolicy", plain.with("linux.memoryPolicy", ["mode": "MPOL_BIND", "nodes": "0-"])),
                (
                    "linux.memoryPolicy",
                    plain.with(
                        "linux.memoryPolicy",
                        ["mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_X"]] as [String: Any])
                ),
                ("linux.memoryPolicy", plain.with("linux.memoryPolicy", ["nodes": "0"])),
            ])
        }

        /// Where the processor has no RDT, what is asked for cannot be had.
        @Test func intelRdtWithoutTheHardware() throws {
            guard access("/sys/fs/resctrl/schemata", F_OK) != 0 else { return }
            try Bed.here.expectRefusals(of: [
                ("linux.intelRdt", Config("/bin/true").with("linux.intelRdt", ["l3CacheSchema": "L3:0=ffff"]))
            ])
        }

        /// "Runtimes ... MUST NOT generate an error if they encounter an unknown property".
        @Test func unknownKeysAreIgnored() throws {
            var config = try Config("/bin/workload", "status")
            config.set("org.example", ["x": 1])
            config.set("process.hats", [1, 2])
            config.set("linux.resources", ["hats": ["limit": 5]])
            config.set("mounts.0.hats", "three")
            config.set("windows", ["layerFolders": ["x"]])
            config.set("annotations", ["org.example.key": "value", "": "x"].filter { !$0.key.isEmpty })
            try Bed.here.container(config).run().expect(["pid": "1"])
        }

        @Test func versionOfTheConfiguration() throws {
            let plain = try Config("/bin/true")
            let box = try Bed.here.container(plain)
            for version in ["1.0.0", "1.0.2-dev", "1.1.0+dev", "1.2.0", "1.3.0"] {
                try box.write(plain.with("ociVersion", version))
                #expect(try box.run().status == 0, "\(version)")
            }
        }

        @Test func badVersionsOfTheConfiguration() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("ociVersion", plain.with("ociVersion", nil)), ("ociVersion", plain.with("ociVersion", "2.0.0")),
                ("ociVersion", plain.with("ociVersion", "hats")), ("ociVersion", plain.with("ociVersion", 1)),
            ])
        }

        @Test func wrongTypes() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("process", plain.with("process", [1])), ("mounts", plain.with("mounts", ["destination": "/x"])),
                ("linux.namespaces", plain.with("linux.namespaces", "pid")),
                ("root.readonly", plain.with("root.readonly", "no")),
                ("linux.maskedPaths", plain.with("linux.maskedPaths", [1])), ("hostname", plain.with("hostname", 5)),
                ("annotations", plain.with("annotations", ["a": 1])),
                ("linux.sysctl", plain.with("linux.sysctl", ["net.ipv4.ip_forward": 1])),
            ])
        }

        /// Ours say line and column, for whoever wrote the file.
        @Test func mistakesHaveAPlace() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try bed.write(
                "{\n  \"ociVersion\": \"1.0.2\",\n  \"process\": {\"cwd\": 5}\n}\n", to: box.bundle + "/config.json")
            let outcome = try box.run()
            outcome.expectFailure(saying: "process.cwd")
            outcome.expectFailure(saying: "3")
        }
    }
}
