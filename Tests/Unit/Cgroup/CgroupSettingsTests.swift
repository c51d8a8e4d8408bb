import BoxOCI
import Testing

@testable import BoxCgroup

/// A host that offers everything.
func wholeHost() -> CgroupHost {
    var host = CgroupHost()
    host.mountPoint = "/cg"
    host.controllers = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"]
    return host
}

/// `FILE VALUE` lines of what `change` asks for.
private func lines(_ change: (inout Resources) -> Void) throws(BoxError) -> [String] {
    var resources = Resources()
    change(&resources)
    return try CgroupSettings.compile(resources, box: BoxExtension(), host: wholeHost()).settings
        .map { "\($0.file) \($0.value)" }
}

private func refusal(_ change: (inout Resources) -> Void) -> String? {
    do throws(BoxError) {
        _ = try lines(change)
        return nil
    } catch {
        return error.description
    }
}

private func memory(
    _ limit: Int64? = nil, swap: Int64? = nil, reservation: Int64? = nil
) -> (inout Resources) -> Void {
    { resources in
        var memory = Resources.Memory()
        memory.limit = limit
        memory.swap = swap
        memory.reservation = reservation
        resources.memory = memory
    }
}

private func cpu(_ change: @escaping (inout Resources.CPU) -> Void) -> (inout Resources) -> Void {
    { resources in
        var cpu = Resources.CPU()
        change(&cpu)
        resources.cpu = cpu
    }
}

@Suite struct MemorySettingsTests {
    @Test func limitTakesTheWholeBoxAtAnOOMKill() throws {
        #expect(try lines(memory(1 << 20)) == ["memory.max 1048576", "memory.oom.group 1"])
    }

    @Test func unlimitedIsMax() throws {
        #expect(try lines(memory(-1)) == ["memory.max max"])
        #expect(try lines(memory(swap: -1)) == ["memory.swap.max max"])
        #expect(try lines(memory(reservation: -1)) == ["memory.low max"])
    }

    @Test func unifiedDecidesAboutGroupKills() throws {
        let got = try lines {
            memory(4096)(&$0)
            $0.unified = [Pair("memory.oom.group", "0")]
        }
        #expect(got == ["memory.max 4096", "memory.oom.group 0"])
    }

    @Test func swapIsCountedWithoutMemory() throws {
        #expect(try lines(memory(100, swap: 150)).last == "memory.swap.max 50")
        #expect(try lines(memory(100, swap: 100)).last == "memory.swap.max 0")
        #expect(try lines(memory(100, swap: -1)).last == "memory.swap.max max")
    }

    @Test func zeroIsNotSet() throws {
        #expect(try lines(memory(0, swap: 0, reservation: 0)) == [])
    }

    @Test func nonsenseIsRefused() {
        #expect(
            refusal(memory(100, swap: 99)) == """
                linux.resources.memory.swap counts memory and swap together and cannot be less than the memory limit
                  found: 99 with a memory limit of 100
                """)
        for limit: Int64? in [nil, 0, -1] {
            #expect(
                refusal(memory(limit, swap: 99)) == """
                    linux.resources.memory.swap counts memory and swap together and needs a memory limit
                      found: no memory limit
                    """)
        }
        #expect(
            refusal(memory(-2)) == """
                linux.resources.memory.limit must be -1 (unlimited) or more
                  found: -2
                """)
        #expect(refusal(memory(1, swap: -2))?.hasPrefix("linux.resources.memory.swap must be -1") == true)
        #expect(refusal(memory(reservation: .min))?.hasPrefix("linux.resources.memory.reservation must") == true)
    }
}

@Suite struct CPUSettingsTests {
    @Test(arguments: [
        (1, 1), (2, 1), (1024, 100), (262_144, 10_000), (UInt64.max, 10_000), (512, 59), (2048, 174), (10, 4),
    ])
    func sharesBecomeAWeight(shares: UInt64, weight: Int) throws {
        #expect(cpuWeight(shares: shares) == weight)
        #expect(try lines(cpu { $0.shares = shares }) == ["cpu.weight \(weight)"])
    }

    @Test func weightNeverFallsAsSharesGrow() {
        var last = 0
        for shares in stride(from: UInt64(2), through: 262_144, by: 61) {
            let weight = cpuWeight(shares: shares)
            #expect((max(last, 1)...10_000).contains(weight))
            last = weight
        }
    }

