import TestBed
import Testing

extension Conformance {
    /// `process` of config.json: who the first process is.
    @Suite struct Process {
        @Test func identityOfTheProcess() throws {
            var config = try Config("/bin/workload", "status")
            config.set("process.user", ["uid": 1000, "gid": 1001, "additionalGids": [2000, 3000], "umask": 0o027])
            config.set("process.cwd", "/tmp")
            config.set("process.oomScoreAdj", 321)
            config.set("hostname", "crate")
            config.set("process.capabilities", nil)
            try Bed.here.container(config).run().expect([
                "uid": "1000", "euid": "1000", "gid": "1001", "egid": "1001", "groups": "2000 3000 ", "Umask": "0027",
                "cwd": "/tmp", "oom_score_adj": "321", "hostname": "crate", "NoNewPrivs": "1", "pid": "1",
                "fds": "0 1 2 ", "CapEff": "0000000000000000", "Threads": "1",
            ])
        }

        /// capabilities(7): for another user than root, what survives execve is the ambient set.
        @Test func capabilitySets() throws {
            let bed = try Bed.here
            var config = try Config("/bin/workload", "status")
            config.set("process.user", ["uid": 1000, "gid": 1000])
            config.set(
                "process.capabilities",
                [
                    "bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], "permitted": ["CAP_KILL", "CAP_NET_RAW"],
                    "effective": ["CAP_KILL"], "inheritable": ["CAP_CHOWN", "CAP_NET_RAW"], "ambient": ["CAP_NET_RAW"],
                ])
            let box = try bed.container(config)
            try box.run().expect([
                "CapBnd": "0000000000002021", "CapInh": "0000000000002001", "CapAmb": "0000000000002000",
                "CapPrm": "0000000000002000", "CapEff": "0000000000002000",
            ])
            config.set("process.user", ["uid": 0, "gid": 0])
            config.set("process.capabilities", ["bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"]])
            try box.write(config)
            try box.run().expect([
                "CapBnd": "0000000000000020", "CapInh": "0000000000000000", "CapPrm": "0000000000000020",
                "CapAmb": "0000000000000000",
            ])
            config.set("process.capabilities", [String: [String]]())
            try box.write(config)
            try box.run().expect(["CapBnd": "0000000000000000", "CapPrm": "0000000000000000"])
        }

        /// "Any value which cannot be mapped to a relevant kernel interface ... MUST be logged as a warning".
        @Test func unknownCapabilityIsAWarning() throws {
            var config = try Config("/bin/workload", "status")
            let asked = ["CAP_KILL", "CAP_UNHEARD_OF"]
            config.set("process.capabilities", ["bounding": asked, "permitted": asked, "effective": asked])
            let outcome = try Bed.here.container(config).run()
            outcome.expect(["CapBnd": "0000000000000020"])
            #expect(outcome.errors.contains("CAP_UNHEARD_OF"), "\(outcome)")
        }

        /// All sixteen, by setrlimit(2) and by what /proc says.
        @Test func resourceLimits() throws {
            let limits = [
                ("AS", "Max address space", 1 << 36, 1 << 37), ("CORE", "Max core file size", 0, 0),
                ("CPU", "Max cpu time", 100, 200), ("DATA", "Max data size", 1 << 33, 1 << 34),
                ("FSIZE", "Max file size", 1 << 20, 1 << 21), ("LOCKS", "Max file locks", 10, 20),
                ("MEMLOCK", "Max locked memory", 4096, 8192), ("MSGQUEUE", "Max msgqueue size", 1000, 2000),
                ("NICE", "Max nice priority", 0, 0), ("NOFILE", "Max open files", 128, 256),
                ("NPROC", "Max processes", 500, 600), ("RSS", "Max resident set", 1 << 32, 1 << 33),
                ("RTPRIO", "Max realtime priority", 0, 0), ("RTTIME", "Max realtime timeout", 1_000_000, 2_000_000),
                ("SIGPENDING", "Max pending signals", 50, 60), ("STACK", "Max stack size", 1 << 20, 1 << 21),
            ]
            var config = try Config(script: "sed 's/   */|/g' /proc/self/limits")
            config.set(
                "process.rlimits",
                limits.map { ["type": "RLIMIT_" + $0.0, "soft": $0.2, "hard": $0.3] as [String: Any] })
            let outcome = try Bed.here.container(config).run()
            for (_, title, soft, hard) in limits {
                let said = outcome.lines.contains { $0.hasPrefix("\(title)|\(soft)|\(hard)") }
                #expect(said, "\(title) \(soft) \(hard): \(outcome)")
            }
        }

        @Test func badResourceLimits() throws {
            let plain = try Config("/bin/workload", "status")
            let number = ["type": "RLIMIT_NOFILE", "soft": 10, "hard": 20] as [String: Any]
            try Bed.here.expectRefusals(of: [
                ("process.rlimits", plain.with("process.rlimits", [number, number])),
                (
                    "process.rlimits",
                    plain.with("process.rlimits", [["type": "RLIMIT_HATS", "soft": 1, "hard": 1] as [String: Any]])
                ),
                (
                    "process.rlimits",
                    plain.with("process.rlimits", [["type": "RLIMIT_NOFILE", "soft": 9, "hard": 8] as [String: Any]])
                ),
            ])
        }

