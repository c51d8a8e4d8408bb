import BoxOCI
import BoxSystem
import Testing

@testable import BoxCgroup

/// What is said when the host cannot apply a limit.
@Suite struct UnavailableLimitsTests {
    private func compile(
        _ host: CgroupHost, box: BoxExtension = BoxExtension(), _ change: (inout Resources) -> Void
    ) throws(BoxError) -> CgroupSettings {
        var resources = Resources()
        change(&resources)
        return try CgroupSettings.compile(resources, box: box, host: host)
    }

    private func refusal(
        _ host: CgroupHost, box: BoxExtension = BoxExtension(), _ change: (inout Resources) -> Void
    ) -> String? {
        do throws(BoxError) {
            _ = try compile(host, box: box, change)
            return nil
        } catch {
            #expect(error.kind == .unsupported)
            return error.description
        }
    }

    private func hybrid() -> CgroupHost {
        var host = CgroupHost()
        host.mountPoint = "/sys/fs/cgroup/unified"
        host.controllers = ["hugetlb"]
        host.v1Controllers = ["pids", "blkio", "cpu"]
        return host
    }

    private let pids = { (resources: inout Resources) in resources.pids = .init(limit: 64) }

    @Test func boundToV1() {
        var box = BoxExtension()
        box.flags = [Pair("linux.resources.pids.limit", "--pids-limit 64")]
        #expect(
            refusal(hybrid(), box: box, pids) == """
                cannot apply --pids-limit 64: the pids controller is not available in this cgroup v2 hierarchy
                  found: pids is bound to cgroup v1 on this host
                  try:   boot with systemd.unified_cgroup_hierarchy=1, or pass --best-effort to run without it
                """)
    }

    @Test func withoutAFlagTheFieldIsNamed() {
        #expect(refusal(hybrid(), pids)?.hasPrefix("cannot apply linux.resources.pids.limit 64: the pids") == true)
    }

    @Test func blkioIsIo() {
        let got = refusal(hybrid()) { $0.unified = [Pair("io.max", "8:0 rbps=1")] }
        #expect(got?.contains("found: io is bound to cgroup v1 on this host") == true)
        #expect(got?.contains("linux.resources.unified.io.max (io.max 8:0 rbps=1)") == true)
    }

    @Test func aFlagOfAnElementNamesItsFields() {
        var box = BoxExtension()
        box.flags = [Pair("linux.resources.blockIO.throttleReadBpsDevice[0]", "--device-read-bps /dev/sda:5")]
        let got = refusal(hybrid(), box: box) { resources in
            var io = Resources.BlockIO()
            io.throttleReadBpsDevice = [.init(major: 8, minor: 0, rate: 5)]
            resources.blockIO = io
        }
        #expect(got?.contains("cannot apply --device-read-bps /dev/sda:5: the io") == true)
    }

    @Test func notOfferedAtAll() {
        let got = refusal(hybrid()) { $0.unified = [Pair("misc.max", "x 1")] }
        #expect(got?.contains("found: /sys/fs/cgroup/unified/cgroup.controllers has hugetlb\n") == true)
        #expect(got?.contains("try:   have misc delegated to this cgroup, or pass --best-effort") == true)
    }

    @Test func rootWithProcessesPassesNothingOn() {
        var host = wholeHost()
        host.rootHasProcesses = true
        #expect(
            refusal(host, pids)?.contains("found: the cgroup at /cg has processes of its own, so it passes none on")
                == true)
    }

    @Test func withoutAHierarchyEverySettingIsRefused() {
        var host = hybrid()
        host.mountPoint = nil
        #expect(
            refusal(host, pids) == """
                cannot apply linux.resources.pids.limit 64: no cgroup v2 hierarchy is mounted
                  found: /proc/self/mountinfo names no cgroup2 file system
                  try:   mount -t cgroup2 none /sys/fs/cgroup, or pass --best-effort to run without it
                """)
        #expect(refusal(host) { $0.unified = [Pair("cgroup.max.depth", "1")] } != nil)
        #expect(
            refusal(host) { $0.devices = [.init(allow: false)] }?.hasPrefix("cannot apply linux.resources.devices:")
                == true)
        #expect(refusal(host) { _ in } == nil)
        #expect(refusal(hybrid()) { $0.devices = [.init(allow: false)] } == nil)
    }

    @Test func readOnlyHierarchy() {
        var host = wholeHost()
        host.readOnly = true
        #expect(
            refusal(host, pids)?.contains("the cgroup v2 hierarchy is read-only\n  found: /cg is mounted read-only")
                == true)
    }

    @Test func bestEffortWarnsOnceAField() throws {
        var box = BoxExtension()
        box.bestEffort = true
        var host = hybrid()
        host.controllers = ["pids"]
        let got = try compile(host, box: box) {
            $0.pids = .init(limit: 64)
            $0.hugepageLimits = [.init(pageSize: "2MB", limit: 1)]
            var memory = Resources.Memory()
            memory.limit = 1
            $0.memory = memory
        }
        #expect(got.settings.map(\.file) == ["pids.max"])
        #expect(
            got.warnings.map(\.field) == ["linux.resources.memory.limit", "linux.resources.hugepageLimits[0].limit"])
        #expect(!got.warnings.map(\.description).joined().contains("--best-effort"))
        #expect(got.settings.map(\.optional) == [true])
    }

    @Test func aDefaultOfOursIsAWarningThatSaysSo() throws {
        var box = BoxExtension()
        box.defaults = ["linux.resources.pids.limit"]
        let got = try compile(hybrid(), box: box, pids)
        #expect(got.settings == [])
        #expect(
            got.warnings.map(\.message) == [
                "the default linux.resources.pids.limit 64 is not applied: "
                    + "the pids controller is not available in this cgroup v2 hierarchy"
            ])
        // The others stay demands.
        #expect(refusal(hybrid(), box: box) { $0.unified = [Pair("cpu.weight", "5")] } != nil)
    }

    @Test func zerosNeedNoController() throws {
        var host = wholeHost()
        host.controllers = []
        let got = try compile(host) {
            $0.memory = .init()
            $0.memory?.limit = 0
            $0.cpu = .init()
            $0.cpu?.shares = 0
            $0.blockIO = .init()
            $0.blockIO?.weight = 0
            $0.pids = .init(limit: 0)
        }
        #expect(got == CgroupSettings())
    }
}

