import TestBed
import Testing

extension GuestBed {
    @Suite struct OtherLimits {
        struct Setting: CustomStringConvertible, Sendable {
            var flags: [String]
            var file: String
            var value: String
            var description: String { flags.joined(separator: " ") }

            init(_ flags: String..., file: String, value: String) {
                self.flags = flags
                self.file = file
                self.value = value
            }
        }

        /// Boxes of limits that are proved by reading them back. What weighs against `cpu.idle` has a box of its own.
        static let boxes: [[Setting]] = [
            [
                Setting("-m", "64m", file: "memory.max", value: "67108864"),
                Setting("--memory-swap", "96m", file: "memory.swap.max", value: "33554432"),
                Setting("--memory-high", "48m", file: "memory.high", value: "50331648"),
                Setting("--memory-reservation", "16m", file: "memory.low", value: "16777216"),
                Setting("--memory-min", "8m", file: "memory.min", value: "8388608"),
                Setting(file: "memory.oom.group", value: "1"),
                Setting("--cpu-quota", "50ms", "--cpu-period", "200ms", file: "cpu.max", value: "50000 200000"),
                Setting("--cpu-burst", "20ms", file: "cpu.max.burst", value: "20000"),
                Setting("--cpu-weight", "300", file: "cpu.weight", value: "300"),
                Setting("--cpuset-cpus", "0-1", file: "cpuset.cpus", value: "0-1"),
                Setting("--cpuset-mems", "0", file: "cpuset.mems", value: "0"),
                Setting("--io-weight", "500", file: "io.weight", value: "default 500"),
                Setting("--hugetlb", "2m=8m", file: "hugetlb.2MB.max", value: "8388608"),
                Setting("--cgroup", "memory.swap.high=1048576", file: "memory.swap.high", value: "1048576"),
                Setting("--cgroup", "cgroup.max.descendants=3", file: "cgroup.max.descendants", value: "3"),
                Setting("--cgroup", "hugetlb.1GB.max=0", file: "hugetlb.1GB.max", value: "0"),
            ],
            [
                Setting("--cpu-idle", file: "cpu.idle", value: "1"),
                Setting("-m", "64m", "--memory-swap", "-1", file: "memory.swap.max", value: "max"),
                Setting("--memory-min", "0", file: "memory.min", value: "0"),
                Setting("--cgroup", "pids.max=77", file: "pids.max", value: "77"),
            ],
            [
                Setting("--cpu-shares", "1024", file: "cpu.weight", value: "100"),
                Setting("--cpus", "1.5", file: "cpu.max", value: "150000 100000"),
                Setting(file: "memory.oom.group", value: "0"),
                Setting(file: "memory.max", value: "max"),
            ],
        ]

        @Test(arguments: boxes)
        func canBeReadBack(settings: [Setting]) throws {
            let script = "cd /sys/fs/cgroup; for f in \(settings.map(\.file).joined(separator: " ")); do cat $f; done"
            let outcome = try Bed.here.box(settings.flatMap(\.flags) + ["sh", "-c", script])
            let found = outcome.output.split(separator: "\n").map(String.init)
            #expect(outcome.status == 0 && found.count == settings.count && outcome.errors == "", "\(outcome)")
            for (setting, value) in zip(settings, found) { #expect(value == setting.value, "\(setting)") }
        }

        /// Reserved like eaten: the third page is refused, though the guest has eight.
        @Test func stopsAnEaterOfHugePages() throws {
            let bed = try Bed.here
            let made = try bed.command("sh", "-c", "echo 8 >/proc/sys/vm/nr_hugepages; cat /proc/sys/vm/nr_hugepages")
            try #require(made.output == "8\n")
            defer { #expect(throws: Never.self) { try bed.command("sh", "-c", "echo 0 >/proc/sys/vm/nr_hugepages") } }
            let limited = try bed.box("--hugetlb", "2m=4m", "workload", "eat-hugepages", "8")
            #expect(limited.output == "mapped 2 errno 12\n", "\(limited)")
            let free = try bed.box("workload", "eat-hugepages", "8")
            #expect(free.output == "mapped 8 errno 0\n", "\(free)")
        }

        /// The guest has no such devices: the kernel's refusal must arrive under the flag's name.
        @Test(arguments: ["misc.max=sev 1", "rdma.max=mlx5_0 hca_handle=1", "memory.high=much", "memory.nothing=1"])
        func refusesWhatTheKernelRefuses(setting: String) throws {
            let outcome = try Bed.here.box("--cgroup", setting, "true")
            #expect(outcome.status == 125 && outcome.errors.contains("cannot apply --cgroup"), "\(outcome)")
            #expect(outcome.errors.contains(setting.prefix { $0 != "=" }), "\(outcome)")
        }

        /// CAP_SYS_RESOURCE is here, and missing on some hosts.
        @Test func raisesAResourceLimit() throws {
            let outcome = try Bed.here.box(
                "--ulimit", "nofile=70000:200000", "sh", "-c", "workload open-files 80000; workload status")
            // Three are the standard streams.
            #expect(outcome.output.hasPrefix("opened 69997 errno 24\n"), "\(outcome)")
            #expect(outcome.output.contains("rlimit.nofile=70000:200000\n"), "\(outcome)")
        }
    }
}
