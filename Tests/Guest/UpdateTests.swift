import BoxSystem
import TestBed
import Testing

extension GuestBed {
    /// `update`: the limits of a box that runs. It does its work once it finds /go in its root.
    @Suite struct Updates {
        private func start(_ work: String, _ change: (inout Config) -> Void = { _ in }) throws -> Running {
            let bed = try Bed.here
            var config = try Config("/bin/sh", "-c", "echo waiting; until [ -e /go ]; do sleep 0.05; done; \(work)")
            change(&config)
            let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "-b"]
            let box = try Command(line + [bed.makeBundle(config), "changed"]).start(in: bed)
            try box.waitForOutput("waiting")
            return box
        }

        private func go() throws { try Bed.here.write("", to: Bed.here.directory + "/bundle/rootfs/go") }

        @discardableResult
        private func update(_ words: String..., json: String = "") throws -> Outcome {
            let bed = try Bed.here
            return try Command([Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "update", "changed"] + words)
                .start(in: bed, input: json).wait()
        }

        private func value(_ file: String) throws -> String {
            try Cgroups.words("swiftbox-changed/\(file)").joined(separator: " ")
        }

        private func end(_ box: Running) throws {
            try Bed.here.runtime("delete", "--force", "changed")
            try box.wait()
        }

        // MARK: they hold

        @Test(arguments: [(200, 32, 137, ""), (32, 200, 0, "ate 64\n")])
        func memoryHolds(from: Int, to: Int, status: Int, ate: String) throws {
            let box = try start("workload eat-memory 64 & until [ -e /done ]; do sleep 0.05; done; kill -9 $!; exit 0")
            {
                $0.set("linux.resources.memory.limit", from << 20)
            }
            #expect(try update("--memory", "\(to)m").status == 0)
            try go()
            if !ate.isEmpty {
                try box.waitForOutput(ate)
                try Bed.here.write("", to: Bed.here.directory + "/bundle/rootfs/done")
            }
            #expect(try box.wait().status == status)
            #expect(box.output == "waiting\n" + ate)
        }

        @Test(arguments: [(100, 10, "started 9 errno 11"), (10, 40, "started 39 errno 11")])
        func theNumberOfProcessesHolds(from: Int, to: Int, started: String) throws {
            let box = try start("exec workload fork-bomb 100") { $0.set("linux.resources.pids.limit", from) }
            #expect(try update("--pids-limit=\(to)").status == 0)
            try go()
            #expect(try box.wait().output == "waiting\n\(started)\n")
        }

        /// By the kernel's own count of periods, which goes on only while there is a quota and work.
        @Test(arguments: [(-1, 20_000, 0.2), (20_000, 80_000, 0.8)])
        func processorTimeHolds(from: Int, to: Int, share: Double) throws {
            let box = try start("exec workload burn 60") { $0.set("linux.resources.cpu.quota", from) }
            #expect(try update("--cpu-quota", "\(to)").status == 0)
            try go()
            let stat = "swiftbox-changed/cpu.stat"
            func counted(_ key: String) throws -> Double { try Cgroups.number(key, in: stat) ?? 0 }
            // The first that is throttled is the work that was asked for.
            #expect(try poll(30) { try counted("nr_throttled") > 2 })
            let (periods, used) = (try counted("nr_periods"), try counted("usage_usec"))
            #expect(try poll(30) { try counted("nr_periods") >= periods + 15 })
            let part = (try counted("usage_usec") - used) / (try counted("nr_periods") - periods) / 100_000
            #expect(isNear(part, share, within: 0.2), "\(part)")
            try end(box)
        }

        @Test func aDeviceCanBeOpenedFromThenOn() throws {
            let try_ = "head -c 1 /dev/disk >/dev/null 2>&1; echo $?"
            let box = try start("\(try_)") {
                $0.set(
                    "linux.devices", [["path": "/dev/disk", "type": "b", "major": 254, "minor": 0] as [String: Any]])
                $0.set("linux.resources.devices", [["allow": false] as [String: Any]])
                $0.set("process.args.2", "\(try_); echo waiting; until [ -e /go ]; do sleep 0.05; done; \(try_)")
            }
            #expect(box.output.hasPrefix("1\n"), "\(box.output)")
            let rule = #"{"allow":true,"type":"b","major":254,"minor":0,"access":"r"}"#
            let outcome = try update("-r", "-", json: "{\"devices\":[\(rule)]}")
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
            try go()
            #expect(try box.wait().output == "1\nwaiting\n0\n")
        }