    @Test func quotaAndPeriod() throws {
        #expect(try lines(cpu { $0.quota = 150_000 }) == ["cpu.max 150000 100000"])
        #expect(
            try lines(
                cpu {
                    $0.quota = 1000
                    $0.period = 1_000_000
                }) == ["cpu.max 1000 1000000"])
        #expect(try lines(cpu { $0.quota = -1 }) == ["cpu.max max 100000"])
        #expect(try lines(cpu { $0.period = 50_000 }) == ["cpu.max max 50000"])
        #expect(
            try lines(
                cpu {
                    $0.quota = 2000
                    $0.burst = 2000
                }) == ["cpu.max 2000 100000", "cpu.max.burst 2000"])
    }

    @Test func zeroIsNotSet() throws {
        #expect(
            try lines(
                cpu {
                    $0.shares = 0
                    $0.quota = 0
                    $0.period = 0
                    $0.burst = 0
                    $0.idle = 0
                    $0.cpus = ""
                    $0.mems = ""
                }) == [])
    }

    @Test func idleComesAfterTheWeight() throws {
        let got = try lines(
            cpu {
                $0.idle = 1
                $0.shares = 1024
            })
        #expect(got == ["cpu.weight 100", "cpu.idle 1"])
    }

    @Test func outOfRangeIsRefused() {
        #expect(refusal(cpu { $0.quota = 999 })?.hasPrefix("linux.resources.cpu.quota must be -1") == true)
        #expect(refusal(cpu { $0.quota = -2 })?.hasPrefix("linux.resources.cpu.quota must be -1") == true)
        #expect(refusal(cpu { $0.period = 999 })?.hasPrefix("linux.resources.cpu.period must be between") == true)
        #expect(refusal(cpu { $0.period = 1_000_001 })?.hasPrefix("linux.resources.cpu.period must") == true)
        #expect(
            refusal(cpu { $0.idle = 2 }) == """
                linux.resources.cpu.idle must be 0 or 1
                  found: 2
                """)
        let burst = refusal(
            cpu {
                $0.quota = 2000
                $0.burst = 2001
            })
        #expect(
            burst == """
                linux.resources.cpu.burst cannot be more than the quota
                  found: 2001 with a quota of 2000
                """)
    }

    @Test(arguments: ["0", "0-3,5", "7-7", "0-65535", "1,1"])
    func cpuListsGoThrough(list: String) throws {
        #expect(try lines(cpu { $0.cpus = list }) == ["cpuset.cpus \(list)"])
        #expect(try lines(cpu { $0.mems = list }) == ["cpuset.mems \(list)"])
    }

    @Test(arguments: ["a", "-1", "1-", "3-1", "0,,1", "0 ", "0\n", "+1", "1-2-3", "65536", "99999999999999999999", ","])
    func otherListsAreRefused(list: String) {
        #expect(refusal(cpu { $0.cpus = list })?.contains("cpu.cpus must be a list such as 0-3,5") == true)
        #expect(refusal(cpu { $0.mems = list })?.contains("cpu.mems must be a list such as 0-3,5") == true)
    }
}

@Suite struct PidsSettingsTests {
    @Test func limits() throws {
        #expect(try lines { $0.pids = .init(limit: 64) } == ["pids.max 64"])
        #expect(try lines { $0.pids = .init(limit: 4_194_304) } == ["pids.max 4194304"])
        #expect(try lines { $0.pids = .init(limit: -1) } == ["pids.max max"])
        #expect(try lines { $0.pids = .init(limit: 0) } == [])
    }

    @Test func outOfRangeIsRefused() {
        #expect(
            refusal { $0.pids = .init(limit: 4_194_305) } == """
                linux.resources.pids.limit must be at most 4194304, or -1 for unlimited
                  found: 4194305
                """)
        #expect(refusal { $0.pids = .init(limit: -2) }?.contains("must be -1 (unlimited) or more") == true)
    }
}

@Suite struct IOSettingsTests {
    private func io(_ change: @escaping (inout Resources.BlockIO) -> Void) -> (inout Resources) -> Void {
        { resources in
            var io = Resources.BlockIO()
            change(&io)
            resources.blockIO = io
        }
    }

    @Test(arguments: [(10, 1), (1000, 10_000), (500, 4950), (11, 11)] as [(UInt16, Int)])
    func weights(weight: UInt16, expected: Int) throws {
        #expect(try lines(io { $0.weight = weight }) == ["io.weight default \(expected)"])
        #expect(
            try lines(io { $0.weightDevice = [.init(major: 8, minor: 16, weight: weight)] })
                == ["io.weight 8:16 \(expected)"])
    }

    @Test func oneLineADevice() throws {
        let got = try lines(
            io {
                $0.throttleReadBpsDevice = [.init(major: 8, minor: 0, rate: 1), .init(major: 8, minor: 16, rate: 2)]
                $0.throttleWriteBpsDevice = [.init(major: 8, minor: 16, rate: 3)]
                $0.throttleReadIOPSDevice = [.init(major: 8, minor: 0, rate: 4)]
                $0.throttleWriteIOPSDevice = [.init(major: 9, minor: 0, rate: 5)]
            })
        #expect(got == ["io.max 8:0 rbps=1 riops=4", "io.max 8:16 rbps=2 wbps=3", "io.max 9:0 wiops=5"])
    }

    @Test func zeroIsNotSet() throws {
        let got = try lines(
            io {
                $0.weight = 0
                $0.weightDevice = [.init(major: 8, minor: 0, weight: 0), .init(major: 8, minor: 0, weight: nil)]
                $0.throttleReadBpsDevice = [.init(major: 8, minor: 0, rate: 0)]
            })
        #expect(got == [])
    }

    @Test func outOfRangeIsRefused() {
        #expect(
            refusal(io { $0.weight = 9 }) == """
                linux.resources.blockIO.weight must be between 10 and 1000
                  found: 9
                """)
        #expect(refusal(io { $0.weight = 1001 }) != nil)
        #expect(
            refusal(io { $0.weightDevice = [.init(major: 8, minor: 0, weight: 5)] })?
                .hasPrefix("linux.resources.blockIO.weightDevice[0].weight must") == true)
        #expect(
            refusal(io { $0.throttleReadBpsDevice = [.init(major: -1, minor: 0, rate: 1)] }) == """
                linux.resources.blockIO.throttleReadBpsDevice[0].major must be between 0 and 4095
                  found: -1
                """)
        #expect(refusal(io { $0.throttleWriteIOPSDevice = [.init(major: 8, minor: 1 << 20, rate: 1)] }) != nil)
        let twice = Resources.ThrottleDevice(major: 8, minor: 0, rate: 1)
        #expect(
            refusal(io { $0.throttleWriteBpsDevice = [twice, twice] }) == """
                linux.resources.blockIO.throttleWriteBpsDevice[1] names a device twice
                  found: 8:0
                """)
    }
}

