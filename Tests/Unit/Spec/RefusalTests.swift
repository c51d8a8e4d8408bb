import BoxOCI
import BoxSpec
import Testing

/// One fault a case: the flag that is named, and a piece of what is said.
struct Fault: Sendable, CustomTestStringConvertible {
    var flag: String
    var fragment: String
    var kind: BoxError.Kind
    var change: @Sendable (inout RunOptions) -> Void

    init(
        _ flag: String, _ fragment: String, _ kind: BoxError.Kind = .invalidSpec,
        _ change: @escaping @Sendable (inout RunOptions) -> Void
    ) {
        (self.flag, self.fragment, self.kind, self.change) = (flag, fragment, kind, change)
    }

    var testDescription: String { "\(flag): \(fragment)" }
}

@Suite struct RefusalTests {
    @Test(arguments: [
        Fault("--memory", "12q: is not a size") { $0.memory = "12q" },
        Fault("--memory", "-1: is not a size") { $0.memory = "-1" },
        Fault("--memory", "is 64 bytes") { $0.memory = "64" },
        Fault("--memory", "'': is not a size") { $0.memory = "" },
        Fault("--memory", "99999999999g: is not a size") { $0.memory = "99999999999g" },
        Fault("--memory-swap", "needs --memory") { $0.memorySwap = "1g" },
        Fault("--memory-swap", "less than --memory 512m") { ($0.memory, $0.memorySwap) = ("512m", "256m") },
        Fault("--memory-reservation", "more than --memory") { ($0.memory, $0.memoryReservation) = ("512m", "1g") },
        Fault("--memory-min", "more than --memory") { ($0.memory, $0.memoryMin) = ("512m", "1g") },
        Fault("--oom-score-adj", "between -1000 and 1000") { $0.oomScoreAdj = "1001" },
        Fault("--cpus", "number of processors") { $0.cpus = "0" },
        Fault("--cpus", "number of processors") { $0.cpus = "-1" },
        Fault("--cpus", "number of processors") { $0.cpus = "many" },
        Fault("--cpus", "--cpu-quota") { ($0.cpus, $0.cpuQuota) = ("1", "50ms") },
        Fault("--cpu-quota", "at least 1000") { $0.cpuQuota = "999" },
        Fault("--cpu-period", "between 1000 and 1000000") { $0.cpuPeriod = "2s" },
        Fault("--cpu-burst", "must not exceed the quota") { ($0.cpus, $0.cpuBurst) = ("0.5", "60ms") },
        Fault("--cpu-burst", "must not exceed the quota") { $0.cpuBurst = "10ms" },
        Fault("--cpu-shares", "between 2 and 262144") { $0.cpuShares = "1" },
        Fault("--cpu-weight", "between 1 and 10000") { $0.cpuWeight = "10001" },
        Fault("--cpu-idle", "--cpu-weight") { ($0.cpuIdle, $0.cpuWeight) = (true, "10") },
        Fault("--cpuset-cpus", "is not a list") { $0.cpusetCPUs = "3-1" },
        Fault("--pids-limit", "at least 1, or -1") { $0.pidsLimit = "0" },
        Fault("--pids-limit", "at least 1, or -1") { $0.pidsLimit = "-2" },
        Fault("--device-read-bps", "PATH:RATE") { $0.deviceReadBps = ["/dev/vda"] },
        Fault("--device-read-bps", "character device") { $0.deviceReadBps = ["/dev/fuse:1m"] },
        Fault("--device-write-iops", "operations a second") { $0.deviceWriteIOPS = ["/dev/vda:1m"] },
        Fault("--device-write-bps", "a rate already") { $0.deviceWriteBps = ["/dev/vda:1m", "/dev/vda:2m"] },
        Fault("--device-write-bps", "cannot be read", .notFound) { $0.deviceWriteBps = ["/none:1m"] },
        Fault("--io-weight", "between 1 and 10000") { $0.ioWeight = "0" },
        Fault("--hugetlb", "power of two") { $0.hugetlb = ["3m=1g"] },
        Fault("--hugetlb", "a limit already") { $0.hugetlb = ["2m=1g", "2MB=2g"] },
        Fault("--cgroup", "FILE=VALUE") { $0.cgroup = ["memory.high"] },
        Fault("--cgroup", "FILE=VALUE") { $0.cgroup = ["../memory.high=1"] },
        Fault("--cgroup memory.max=1g", "--memory 1g: both set") { ($0.memory, $0.cgroup) = ("1g", ["memory.max=1g"]) },
        Fault("--ulimit", "NAME=SOFT") { $0.ulimits = ["nofile"] },
        Fault("--ulimit", "unknown name") { $0.ulimits = ["files=1"] },
        Fault("--ulimit", "above the hard one") { $0.ulimits = ["nofile=2:1"] },
        Fault("--ulimit", "whole number") { $0.ulimits = ["nofile=1k"] },
        Fault("--ulimit", "given already") { $0.ulimits = ["nofile=1", "NOFILE=2"] },
        Fault("--sysctl", "NAME=VALUE") { $0.sysctls = ["net.core.somaxconn"] },
    ])
    func limits(_ fault: Fault) { check(fault) }

