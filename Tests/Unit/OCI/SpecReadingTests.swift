import BoxDocument
import BoxOCI
import Testing

@Suite struct SpecReadingTests {
    @Test func anEngineConfigDecodes() throws {
        let spec = try Spec.read(json: Array(engineConfig.utf8))
        #expect(spec.ociVersion == "1.2.1")
        let process = try #require(spec.process)
        #expect(process.terminal && process.noNewPrivileges)
        #expect(process.consoleSize == ConsoleSize(height: 50, width: 120))
        #expect(process.args == ["/bin/sh", "-c", "echo \"$HOME\""])
        #expect(process.user.uid == 1000 && process.user.umask == 0o22)
        #expect(process.user.additionalGids == [10, 4_294_967_294])
        #expect(process.rlimits == [Rlimit(type: "RLIMIT_NOFILE", soft: 1024, hard: .max)])
        #expect(process.capabilities?.effective == ["CAP_CHOWN", "CAP_KILL"])
        #expect(process.capabilities?.inheritable == [])
        #expect(process.selinuxLabel == nil && spec.domainname == nil)
        #expect(process.scheduler?.nice == 5)
        #expect(spec.annotations == [Pair("org.example.b", "2"), Pair("org.example.a", "1")])
        #expect(spec.mounts.count == 3 && spec.mounts[2].uidMappings.first?.hostID == 100_000)
        #expect(spec.hooks.prestart.isEmpty && spec.hooks.createRuntime.first?.timeout == 10)
    }

    @Test func theLinuxPartOfAnEngineConfigDecodes() throws {
        let linux = try Spec.read(json: Array(engineConfig.utf8)).linux
        #expect(linux.namespace(.network)?.path == nil && linux.namespace(.pid)?.path == "/proc/7/ns/pid")
        #expect(linux.timeOffsets?.boottime == .init(seconds: -10, nanoseconds: 5))
        #expect(linux.devices.map(\.type) == ["c", "p"] && linux.devices[0].fileMode == 0o666)
        #expect(linux.netDevices == [NetDevice(hostName: "eth7", name: "eth0"), NetDevice(hostName: "dummy0")])
        #expect(linux.resources.pids == .init(limit: 64))
        #expect(linux.resources.memory?.swap == 134_217_728 && linux.resources.memory?.swappiness == nil)
        #expect(linux.resources.devices.first?.type == nil && linux.resources.devices.last?.minor == 3)
        #expect(linux.resources.blockIO?.throttleWriteBpsDevice == [.init(major: 8, minor: 16, rate: 1)])
        #expect(linux.resources.network?.classID == 0 && linux.resources.network?.priorities == [])
        #expect(linux.seccomp?.syscalls[1].args.first?.value == .max)
        #expect(linux.seccomp?.syscalls[2].errnoRet == 38)
        #expect(linux.personality?.domain == "LINUX32")
    }

    @Test func ourOwnKeyDecodes() throws {
        let box = try Spec.read(json: Array(engineConfig.utf8)).box
        #expect(box.rootfs?.base == .layers(["/a", "/b"]) && box.rootfs?.upper == "/c" && box.rootfs?.hide == ["/d"])
        #expect(box.rootfs?.hostPaths == [] && box.hostPaths == ["/e"])
        #expect(box.autoUserNamespace && box.bestEffort && box.initProcess)
        #expect(box.flags == [Pair("linux.resources.memory.limit", "--memory 64m")])
        #expect(box.scratchSize == 1 << 20)
        let host = try Spec.read(json: Array(smallConfig(top: #", "swiftbox": {"rootfs": {"base": "host"}}"#).utf8))
        #expect(host.box.rootfs == RootSource(.host))
    }

    @Test(arguments: [false, true]) func whatIsWrittenComesBack(_ pretty: Bool) throws {
        let spec = try Spec.read(json: Array(engineConfig.utf8))
        #expect(try Spec.read(json: JSON.write(spec.document, pretty: pretty)) == spec)
    }

    @Test func whatValidationRefusesComesBackToo() throws {
        var spec = Spec()
        spec.linux.resources.memory = .init()
        spec.linux.resources.memory?.kernel = 1
        spec.linux.resources.memory?.kernelTCP = 2
        spec.linux.resources.memory?.swappiness = 60
        spec.linux.resources.memory?.useHierarchy = false
        spec.linux.resources.cpu = .init()
        spec.linux.resources.cpu?.realtimeRuntime = 1
        spec.linux.resources.cpu?.realtimePeriod = 2
        spec.linux.resources.blockIO = .init()
        spec.linux.resources.blockIO?.leafWeight = 10
        spec.linux.resources.network = .init()
        spec.linux.resources.network?.classID = 1
        spec.linux.resources.network?.priorities = [.init(name: "eth0", priority: 7)]
        spec.process = Process()
        spec.process?.capabilities = CapabilitySets()
        spec.process?.execCPUAffinity = ExecCPUAffinity()
        spec.hooks.poststop = [Hook(path: "/x")]
        spec.box.rootfs = RootSource(.layers([]))
        #expect(try Spec(document: JSON.parse(JSON.write(spec.document))) == spec)
    }

    @Test func anEmptySpecIsWrittenShort() {
        #expect(String(decoding: JSON.write(Spec().document), as: UTF8.self) == #"{"ociVersion":"1.3.0"}"#)
    }

    @Test(arguments: ["1.0.0", "1.0.2-dev", "1.3.0+build.7", "1.0.0-rc5"])
    func versionsOfTheFirstMajor(_ version: String) throws {
        #expect(try Spec(document: Node(.object([Member("ociVersion", Node(.string(version)))]))).ociVersion == version)
    }

    @Test func noTextTrapsTheDecoder() {
        // Every value of the engine's config, one at a time, replaced by every kind of value.
        let bytes = Array(engineConfig.utf8)
        let kinds = ["null", "-1", "1e3", "\"\"", "[]", "{}", "[{}]", "[null]"].map { Array($0.utf8) }
        var refused = 0
        for start in bytes.indices where bytes[start] == UInt8(ascii: ":") && bytes[start + 1] == UInt8(ascii: " ") {
            guard let end = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") })
            else { continue }
            for kind in kinds {
                do {
                    _ = try Spec.read(json: bytes[...start] + kind + bytes[end...])
                } catch {
                    refused += 1
                    #expect(error.position != nil)
                }
            }
        }
        #expect(refused > 300)
    }
}