        // MARK: every flag

        @Test func everyFlagIsReadBack() throws {
            let box = try start("true")
            let outcome = try update(
                "--memory", "64m", "--memory-swap", "96m", "--memory-reservation", "16m", "--cpu-share", "2048",
                "--cpu-quota", "50000", "--cpu-period", "200000", "--cpu-burst", "20000", "--cpuset-cpus", "1",
                "--cpuset-mems", "0", "--blkio-weight", "300", "--pids-limit", "50", "--io-max",
                "/dev/vda:rbps=1m,wiops=7")
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
            let wanted = [
                "memory.max": "67108864", "memory.swap.max": "33554432", "memory.low": "16777216", "cpu.weight": "174",
                "cpu.max": "50000 200000", "cpu.max.burst": "20000", "cpuset.cpus": "1", "cpuset.mems": "0",
                "io.weight": "default 2930", "pids.max": "50",
                "io.max": "254:0 rbps=1048576 wbps=max riops=max wiops=7",
            ]
            for (file, expected) in wanted { #expect(try value(file) == expected, "\(file)") }
            // What is not named stays, also where a file holds several values; idle takes the weight away, and gives it back.
            try update("--cpu-period", "100000", "--cpu-burst", "0", "--io-max", "254:0:rbps=max")
            #expect(try value("cpu.max") == "50000 100000" && value("cpu.max.burst") == "0")
            #expect(try value("io.max") == "254:0 rbps=max wbps=max riops=max wiops=7")
            try update("--cpu-idle", "1")
            #expect(try value("cpu.idle") == "1")
            try update("--cpu-idle", "0", "--cpu-share", "1024", "--memory-swap", "-1")
            #expect(try value("cpu.weight") == "100" && value("memory.swap.max") == "max")
            try end(box)
        }

        @Test func everythingOfAFileIsReadBack() throws {
            let box = try start("true")
            let json = """
                {"hugepageLimits":[{"pageSize":"2MB","limit":4194304}],"unified":{"memory.high":"50000000"},
                "memory":{"limit":0,"swap":0},"cpu":{"shares":0,"quota":0},"blockIO":{"weight":0},"pids":{"limit":33}}
                """
            let outcome = try update("--resources=-", "--pids-limit", "34", json: json)
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
            #expect(try value("hugetlb.2MB.max") == "4194304" && value("hugetlb.2MB.rsvd.max") == "4194304")
            // Rounded down to a page.
            #expect(try value("memory.high") == "49999872" && value("memory.max") == "max" && value("pids.max") == "34")
            try end(box)
        }

        // MARK: all or nothing

        private let watched = [
            "memory.max", "memory.swap.max", "memory.low", "memory.high", "cpu.weight", "cpu.max", "cpu.max.burst",
            "cpu.idle",
            "cpuset.cpus", "pids.max", "io.max", "io.weight", "hugetlb.2MB.max", "hugetlb.2MB.rsvd.max",
        ]
        private static let change = [
            "--memory", "90m", "--memory-swap", "100m", "--cpu-share", "300", "--cpu-quota", "30000", "--cpu-burst",
            "100",
            "--pids-limit", "21", "--blkio-weight", "77", "--io-max", "/dev/vda:rbps=2m,riops=5",
        ]

        private func limited(_ work: String) throws -> Running {
            try start(work) {
                $0.set("linux.resources.memory", ["limit": 64 << 20, "swap": 96 << 20, "reservation": 1 << 20])
                $0.set("linux.resources.cpu", ["shares": 512, "quota": 50000, "period": 100_000, "burst": 30000])
                $0.set("linux.resources.pids.limit", 40)
            }
        }

        private func files() throws -> [String] { try watched.map { try value($0) } }

        private func storedSpec() throws -> String { try File.text(of: Bed.here.stateRoot + "/changed/config.json") }

        @Test(arguments: [
            (["--io-max", "254:99:rbps=1m"], "", "--io-max 254:99:rbps=1m"),
            (["--cpuset-cpus", "77"], "", "--cpuset-cpus 77"),
            (["-r", "-"], #"{"unified":{"memory.high":"1","memory.nothing":"1"}}"#, "memory.nothing"),
            (["-r", "-"], #"{"rdma":{"mlx5_0":{"hcaHandles":3}}}"#, "linux.resources.rdma.mlx5_0"),
            (["-r", "-"], #"{"hugepageLimits":[{"pageSize":"3MB","limit":0}]}"#, "hugetlb.3MB.max"),
            (["--memory-swap", "10m"], "", "--memory-swap 10m"), (["--kernel-memory", "5m"], "", "--kernel-memory 5m"),
            (["--cpu-rt-runtime", "5"], "", "--cpu-rt-runtime 5"),
            (["--l3-cache-schema", "L3:0=f"], "", "--l3-cache-schema"),
            (["--mem-bw-schema", "MB:0=50"], "", "--mem-bw-schema"), (["--kernel-memory-tcp", "5m"], "", "cgroup v1"),
        ])
        func aFailureRestoresEverything(words: [String], json: String, name: String) throws {
            let box = try limited("true")
            // So that each has had a value before.
            try update("--blkio-weight", "300", "--io-max", "/dev/vda:rbps=1m", "--pids-limit", "40")
            let (before, spec) = (try files(), try storedSpec())
            let outcome = try Command(
                [Bed.binary("swiftbox-runtime"), "--root", Bed.here.stateRoot, "update", "changed"] + Self.change
                    + words
            ).start(in: Bed.here, input: json).wait()
            #expect(outcome.status == 1 && outcome.errors.contains(name), "\(outcome)")
            #expect(!outcome.errors.contains("not restored"), "\(outcome)")
            #expect(try files() == before)
            #expect(try storedSpec() == spec)
            try end(box)
        }

        /// The last step of all is the stored spec: by then the device program has been replaced, too.
        @Test func aSpecThatCannotBeStoredTakesEverythingBack() throws {
            let bed = try Bed.here
            let box = try limited("head -c 1 /dev/null >/dev/null && echo null; head -c 1 /dev/disk || echo refused")
            try update("--pids-limit", "40")
            let before = try files()
            let state = bed.stateRoot + "/changed"
            #expect(try bed.command("chattr", "+i", state).status == 0)
            let outcome = try update("-r", "-", "--pids-limit", "9", json: #"{"devices":[{"allow":true}]}"#)
            #expect(try bed.command("chattr", "-i", state).status == 0)
            #expect(outcome.status == 1 && outcome.errors.contains("cannot write the spec of the box"), "\(outcome)")
            #expect(try files() == before)
            try end(box)
        }

        @Test func checkBeforeUpdateRefusesALimitBelowWhatIsUsed() throws {
            let box = try start("true") {
                $0.set("linux.resources.memory", ["limit": 64 << 20, "checkBeforeUpdate": true])
            }
            let refused = try update("--memory", "8k")
            #expect(refused.status == 1 && refused.errors.contains("below what the box uses"), "\(refused)")
            #expect(try value("memory.max") == "67108864")
            #expect(try update("--memory", "32m").status == 0)
            try end(box)
        }

        // MARK: input

        @Test(arguments: [
            (
                "{\"memory\":{\"limit\":\"1\"}}",
                "standard input:1:20: linux.resources.memory.limit: must be a whole number"
            ),
            (
                "{\"memory\":\n{\"swappiness\":5}}",
                "standard input:2:15: linux.resources.memory.swappiness: exists only in cgroup v1"
            ),
            (
                "{\"cpu\":{\"period\":5}}",
                "standard input:1:18: linux.resources.cpu.period: must be from 1000 to 1000000"
            ),
            ("nothing", "standard input:1:2: not JSON"),
        ])
        func aFileIsToldWhereItIsWrong(json: String, message: String) throws {
            let box = try start("true")
            let outcome = try update("-r", "-", json: json)
            #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome)")
            try end(box)
        }

        @Test func saysWhenThereIsNothingToDo() throws {
            let box = try start("true")
            let outcome = try update()
            #expect(outcome.status == 1 && outcome.errors.contains("changes nothing"), "\(outcome)")
            let zeros = try update("-r", "-", json: #"{"memory":{"limit":0},"pids":{"limit":0}}"#)
            #expect(zeros.status == 0 && zeros.errors == "", "\(zeros)")
            try end(box)
        }

        @Test func bringsAControllerThatTheBoxHadNot() throws {
            try Cgroups.write("-hugetlb", to: "cgroup.subtree_control")
            defer { #expect(throws: Never.self) { try Cgroups.write("+hugetlb", to: "cgroup.subtree_control") } }
            let box = try start("true")
            #expect(!File.exists(Cgroups.top + "/swiftbox-changed/hugetlb.2MB.max"))
            let outcome = try update("-r", "-", json: #"{"hugepageLimits":[{"pageSize":"2MB","limit":2097152}]}"#)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try value("hugetlb.2MB.max") == "2097152")
            try end(box)
        }
    }
}
