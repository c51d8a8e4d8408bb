import TestBed
import Testing

extension HostBed {
    /// `process` of config.json, and what of `linux` is about one process.
    @Suite struct BundleProcess {
        private func run(_ command: String, _ change: (inout Config) -> Void) throws -> Outcome {
            var config = try Config("sh", "-c", command)
            change(&config)
            try Bed.here.command("rm", "-rf", Bed.here.directory + "/bundle")
            return try Bed.here.runtime("run", "--bundle", try Bed.here.makeBundle(config), "box")
        }

        @Test func ofEqualVariablesTheLastOneCounts() throws {
            let outcome = try run("env") {
                $0.set("process.env", ["A=1", "PATH=/bin", "B=2", "A=3", "HOME=", "HOME=/x"])
            }
            #expect(outcome.lines.filter { $0.hasPrefix("A=") } == ["A=3"], "\(outcome)")
            #expect(outcome.lines.contains("HOME=/x"), "\(outcome)")
        }

        @Test(arguments: [(0, "/root"), (1000, "/home/box"), (77, "/")])
        func homeIsThePasswdFiles(user: Int, home: String) throws {
            let outcome = try run("echo $HOME") {
                $0.set("process.env", user == 0 ? ["PATH=/bin", "HOME="] : ["PATH=/bin"])
                $0.set("process.user.uid", user)
            }
            #expect(outcome.output == home + "\n", "\(outcome)")
        }