        @Test func environmentOfTheProcess() throws {
            let bed = try Bed.here
            var config = try Config("/bin/busybox", "env")
            config.set("process.env", ["PATH=/bin", "EMPTY=", "SPACE=a b=c"])
            config.set("process.user", ["uid": 1000, "gid": 1000])
            let box = try bed.container(config)
            let outcome = try box.run()
            let lines = Set(outcome.lines)
            #expect(lines.isSuperset(of: ["PATH=/bin", "EMPTY=", "SPACE=a b=c", "HOME=/home/box"]), "\(outcome)")
            config.set("process.env", ["PATH=/bin", "HOME="])
            try box.write(config)
            #expect(try box.run().lines.contains("HOME=/home/box"))
            config.set("process.env", ["PATH=/bin", "HOME=/elsewhere"])
            try box.write(config)
            #expect(try box.run().lines.contains("HOME=/elsewhere"))
        }

        @Test func lastOfTwoVariablesWins() throws {
            let config = try Config("/bin/busybox", "env")
                .with("process.env", ["PATH=/bin", "TWICE=first", "TWICE=last"])
            let outcome = try Bed.here.container(config).run()
            #expect(outcome.lines.filter { $0.hasPrefix("TWICE") } == ["TWICE=last"], "\(outcome)")
        }

        @Test func programIsLookedUpInThePathOfTheContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config("workload", "status").with("process.env", ["PATH=/nowhere:/bin"]))
            try box.run().expect(["pid": "1"])
            try box.write(Config("workload", "status").with("process.env", ["PATH=/nowhere"]))
            try box.run().expectFailure(saying: "workload")
            try box.write(Config("./workload", "status").with("process.cwd", "/bin"))
            try box.run().expect(["cwd": "/bin"])
        }

        @Test func programsThatCannotRun() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/missing"))
            for (program, word) in [("/bin/missing", "missing"), ("/etc/passwd", "passwd"), ("/etc", "etc")] {
                try box.write(Config(program))
                try box.run().expectFailure(saying: word, status: 1)
                #expect(try box.call("state").status != 0)
            }
            try bed.expectRefusals(of: [
                ("process.args", Config("/bin/true").with("process.args", [String]())),
                ("process.args", Config("/bin/true").with("process.args", nil)),
            ])
        }

        @Test func directoryOfTheProcess() throws {
            let bed = try Bed.here
            try bed.expectRefusals(of: [
                ("process.cwd", Config("/bin/true").with("process.cwd", "tmp")),
                ("process.cwd", Config("/bin/true").with("process.cwd", nil)),
            ])
        }

        @Test func missingDirectoryIsRefused() throws {
            try Bed.here.expectRefusals(of: [
                ("process.cwd", Config("/bin/true").with("process.cwd", "/not/there"))
            ])
        }

        @Test func newPrivilegesMayBeAllowed() throws {
            try Bed.here.container(Config("/bin/workload", "status").with("process.noNewPrivileges", false)).run()
                .expect(["NoNewPrivs": "0"])
        }

        @Test func schedulerOfTheProcess() throws {
            let bed = try Bed.here
            var config = try Config("/bin/workload", "attributes")
            config.set("process.scheduler", ["policy": "SCHED_BATCH", "nice": 5])
            let box = try bed.container(config)
            try box.run().expect(["policy": "3", "sched_nice": "5"])
            config.set(
                "process.scheduler", ["policy": "SCHED_FIFO", "priority": 7, "flags": ["SCHED_FLAG_RESET_ON_FORK"]])
            try box.write(config)
            try box.run().expect(["policy": "1", "priority": "7", "sched_flags": "1"])
            config.set("process.scheduler", ["policy": "SCHED_IDLE"])
            try box.write(config)
            try box.run().expect(["policy": "5"])
        }

        @Test func ioPriorityOfTheProcess() throws {
            let box = try Bed.here.container(
                Config("/bin/workload", "attributes")
                    .with("process.ioPriority", ["class": "IOPRIO_CLASS_BE", "priority": 3]))
            try box.run().expect(["io_class": "2", "io_level": "3"])
            try box.write(
                Config("/bin/workload", "attributes")
                    .with("process.ioPriority", ["class": "IOPRIO_CLASS_IDLE", "priority": 0]))
            try box.run().expect(["io_class": "3"])
        }

        /// Since 1.1 and 1.2 of the specification.
        @Test func badScheduling() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("process.scheduler", plain.with("process.scheduler", ["policy": "SCHED_LUCK"])),
                (
                    "process.scheduler",
                    plain.with("process.scheduler", ["policy": "SCHED_BATCH", "flags": ["SCHED_FLAG_X"]])
                ),
                ("process.scheduler", plain.with("process.scheduler", ["policy": "SCHED_FIFO", "priority": 1000])),
                ("process.ioPriority", plain.with("process.ioPriority", ["class": "IOPRIO_CLASS_X", "priority": 1])),
                ("process.ioPriority", plain.with("process.ioPriority", ["class": "IOPRIO_CLASS_BE", "priority": 9])),
            ])
        }

        @Test func badNumbersOfAProcess() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("process.user.uid", plain.with("process.user.uid", -1)),
                ("process.user.gid", plain.with("process.user.gid", 1 << 33)),
                ("process.user.additionalGids", plain.with("process.user.additionalGids", [1, -2])),
                ("process.oomScoreAdj", plain.with("process.oomScoreAdj", 1001)),
                ("process.oomScoreAdj", plain.with("process.oomScoreAdj", "high")),
                ("process.args", plain.with("process.args", "/bin/true")),
                ("process.env", plain.with("process.env", ["PATH=/bin", 7] as [Any])),
                ("process.noNewPrivileges", plain.with("process.noNewPrivileges", "yes")),
            ])
        }

        /// A kernel without SELinux cannot set a label, and one without such a profile cannot confine.
        @Test func labelsThatCannotBeSet() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("process.selinuxLabel", plain.with("process.selinuxLabel", "system_u:system_r:container_t:s0")),
                ("process.apparmorProfile", plain.with("process.apparmorProfile", "no-such-profile")),
            ])
        }
    }
}