    @Test(arguments: [
        Fault("--volume", "SRC:DST") { $0.volumes = ["/src"] },
        Fault("--volume", "named volumes", .unsupported) { $0.volumes = ["data:/data"] },
        Fault("--volume", "must be absolute") { $0.volumes = ["/a:b"] },
        Fault("--volume", "'..' is not allowed") { $0.volumes = ["/a:/b/../../etc"] },
        Fault("--volume", "root is no mount point") { $0.volumes = ["/a:/./"] },
        Fault("--volume", "its own /proc") { $0.volumes = ["/a:/proc/sys"] },
        Fault("--volume", "relabelling", .unsupported) { $0.volumes = ["/a:/b:z"] },
        Fault("--volume", "to the host") { $0.volumes = ["/a:/b:rshared"] },
        Fault("--volume", "unknown option size=1") { $0.volumes = ["/a:/b:size=1"] },
        Fault("--volume", "exclude each other") { $0.volumes = ["/a:/b:ro,rw"] },
        Fault("--volume", "exclude each other") { $0.volumes = ["/a:/b:idmap,noidmap"] },
        Fault("--volume /b:/x/", "a mount point already, by --volume /a:/x") { $0.volumes = ["/a:/x", "/b:/x/"] },
        Fault("--volume /a:/b:idmap", "needs a user namespace") {
            ($0.volumes, $0.userns) = (["/a:/b:idmap"], "host")
        },
        Fault("--mount", "type is missing") { $0.mounts = ["src=/a,dst=/b"] },
        Fault("--mount", "type=volume is not available", .unsupported) { $0.mounts = ["type=volume,src=a,dst=/b"] },
        Fault("--mount", "dst is missing") { $0.mounts = ["type=tmpfs"] },
        Fault("--mount", "src is missing") { $0.mounts = ["type=bind,dst=/b"] },
        Fault("--mount", "dst is given twice") { $0.mounts = ["type=tmpfs,dst=/a,target=/b"] },
        Fault("--mount", "unknown key consistency") { $0.mounts = ["type=bind,src=/a,dst=/b,consistency=cached"] },
        Fault("--mount", "true or false") { $0.mounts = ["type=bind,src=/a,dst=/b,ro=maybe"] },
        Fault("--tmpfs", "unknown option huge=") { $0.tmpfs = ["/a:huge=always"] },
        Fault("--tmpfs", "not an octal mode") { $0.tmpfs = ["/a:mode=888"] },
        Fault("--tmpfs", "size of at least 1") { $0.tmpfs = ["/a:size=0"] },
        Fault("--shm-size", "is 0 bytes") { $0.shmSize = "0" },
        Fault("--device", "made of r, w and m") { $0.devices = ["/dev/fuse:rx"] },
        Fault("--device", "always has its own /dev/null") { $0.devices = ["/dev/fuse:/dev/null"] },
        Fault("--device", "cannot be read", .notFound) { $0.devices = ["/dev/none"] },
        Fault("--layer", "below a --rootfs") { $0.layers = ["/a"] },
        Fault("--layer", "a layer already") { ($0.rootfs, $0.layers) = ("/a", ["/a"]) },
        Fault("--rootfs", "host's own root") { $0.rootfs = "/" },
        Fault("--upper", "--read-only") { ($0.upper, $0.readOnly) = ("/u", true) },
        Fault("--upper", "layers are never written") { ($0.rootfs, $0.upper) = ("/a", "/a") },
        Fault("--scratch-size", "--upper") { ($0.scratchSize, $0.upper) = ("1g", "/u") },
    ])
    func files(_ fault: Fault) { check(fault) }