        /// The file is the box's: a link in its place leads nowhere, and what a mount puts there counts.
        @Test func thePasswdFileIsTheBoxs() throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "echo $HOME")
            config.set("process.env", ["PATH=/bin"])
            let outside = try bed.makeOutside()
            try bed.write("root:x:0:0::/host:\n", to: outside + "/passwd")
            let bundle = try bed.makeBundle(config)
            for target in [outside + "/passwd", "/dev/zero", "../../../../../../.." + outside + "/passwd"] {
                try bed.command("ln", "-sf", target, bundle + "/rootfs/etc/passwd")
                let outcome = try bed.runtime("run", "--bundle", bundle, "box")
                #expect(outcome.output == "/\n", "\(target): \(outcome)")
            }
            try bed.command("rm", bundle + "/rootfs/etc/passwd")
            config.set(
                "mounts.+",
                ["destination": "/etc/passwd", "type": "bind", "source": outside + "/passwd", "options": ["bind"]])
            try bed.write(config.text(), to: bundle + "/config.json")
            let bound = try bed.runtime("run", "--bundle", bundle, "box")
            #expect(bound.output == "/host\n", "\(bound)")
        }

        /// One of root and the user has to get there.
        @Test func theDirectoryIsThereAndInside() throws {
            let bed = try Bed.here
            var config = try Config("pwd")
            config.set("process.user", ["uid": 1000, "gid": 1000])
            config.set("process.cwd", "/closed/own")
            let bundle = try bed.makeBundle(config)
            try bed.hostShell("cd $1/rootfs; mkdir -p closed/own; chmod 700 closed; ln -s /proc/self/fd link", bundle)
            let outcome = try bed.runtime("run", "--bundle", bundle, "box")
            #expect(outcome.output == "/closed/own\n", "\(outcome)")
            for path in ["/none", "/bin/sh", "/link/3"] {
                config.set("process.cwd", path)
                try bed.write(config.text(), to: bundle + "/config.json")
                let refused = try bed.runtime("run", "--bundle", bundle, "box")
                #expect(refused.status == 1 && refused.errors.contains("process.cwd"), "\(refused)")
            }
        }

        @Test(arguments: [
            ("MPOL_DEFAULT", "", [], "default"), ("MPOL_BIND", "0", [], "bind:0"),
            ("MPOL_PREFERRED", "0", [], "prefer:0"), ("MPOL_INTERLEAVE", "0", [], "interleave:0"),
            ("MPOL_PREFERRED_MANY", "0", [], "prefer (many):0"), ("MPOL_LOCAL", "", [], "local"),
            ("MPOL_WEIGHTED_INTERLEAVE", "0", [], "weighted interleave:0"),
            ("MPOL_BIND", "0", ["MPOL_F_STATIC_NODES"], "bind=static:0"),
            ("MPOL_INTERLEAVE", "0", ["MPOL_F_RELATIVE_NODES"], "interleave=relative:0"),
            ("MPOL_BIND", "0", ["MPOL_F_NUMA_BALANCING"], "bind"),
        ])
        func memoryPolicyIsTheKernels(mode: String, nodes: String, flags: [String], shown: String) throws {
            let outcome = try run("head -n 1 /proc/self/numa_maps") {
                $0.set("linux.memoryPolicy", ["mode": mode, "nodes": nodes, "flags": flags] as [String: Any])
            }
            #expect(outcome.output.contains(" \(shown)"), "\(outcome)")
        }

        @Test(arguments: [("MPOL_BIND", ""), ("MPOL_LOCAL", "0"), ("MPOL_BIND", "5000"), ("MPOL_BIND", "999")])
        func aMemoryPolicyThatCannotBeIsRefused(mode: String, nodes: String) throws {
            let outcome = try run("echo ran") { $0.set("linux.memoryPolicy", ["mode": mode, "nodes": nodes]) }
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("linux.memoryPolicy"), "\(outcome)")
        }

        @Test func personalitySchedulerAndIOPriorityHold() throws {
            let outcome = try run("uname -m; cat /proc/self/personality; cut -d ' ' -f 41,19 /proc/self/stat") {
                $0.set("linux.personality", ["domain": "LINUX32"])
                $0.set("process.scheduler", ["policy": "SCHED_BATCH", "nice": 5] as [String: Any])
                $0.set("process.ioPriority", ["class": "IOPRIO_CLASS_IDLE", "priority": 3] as [String: Any])
            }
            #expect(outcome.lines == ["i686", "00000008", "5 3"], "\(outcome)")
            #expect(outcome.status == 0, "\(outcome)")
        }

        /// Said of exec alone, it is no reason to refuse a box.
        @Test func execCPUAffinityIsNotTheInitProcesss() throws {
            let outcome = try run("grep Cpus_allowed_list /proc/self/status") {
                $0.set("process.execCPUAffinity", ["initial": "0", "final": "0"])
            }
            #expect(outcome.status == 0 && outcome.output.contains("0-1"), "\(outcome)")
            let wrong = try run("true") { $0.set("process.execCPUAffinity", ["initial": "0-x"]) }
            #expect(wrong.status == 1 && wrong.errors.contains("process.execCPUAffinity.initial"), "\(wrong)")
        }

        @Test func limitsThatStandTwiceAreRefused() throws {
            let outcome = try run("true") { config in
                for _ in 0..<2 {
                    config.set("process.rlimits.+", ["type": "RLIMIT_CORE", "soft": 0, "hard": 0] as [String: Any])
                }
            }
            #expect(outcome.status == 1 && outcome.errors.contains("process.rlimits[1]"), "\(outcome)")
        }

        @Test func aCapabilityThatTheKernelDoesNotKnowIsLeftOut() throws {
            let outcome = try run("echo ran") { $0.set("process.capabilities.bounding.+", "CAP_FUTURE") }
            #expect(
                outcome.output == "ran\n" && outcome.errors.contains("warning") && outcome.errors.contains("CAP_FUTURE")
            )
        }

        @Test func devicesHaveTheirModeAndOwner() throws {
            let outcome = try run("stat -c '%a %u %g %t %T %F' /dev/own /dev/pipe; ls -l /dev/fd /dev/ptmx") {
                $0.set(
                    "linux.devices.+",
                    ["type": "c", "path": "/dev/own", "major": 1, "minor": 5, "fileMode": 0o640, "uid": 7, "gid": 8]
                        as [String: Any])
                $0.set(
                    "linux.devices.+", ["type": "p", "path": "/dev/pipe", "fileMode": 0o600] as [String: Any])
            }
            #expect(
                outcome.lines.prefix(2) == ["640 7 8 1 5 character special file", "600 0 0 0 0 fifo"], "\(outcome)")
        }

        /// Nodes of the host cannot be given away: what they keep is said.
        @Test func devicesOfAUserNamespaceKeepTheHosts() throws {
            let outcome = try run("echo x >/dev/own; ls -l /dev/pipe | cut -c 1-10") { config in
                config.set("linux.namespaces.+", ["type": "user"])
                for name in ["uid", "gid"] {
                    config.set("linux.\(name)Mappings", [["containerID": 0, "hostID": 100000, "size": 65536]])
                }
                config.set(
                    "linux.devices.+",
                    ["type": "c", "path": "/dev/null", "major": 1, "minor": 3, "fileMode": 0o600] as [String: Any])
                config.set("linux.devices.+", ["type": "p", "path": "/dev/pipe"])
            }
            #expect(outcome.output == "prw-rw-rw-\n" && outcome.errors.contains("/dev/null keeps"), "\(outcome)")
        }
    }
}
