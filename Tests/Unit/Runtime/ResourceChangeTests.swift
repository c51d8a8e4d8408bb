import BoxCgroup
import BoxDocument
import BoxOCI
import BoxSystem
import Testing

@testable import BoxRuntime

private func change(_ json: String) throws(BoxError) -> ResourceChange { try ResourceChange(json: Array(json.utf8)) }

private func resources(_ json: String) throws -> Resources {
    try Resources(document: JSON.parse(Array(json.utf8)))
}

/// `update`: what a change makes of the resources that a box has.
@Suite struct ResourceChangeTests {
    @Test func replacesWhatItNamesAndNothingElse() throws {
        let old = try resources(
            #"{"memory":{"limit":64,"swap":96},"cpu":{"quota":5000,"shares":2},"pids":{"limit":9}}"#)
        let new = try change(#"{"memory":{"limit":80},"cpu":{"period":20000}}"#).applied(to: old)
        let wanted = try resources(
            #"{"memory":{"limit":80,"swap":96},"cpu":{"quota":5000,"shares":2,"period":20000},"pids":{"limit":9}}"#)
        #expect(new == wanted)
    }

    /// As Docker's engine sends an update of the processor's share alone.
    @Test func passesOverWhatIsZero() throws {
        let old = try resources(#"{"memory":{"limit":64},"cpu":{"quota":5000,"cpus":"0"},"blockIO":{"weight":300}}"#)
        let zeros = """
            {"blockIO":{"weight":0},"cpu":{"shares":512,"period":0,"quota":0,"cpus":"","mems":""},"pids":{"limit":0},
            "memory":{"limit":0,"reservation":0,"swap":0,"kernel":0},"devices":[],"network":null}
            """
        var wanted = old
        wanted.cpu?.shares = 512
        let change = try change(zeros)
        #expect(try change.applied(to: old) == wanted)
        #expect(change.names("linux.resources.cpu.shares") && !change.names("linux.resources.memory.limit"))
    }

    @Test func keepsTheEntriesOfOtherDevices() throws {
        let old = try resources(
            #"{"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":1},{"major":8,"minor":16,"rate":2}]}}"#)
        let new = try change(#"{"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":16,"rate":7}]}}"#).applied(
            to: old)
        #expect(
            new.blockIO?.throttleReadBpsDevice == [
                Resources.ThrottleDevice(major: 8, minor: 16, rate: 7),
                Resources.ThrottleDevice(major: 8, minor: 0, rate: 1),
            ])
    }

    @Test func keepsOtherPageSizesAndReplacesDeviceRules() throws {
        let old = try resources(
            #"{"hugepageLimits":[{"pageSize":"2MB","limit":1},{"pageSize":"1GB","limit":2}],"devices":[{"allow":false}]}"#
        )
        let new = try change(#"{"hugepageLimits":[{"pageSize":"1GB","limit":5}],"devices":[{"allow":true}]}"#)
            .applied(to: old)
        #expect(new.hugepageLimits.map(\.limit) == [5, 1])
        #expect(new.devices == [Resources.DeviceRule(allow: true)])
    }

    @Test(arguments: [
        (
            #"{"memory":{"limit":"1"}}"#,
            "line 1, column 20: linux.resources.memory.limit: must be a whole number, found a string"
        ),
        ("{\n \"pids\":{}}", "line 2, column 9: linux.resources.pids.limit: is missing"),
        ("[1]", "line 1, column 1: linux.resources: must be an object, found an array"),
        ("{", "line 1, column 2: not JSON"),
    ])
    func saysWhereTheTextIsWrong(text: String, message: String) {
        let error = #expect(throws: BoxError.self) { try change(text) }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }

    // MARK: flags

    @Test func flagsAreFields() throws {
        var flags = ResourceFlags()
        for (flag, value) in [
            ("--memory", "64m"), ("--memory-swap", "-1"), ("--cpu-share", "512"), ("--cpu-quota", "-1"),
            ("--cpu-idle", "1"),
            ("--cpuset-cpus", "0-1"), ("--pids-limit", "20"), ("--blkio-weight", "300"),
            ("--io-max", "254:0:rbps=1m,wiops=max"),
        ] { try flags.take(flag, value) }
        let wanted = """
            {"memory":{"limit":67108864,"swap":-1},"cpu":{"shares":512,"quota":-1,"idle":1,"cpus":"0-1"},
            "pids":{"limit":20},"blockIO":{"weight":300,"throttleReadBpsDevice":[{"major":254,"minor":0,"rate":1048576}],
            "throttleWriteIOPSDevice":[{"major":254,"minor":0,"rate":0}]}}
            """
        #expect(try flags.change().applied(to: Resources()) == resources(wanted))
    }

    @Test(arguments: [
        ("--memory", "much"), ("--memory", "-2"), ("--memory", "1.5x"), ("--pids-limit", "+5"), ("--pids-limit", "-2"),
        ("--pids-limit", "5.0"), ("--cpu-share", "-1"), ("--blkio-weight", "70000"), ("--cpu-idle", ""),
        ("--io-max", "254:0"), ("--io-max", "254:0:rbps"), ("--io-max", "254:0:rbps=0"), ("--io-max", "254:0:bps=1"),
        ("--io-max", "/dev/nothing:rbps=1"), ("--io-max", "/dev/null:rbps=1"), ("--io-max", "254:0:riops=1m"),
    ])
    func badValuesAreRefusedByFlag(flag: String, value: String) {
        let error = #expect(throws: BoxError.self) {
            var flags = ResourceFlags()
            try flags.take(flag, value)
            _ = try flags.change()
        }
        #expect(error?.description.contains(flag) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("4096", 4096), ("512m", 512 << 20), ("1.5G", 3 << 29), ("64KiB", 65536), ("64kb", 65536), ("1b", 1), ("0", 0),
    ])
    func sizesAreDockers(text: String, bytes: Int64) { #expect(ResourceFlags.bytes(text) == bytes) }

    @Test(arguments: ["", "m", "1mm", "1ib", "-1", "1 m", ".", "9223372036854775807k"])
    func otherTextsAreNoSizes(text: String) { #expect(ResourceFlags.bytes(text) == nil) }
}

/// Which cgroup files a change writes, and in which order.
@Suite struct SettingsOfChangeTests {
    private func lines(_ json: String, on old: String) throws -> [String] {
        var host = CgroupHost()
        host.mountPoint = "/cg"
        host.controllers = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"]
        let change = try change(json)
        var before = Spec()
        before.linux.resources = try resources(old)
        var after = before
        after.linux.resources = try change.applied(to: before.linux.resources)
        return try SettingsOfChange.compile(change, from: before, to: after, host: host).settings
            .map { "\($0.file) \($0.value)" }
    }

    @Test func onlyWhatChangesOrIsNamed() throws {
        let old = #"{"memory":{"limit":64},"pids":{"limit":9},"cpu":{"shares":1024}}"#
        #expect(try lines(#"{"pids":{"limit":10}}"#, on: old) == ["pids.max 10"])
        #expect(try lines(#"{"pids":{"limit":9}}"#, on: old) == ["pids.max 9"])
        #expect(try lines(#"{"memory":{"swap":100}}"#, on: old) == ["memory.swap.max 36"])
    }

    /// Swap is counted together with memory: less memory is more swap.
    @Test func whatHangsTogetherIsWrittenTogether() throws {
        let old = #"{"memory":{"limit":64,"swap":96},"cpu":{"quota":50000}}"#
        #expect(
            try lines(#"{"memory":{"limit":60}}"#, on: old)
                == ["memory.max 60", "memory.oom.group 1", "memory.swap.max 36"])
        #expect(try lines(#"{"cpu":{"period":200000}}"#, on: old) == ["cpu.max 50000 200000"])
    }

    @Test func theBurstMakesRoomForALowerQuota() throws {
        let old = #"{"cpu":{"quota":50000,"burst":40000}}"#
        #expect(
            try lines(#"{"cpu":{"quota":20000,"burst":10000}}"#, on: old)
                == ["cpu.max.burst 0", "cpu.max 20000 100000", "cpu.max.burst 10000"])
    }

    @Test func zerosTakeAwayWhatZeroCanTakeAway() throws {
        let old = """
            {"cpu":{"idle":1,"burst":9,"quota":5000},"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":1}],
            "weightDevice":[{"major":8,"minor":0,"weight":20}]}}
            """
        let new = """
            {"cpu":{"idle":0,"burst":0,"shares":1024},"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":0}],
            "weightDevice":[{"major":8,"minor":0,"weight":0}]}}
            """
        #expect(
            try lines(new, on: old)
                == ["cpu.idle 0", "cpu.weight 100", "cpu.max.burst 0", "io.weight 8:0 default", "io.max 8:0 rbps=max"])
    }

    @Test func cpusetsComeLast() throws {
        #expect(try lines(#"{"cpu":{"cpus":"0"},"pids":{"limit":3}}"#, on: "{}") == ["pids.max 3", "cpuset.cpus 0"])
    }
}

/// The lines of a resctrl group, on a file that stands for it.
@Suite struct SchemataChangeTests {
    @Test func writesTheLinesAndTellsTheOldOnes() throws {
        let file = "/tmp/swiftbox-schemata.\(Processes.id)"
        let made = try File.open(file, FileFlags.create | FileFlags.writeOnly, mode: 0o600)
        try File.write(Array("    MB:0=100\n    L3:0=ff\n    L2:0=1\n".utf8), to: made.raw)
        try made.close()
        defer { #expect(throws: Never.self) { try File.remove(file) } }
        var change = SchemataChange()
        change.l3Cache = "L3:0=f"
        #expect(try change.write(to: file) == ["L3:0=ff"])
        #expect(try File.text(of: file).hasPrefix("L3:0=f\n"))
    }

    @Test func needsAGroup() {
        var spec = Spec()
        var change = SchemataChange()
        change.memoryBandwidth = "MB:0=20"
        let error = #expect(throws: BoxError.self) { try change.apply(to: &spec) }
        #expect(error?.field == "--mem-bw-schema")
    }

    @Test func changesTheStoredSpec() throws {
        var spec = Spec()
        spec.linux.intelRdt = IntelRdt()
        spec.linux.intelRdt?.l3CacheSchema = "L3:0=ff"
        var change = SchemataChange()
        change.memoryBandwidth = "MB:0=20"
        try change.apply(to: &spec)
        #expect(spec.linux.intelRdt?.memBwSchema == "MB:0=20" && spec.linux.intelRdt?.l3CacheSchema == "L3:0=ff")
    }
}
