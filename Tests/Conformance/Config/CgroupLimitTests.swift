import BoxSystem
import Glibc
import TestBed
import Testing

extension ConformanceInGuest {
    /// Limits as the kernel's files show them; that they hold is shown elsewhere (`Tests/Guest`).
    @Suite struct CgroupLimits {
        @Test func limitsOfEveryController() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config(
                    "/conformance-limits",
                    [
                        "memory": ["limit": 64 << 20, "swap": 96 << 20, "reservation": 32 << 20],
                        "cpu": ["shares": 1024, "quota": 30000, "period": 60000, "cpus": "0-1", "mems": "0"],
                        "pids": ["limit": 77],
                    ]))
            _ = try box.launch()
            try expectFiles(
                "conformance-limits",
                [
                    "memory.max": "\(64 << 20)", "memory.swap.max": "\(32 << 20)", "memory.low": "\(32 << 20)",
                    "cpu.max": "30000 60000", "cpuset.cpus": "0-1", "cpuset.mems": "0", "pids.max": "77",
                ])
        }

        @Test func unlimitedLimits() throws {
            let box = try Bed.here.container(
                Config(
                    "/conformance-limits",
                    ["memory": ["limit": -1, "swap": -1], "cpu": ["quota": -1], "pids": ["limit": -1]]))
            _ = try box.launch()
            try expectFiles(
                "conformance-limits",
                ["memory.max": "max", "memory.swap.max": "max", "pids.max": "max", "cpu.max": "max 100000"])
        }

        /// The kernel's own scale: 1024 shares are a weight of 100, 2 are 1, 262144 are 10000 (the newer conversion).
        @Test func sharesAreAWeight() throws {
            let bed = try Bed.here
            for (index, (shares, weight)) in [(1024, "100"), (2, "1"), (262_144, "10000")].enumerated() {
                let name = "conformance-\(shares)"
                let box = try bed.container(Config("/" + name, ["cpu": ["shares": shares]]), id: "box\(index)")
                _ = try box.launch()
                try expectFiles(name, ["cpu.weight": weight])
            }
        }

        @Test func burstAndIdle() throws {
            let bed = try Bed.here
            let burst = try bed.container(
                Config("/conformance-burst", ["cpu": ["quota": 50000, "period": 100_000, "burst": 20000]]), id: "burst")
            _ = try burst.launch()
            try expectFiles("conformance-burst", ["cpu.max.burst": "20000"])
            let idle = try bed.container(Config("/conformance-idle", ["cpu": ["idle": 1]]), id: "idle")
            _ = try idle.launch()
            try expectFiles("conformance-idle", ["cpu.idle": "1"])
        }

        @Test func ioLimits() throws {
            let device = try Bed.here.command("stat", "-c", "%Hr:%Lr", "/dev/vda").output.filter { !$0.isNewline }
            let numbers = device.split(separator: ":").compactMap { Int($0) }
            try #require(numbers.count == 2)
            func rate(_ value: Int) -> [[String: Int]] { [["major": numbers[0], "minor": numbers[1], "rate": value]] }
            let box = try Bed.here.container(
                Config(
                    "/conformance-io",
                    [
                        "blockIO": [
                            "throttleReadBpsDevice": rate(1_000_000), "throttleWriteBpsDevice": rate(2_000_000),
                            "throttleReadIOPSDevice": rate(300), "throttleWriteIOPSDevice": rate(400),
                        ]
                    ]))
            _ = try box.launch()
            try expectFiles("conformance-io", ["io.max": "\(device) rbps=1000000 wbps=2000000 riops=300 wiops=400"])
        }

        @Test func hugePagesAndTheirReservations() throws {
            let box = try Bed.here.container(
                Config("/conformance-huge", ["hugepageLimits": [["pageSize": "2MB", "limit": 4 << 20]]]))
            _ = try box.launch()
            try expectFiles("conformance-huge", ["hugetlb.2MB.max": "\(4 << 20)"])
        }

        /// What is reserved counts too, or a limit would strike with SIGBUS instead of ENOMEM.
        @Test func hugePageReservationsAreLimited() throws {
            let box = try Bed.here.container(
                Config("/conformance-huge", ["hugepageLimits": [["pageSize": "2MB", "limit": 4 << 20]]]))
            _ = try box.launch()
            try expectFiles("conformance-huge", ["hugetlb.2MB.rsvd.max": "\(4 << 20)"])
        }

        @Test func filesByName() throws {
            let box = try Bed.here.container(
                Config(
                    "/conformance-unified",
                    ["unified": ["memory.high": "50000000", "pids.max": "99", "cpu.weight": "55"]]))
            _ = try box.launch()
            try expectFiles("conformance-unified", ["memory.high": "49999872", "pids.max": "99", "cpu.weight": "55"])
        }

        @Test func badResources() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.resources.unified", plain.with("linux.resources.unified", ["no.such": "1"])),
                (
                    "linux.resources.memory",
                    plain.with("linux.resources.memory", ["limit": 1000, "swap": 10] as [String: Int])
                ),
                ("linux.resources.cpu", plain.with("linux.resources.cpu", ["cpus": "0-999"])),
                (
                    "linux.resources.hugepageLimits",
                    plain.with("linux.resources.hugepageLimits", [["pageSize": "3MB", "limit": 1]])
                ),
            ])
        }

        /// A group that exists is used only when it is empty.
        @Test func cgroupOfOthersIsNotTaken() throws {
            let bed = try Bed.here
            let first = try bed.container(Config("/conformance-taken", [:]), id: "first")
            _ = try first.launch()
            let second = try bed.container(Config("/conformance-taken", [:]), id: "second")
            let outcome = try second.create()
            if outcome.outcome.status == 0 {
                // As runc and crun do: shared, then each leaves the other's processes alone.
                try second.call("delete", "--force")
            }
            #expect(try first.status == "running")
        }

        /// `--systemd-cgroup` without a systemd to ask is an error that says so.
        @Test func systemdThatIsNotThere() throws {
            guard access("/run/systemd/private", F_OK) != 0 else { return }
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true").with("linux.cgroupsPath", "conformance.slice:box:one"))
            let program = try bed.runtimeCommand([]).arguments
            let outcome = try Command(
                [program[0], "--systemd-cgroup"] + program.dropFirst() + ["run", "-b", box.bundle, "one"]
            )
            .start(in: bed).wait()
            outcome.expectFailure(saying: "systemd")
        }
    }
}