@Suite struct OtherSettingsTests {
    @Test func hugePagesAreLimitedTwice() throws {
        #expect(
            try lines { $0.hugepageLimits = [.init(pageSize: "2MB", limit: 4 << 20)] }
                == ["hugetlb.2MB.max 4194304", "hugetlb.2MB.rsvd.max 4194304"])
        #expect(try lines { $0.hugepageLimits = [.init(pageSize: "1GB", limit: 0)] }.first == "hugetlb.1GB.max 0")
    }

    @Test(arguments: ["", "MB", "2", "2mb", "2MB/../x", "-2MB", "2 MB"])
    func pageSizesAreChecked(size: String) {
        #expect(
            refusal { $0.hugepageLimits = [.init(pageSize: size, limit: 1)] } == """
                linux.resources.hugepageLimits[0].pageSize must be a size such as 2MB or 1GB
                  found: "\(size)"
                """)
    }

    @Test func rdma() throws {
        var device = Resources.Rdma(device: "mlx4_0")
        #expect(try lines { $0.rdma = [device] } == [])
        device.hcaHandles = 2
        #expect(try lines { $0.rdma = [device] } == ["rdma.max mlx4_0 hca_handle=2"])
        device.hcaObjects = 2000
        #expect(try lines { $0.rdma = [device] } == ["rdma.max mlx4_0 hca_handle=2 hca_object=2000"])
        for name in ["", "a b", "a\n"] { #expect(refusal { $0.rdma = [.init(device: name)] } != nil) }
    }

    @Test func unifiedIsWrittenAsItStandsAndLast() throws {
        let got = try lines {
            $0.unified = [
                Pair("memory.high", "1M"), Pair("io.max", "8:0 rbps=1\n8:16 rbps=2\n"), Pair("pids.max", "7"),
            ]
            $0.pids = .init(limit: 5)
        }
        #expect(
            got == ["pids.max 5", "memory.high 1M", "io.max 8:0 rbps=1", "io.max 8:16 rbps=2", "pids.max 7"])
        let core = try CgroupSettings.compile(
            {
                var r = Resources(); r.unified = [Pair("cgroup.max.depth", "3")]; return r
            }(), box: BoxExtension(),
            host: wholeHost())
        #expect(core.controllers == [] && core.settings.count == 1)
    }

    @Test(arguments: [
        "", "memory", "../memory.max", "memory/max", "memory..max", ".memory", "memory.", "memory.max\n", "mémory.max",
        "memory max.x",
    ])
    func unifiedNamesAreChecked(name: String) {
        #expect(
            refusal { $0.unified = [Pair(name, "1")] } == """
                linux.resources.unified must name a cgroup v2 file such as memory.high
                  found: "\(name)"
                """)
    }

    @Test(arguments: ["cgroup.procs", "cgroup.kill", "cgroup.subtree_control", "cgroup.freeze", "cgroup.type"])
    func coreFilesAreOurs(name: String) {
        #expect(refusal { $0.unified = [Pair(name, "1")] }?.contains("\(name) cannot be set") == true)
    }

    @Test func unifiedValuesAreChecked() {
        #expect(refusal { $0.unified = [Pair("memory.high", "")] }?.contains("must have a value") == true)
        #expect(refusal { $0.unified = [Pair("memory.high", "1\0")] }?.contains("zero byte") == true)
    }

    @Test func controllersAreNamedOnce() throws {
        var resources = Resources()
        resources.pids = .init(limit: 5)
        resources.unified = [Pair("memory.high", "1"), Pair("memory.low", "1"), Pair("cpu.weight", "1")]
        let compiled = try CgroupSettings.compile(resources, box: BoxExtension(), host: wholeHost())
        #expect(compiled.controllers == ["pids", "memory", "cpu"])
        #expect(compiled.settings.first?.field == "linux.resources.pids.limit")
    }
}