/// What is said when the kernel refuses a write.
@Suite struct RefusedWriteTests {
    private func setting(optional: Bool = false) -> CgroupSetting {
        CgroupSetting(
            file: "io.weight", value: "default 50", field: "linux.resources.blockIO.weight", controller: "io",
            name: "linux.resources.blockIO.weight", asked: "linux.resources.blockIO.weight (io.weight default 50)",
            optional: optional)
    }

    @Test(
        arguments: [
            (.noSuchFileOrDirectory, .unsupported, "the kernel has no file io.weight"),
            (.notSupportedOnSocket, .unsupported, "the kernel or the device does not support io.weight"),
            (.operationNotSupportedByDevice, .invalidSpec, "there is no such device, or it cannot be limited"),
            (.invalidArgument, .invalidSpec, "the kernel refuses the value"),
            (.outOfRange, .invalidSpec, "the value is out of the kernel's range"),
            (.resourceBusy, .invalidState, "it conflicts with what the cgroup or its neighbours use"),
            (.permissionDenied, .denied, "io.weight cannot be written"),
            (.ioError, .kernel, "io.weight cannot be written"),
        ] as [(Errno, BoxError.Kind, String)])
    func eachErrnoIsExplained(errno: Errno, kind: BoxError.Kind, reason: String) {
        let error = Cgroup.refusal(setting(), errno)
        #expect(error.kind == kind)
        #expect(error.errno == errno)
        #expect(error.field == "linux.resources.blockIO.weight")
        #expect(
            error.message == "cannot apply linux.resources.blockIO.weight (io.weight default 50): \(reason)")
    }

    @Test func bestEffortIsOfferedOnlyWhereItHelps() {
        #expect(
            Cgroup.refusal(setting(), .noSuchFileOrDirectory).remedy == "pass --best-effort to run without it")
        #expect(Cgroup.refusal(setting(optional: true), .noSuchFileOrDirectory).remedy == nil)
        #expect(Cgroup.refusal(setting(), .invalidArgument).found == #"wrote "default 50" to io.weight"#)
    }

    @Test func busyParentsAreExplained() {
        #expect(
            Cgroup.refusal(of: ["cpu", "pids"], "/a", .resourceBusy).description == """
                cannot enable cpu pids below cgroup /a: Device or resource busy
                  found: cgroup /a has processes of its own
                  try:   move them to a child cgroup, or choose a cgroup path elsewhere
                """)
    }
}