    @Test(arguments: [
        Fault("COMMAND", "no COMMAND") { $0.command = [] },
        Fault("--entrypoint", "must be a command") { $0.entrypoint = "" },
        Fault("--workdir", "must be an absolute path") { $0.workdir = "src" },
        Fault("--user", "no user bob", .notFound) { $0.user = "bob" },
        Fault("--user", "no group staff", .notFound) { $0.user = "ann:staff" },
        Fault("--user", "is no id") { $0.user = "01" },
        Fault("--user", "is no id") { $0.user = "4294967296" },
        Fault("--user", "USER or USER:GROUP") { $0.user = "" },
        Fault("--user", "USER or USER:GROUP") { $0.user = "1:" },
        Fault("--user", "no user -1", .notFound) { $0.user = "-1" },
        Fault("--user", "id 70000 does not exist in the box") { $0.user = "70000" },
        Fault("--group-add", "no group wheel", .notFound) { $0.groupAdd = ["wheel"] },
        Fault("--env", "NOPE is not set") { $0.env = ["NOPE"] },
        Fault("--env", "NAME=VALUE") { $0.env = ["=x"] },
        Fault("--env-file", "bad, line 2") { $0.envFiles = ["bad"] },
        Fault("--env-file", "cannot be read", .notFound) { $0.envFiles = ["none"] },
        Fault("--label", "NAME or NAME=VALUE") { $0.labels = ["=x"] },
        Fault("--annotation", "NAME=VALUE") { $0.annotations = ["x"] },
        Fault("--stop-signal", "must be a signal") { $0.stopSignal = "SIGNOPE" },
        Fault("--stop-signal", "must be a signal") { $0.stopSignal = "0" },
        Fault("--network", "bridge: is not available", .unsupported) { $0.network = "bridge" },
        Fault("--hostname a b", "may hold only letters") { $0.hostname = "a b" },
        Fault("--userns", "UID:GID:SIZE") { $0.userns = "100000:65536" },
        Fault("--userns", "UID:GID:SIZE") { $0.userns = "1:1:0" },
        Fault("--userns", "beyond the last id") { $0.userns = "4294967290:0:10" },
        Fault("--cap-add", "no such capability") { $0.capAdd = ["NET_ADMINISTRATOR"] },
        Fault("--cap-add CAP_KILL", "contradict") { ($0.capAdd, $0.capDrop) = (["KILL"], ["cap_kill"]) },
        Fault("--cap-add ALL", "nothing is left") { ($0.capAdd, $0.capDrop) = (["ALL"], ["all"]) },
        Fault("--security-opt", "not understood") { $0.securityOpts = ["seccomp"] },
        Fault("--security-opt", "given twice") { $0.securityOpts = ["apparmor=a", "apparmor=b"] },
        Fault("--security-opt", "cannot be read", .notFound) { $0.securityOpts = ["seccomp=none.json"] },
        Fault("--security-opt", "broken.json") { $0.securityOpts = ["seccomp=broken.json"] },
        Fault("--security-opt", "archMap belongs", .unsupported) { $0.securityOpts = ["seccomp=docker.json"] },
    ])
    func theRest(_ fault: Fault) { check(fault) }

    private func check(_ fault: Fault) {
        guard let error = Compiling.refusal(fault.change) else {
            Issue.record("taken")
            return
        }
        #expect(error.field == fault.flag)
        #expect("\(error)".contains(fault.fragment), "\(error)")
        #expect(error.kind == fault.kind)
        #expect(!error.message.hasSuffix("."))
    }

    @Test func aBrokenProfileHasAPosition() {
        let error = Compiling.refusal { $0.securityOpts = ["seccomp=broken.json"] }
        #expect(error?.position?.line == 2)
    }

    @Test(arguments: ["a", "Web-1", "0.x_y", "a+b", String(repeating: "a", count: 128)])
    func names(_ name: String) throws {
        try BoxName.check(name, field: "--name")
    }

    @Test(arguments: ["", ".", "..", "-a", "_a", "a/b", "a b", "é", "a\n", String(repeating: "a", count: 129)])
    func whatIsNoName(_ name: String) {
        let error = #expect(throws: BoxError.self) { try BoxName.check(name, field: "--name") }
        #expect(error?.field == "--name" && error?.kind == .invalidSpec)
    }

    @Test(arguments: ["-d", "--restart", "-p", "--pull", "--health-cmd", "--gpus", "--memory-swappiness"])
    func flagsOfOtherEnginesHaveAReason(_ flag: String) {
        #expect(UnavailableFlags.reason(for: flag) != nil)
    }
}
