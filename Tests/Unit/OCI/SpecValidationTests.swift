import BoxOCI
import Testing

/// What a text in the small config cannot show: other namespaces, and values that only a program can build.
@Suite struct SpecValidationTests {
    private func spec(_ namespaces: Namespace.Kind..., change: (inout Spec) -> Void = { _ in }) -> Spec {
        var spec = Spec()
        spec.process = Process()
        spec.process?.args = ["true"]
        spec.root = Root(path: "rootfs")
        spec.linux.namespaces = namespaces.map { Namespace($0) }
        change(&spec)
        return spec
    }

    private func refuses(
        _ spec: Spec, _ field: String, _ message: String, _ location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: BoxError.self, sourceLocation: location) { try spec.validate() }
        #expect(error?.field == field, sourceLocation: location)
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")", sourceLocation: location)
        #expect(error?.position == nil, sourceLocation: location)
    }

    private func map(_ inside: UInt32, _ host: UInt32, _ size: UInt32) -> IDMapping {
        IDMapping(containerID: inside, hostID: host, size: size)
    }

    @Test func zeroIsNotSetAndMinusOneIsUnlimited() throws {
        try spec {
            var memory = Resources.Memory()
            (memory.limit, memory.reservation, memory.swap, memory.swappiness) = (0, -1, -1, 0)
            (memory.kernel, memory.kernelTCP, memory.disableOOMKiller, memory.useHierarchy) = (0, -1, false, false)
            var cpu = Resources.CPU()
            (cpu.quota, cpu.period, cpu.realtimePeriod, cpu.realtimeRuntime, cpu.shares) = (-1, 0, 0, 0, 1)
            var blockIO = Resources.BlockIO()
            (blockIO.weight, blockIO.leafWeight) = (0, 0)
            $0.linux.resources.memory = memory
            $0.linux.resources.cpu = cpu
            $0.linux.resources.blockIO = blockIO
            $0.linux.resources.pids = .init(limit: -1)
        }.validate()
    }

    @Test func theSizeOfNoTerminalIsIgnored() throws {
        try spec { $0.process?.consoleSize = ConsoleSize(height: 1, width: 1) }.validate()
    }

    @Test func rootfsOfOurOwnNeedsNoRoot() throws {
        try spec {
            $0.root = nil
            $0.box.rootfs = RootSource(.host)
        }.validate()
    }

    @Test func newUserNamespacesNeedMappings() throws {
        refuses(spec(.user), "linux.uidMappings", "needs mappings")
        refuses(spec(.user) { $0.linux.uidMappings = [map(0, 5, 1)] }, "linux.gidMappings", "needs mappings")
        try spec(.user) { $0.box.autoUserNamespace = true }.validate()
        try spec(.user) {
            $0.linux.uidMappings = [map(0, 5, 1), map(1, 6, .max - 6)]
            $0.linux.gidMappings = [map(0, 0, .max)]
        }.validate()
    }

    @Test func joinedUserNamespacesHaveTheirMappings() throws {
        let joined = spec {
            $0.linux.namespaces = [Namespace(.user, path: "/proc/7/ns/user")]
            $0.linux.uidMappings = [map(0, 0, 1)]
            $0.linux.gidMappings = [map(0, 0, 1)]
        }
        try joined.validate()
        var other = joined
        other.linux.gidMappings = [map(0, 5, 1)]
        refuses(other, "linux.gidMappings", "has its mappings already")
    }

    @Test(
        arguments: [
            ([(0, 5, 0)], "[0].size", "greater than 0"), ([(1, 0, .max)], "[0].size", "containerID 1 plus 4294967295"),
            ([(0, .max, 1)], "[0].size", "hostID 4294967295"), ([(0, 10, 5), (4, 20, 1)], "[1]", "inside the box"),
            ([(0, 10, 5), (5, 14, 1)], "[1]", "on the host"),
            ([(5, 14, 1), (9, 30, 1), (0, 10, 5)], "[2]", "overlaps linux.uidMappings[0]"),
        ] as [([(UInt32, UInt32, UInt32)], String, String)])
    func mappingsMustFit(_ ranges: [(UInt32, UInt32, UInt32)], _ place: String, _ message: String) {
        let broken = spec(.user) {
            $0.linux.uidMappings = ranges.map { map($0.0, $0.1, $0.2) }
            $0.linux.gidMappings = [map(0, 0, 1)]
        }
        refuses(broken, "linux.uidMappings" + place, message)
    }

    @Test func mappingsAreNotMoreThanTheKernelTakes() throws {
        func ranges(_ count: UInt32) -> Spec {
            spec(.user) {
                $0.linux.uidMappings = (0..<count).map { map($0, 2 * $0, 1) }
                $0.linux.gidMappings = [map(0, 0, 1)]
            }
        }
        try ranges(340).validate()
        refuses(ranges(341), "linux.uidMappings", "more than 340")
    }

    @Test func namespacesStandOnceAndAreAbsolute() {
        refuses(spec(.pid, .uts, .pid), "linux.namespaces[2].type", "pid stands already at linux.namespaces[0]")
        refuses(spec { $0.linux.namespaces = [Namespace(.pid, path: "ns")] }, "linux.namespaces[0].path", "absolute")
    }

    @Test func names() throws {
        try spec(.uts) { ($0.hostname, $0.domainname) = (String(repeating: "a", count: 64), "Ex-1_b.org") }.validate()
        try spec { ($0.hostname, $0.linux.namespaces) = ("a", [Namespace(.uts, path: "/ns")]) }.validate()
        refuses(
            spec(.uts) { $0.hostname = String(repeating: "a", count: 65) }, "hostname", "longer than 64 bytes, found 65"
        )
        refuses(spec(.uts) { $0.hostname = "a b" }, "hostname", "may hold only letters")
        refuses(spec(.uts) { $0.domainname = "é" }, "domainname", "may hold only letters")
    }

    @Test func sysctlsOfOwnNamespaces() throws {
        let names = ["net.core.somaxconn", "kernel.sem", "fs.mqueue.queues_max", "kernel.hostname"]
        try spec(.network, .ipc, .uts) { $0.linux.sysctl = names.map { Pair($0, "1 2\t3") } }.validate()
        let twice = spec(.uts) { ($0.hostname, $0.linux.sysctl) = ("a", [Pair("kernel.hostname", "b")]) }
        refuses(twice, "linux.sysctl.kernel.hostname", "conflicts with hostname")
        let joined = spec {
            ($0.linux.namespaces, $0.linux.sysctl) = ([Namespace(.ipc, path: "/ns")], [Pair("kernel.sem", "1")])
        }
        try joined.validate()
        refuses(
            spec { $0.linux.sysctl = [Pair("kernel.semx", "1")] }, "linux.sysctl.kernel.semx", "belongs to no namespace"
        )
    }

    @Test func timeOffsetsBelowASecond() throws {
        func offset(_ nanoseconds: UInt32) -> Spec {
            spec(.time) {
                $0.linux.timeOffsets = TimeOffsets()
                $0.linux.timeOffsets?.monotonic = .init(seconds: -1, nanoseconds: nanoseconds)
            }
        }
        try offset(999_999_999).validate()
        refuses(offset(1_000_000_000), "linux.timeOffsets.monotonic.nanosecs", "from 0 to 999999999")
    }

    @Test func networkDevices() throws {
        func devices(_ list: NetDevice...) -> Spec { spec(.network) { $0.linux.netDevices = list } }
        try devices(NetDevice(hostName: "eth1", name: "eth0"), NetDevice(hostName: "abcdefghijklmno")).validate()
        refuses(devices(NetDevice(hostName: "abcdefghijklmnop")), "linux.netDevices.abcdefghijklmnop", "1 to 15")
        refuses(devices(NetDevice(hostName: "a", name: "../x")), "linux.netDevices.a.name", "interface name")
        refuses(
            devices(NetDevice(hostName: "a", name: "b"), NetDevice(hostName: "b")), "linux.netDevices.b", "same name")
    }

    @Test func noNulReachesTheKernel() {
        refuses(spec { $0.process?.args = ["a", "b\0"] }, "process.args[1]", "NUL")
        refuses(spec { $0.process?.env = ["A=\0"] }, "process.env[0]", "NUL")
        refuses(spec { $0.process?.cwd = "/\0" }, "process.cwd", "NUL")
        refuses(spec { $0.root = Root(path: "a\0b") }, "root.path", "NUL")
        refuses(spec { $0.mounts = [Mount(destination: "/a", source: "b\0")] }, "mounts[0].source", "NUL")
        refuses(spec { $0.mounts = [Mount(destination: "/a", options: ["\0"])] }, "mounts[0].options[0]", "NUL")
        refuses(spec { $0.linux.resources.unified = [Pair("a.b", "\0")] }, "linux.resources.unified.a.b", "NUL")
    }

    @Test func mapsOfAProgramHoldAKeyOnce() {
        let twice = [Pair("a.b", "1"), Pair("a.b", "2")]
        refuses(spec { $0.annotations = twice }, "annotations.a.b", "stands twice")
        refuses(spec { $0.linux.sysctl = twice }, "linux.sysctl.a.b", "stands twice")
        refuses(spec { $0.linux.resources.unified = twice }, "linux.resources.unified.a.b", "stands twice")
    }

    @Test func mountsMayClimbInsideAndShareAPrefix() throws {
        try spec { $0.mounts = [Mount(destination: "/a/../b"), Mount(destination: "/a"), Mount(destination: "/ab/")] }
            .validate()
    }
}
