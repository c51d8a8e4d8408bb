import BoxOCI
import BoxSecurity
import BoxSpec
import Testing

@Suite struct CompileTests {
    @Test func whoSaysNothingGetsTheDefaultBox() throws {
        let spec = try Compiling.spec()
        #expect(spec.process?.args == ["true"])
        #expect(spec.process?.cwd == "/")
        #expect(spec.process?.noNewPrivileges == true)
        #expect(spec.process?.capabilities?.bounding == CapabilitySet.swiftboxDefault.names)
        #expect(spec.process?.capabilities?.inheritable == [])
        #expect(spec.process?.capabilities?.ambient == [])
        #expect(spec.hostname == "b0a1c2d3e4f5")
        #expect(spec.box.rootfs == RootSource(.host))
        #expect(spec.box.autoUserNamespace)
        #expect(Set(spec.linux.namespaces.map(\.type)) == [.mount, .pid, .ipc, .uts, .network, .cgroup, .user])
        #expect(spec.linux.namespaces.allSatisfy { $0.path == nil })
        #expect(spec.linux.resources.pids?.limit == 4096)
        #expect(spec.box.defaults.contains("linux.resources.pids.limit"))
        #expect(spec.linux.seccomp?.defaultAction == "SCMP_ACT_ERRNO")
        #expect(spec.linux.maskedPaths.contains("/proc/kcore"))
        #expect(spec.linux.readonlyPaths.contains("/proc/sys"))
        #expect(spec.linux.resources.devices.first == .init(allow: false))
    }

    @Test func theHostsTemporaryFilesAreHidden() throws {
        let destinations = try Compiling.spec().mounts.map(\.destination)
        for path in ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/tmp", "/run"] {
            #expect(destinations.filter { $0 == path }.count == 1, "\(path)")
        }
        let other = try Compiling.spec { $0.rootfs = "/srv/root" }
        #expect(!other.mounts.contains { $0.destination == "/tmp" })
    }

    @Test func parentsAreMountedBeforeWhatLiesBelow() throws {
        let spec = try Compiling.spec { $0.volumes = ["/a:/tmp/x/y", "/b:/tmp/x", "/c:/tmp"] }
        var seen: [String] = []
        for mount in spec.mounts {
            #expect(!seen.contains { $0.hasPrefix(mount.destination + "/") }, "\(mount.destination) hides \(seen)")
            seen.append(mount.destination)
        }
        #expect(spec.mounts.first { $0.destination == "/tmp" }?.source == "/c")
        #expect(spec.mounts.filter { $0.destination == "/tmp" }.count == 1)
    }

    // MARK: Root file system

    @Test func layersAreTopmostFirst() throws {
        let spec = try Compiling.spec {
            ($0.rootfs, $0.layers, $0.upper) = ("app", ["/debian", "./extra"], "changes")
        }
        #expect(
            spec.box.rootfs
                == RootSource(.layers(["/here/app", "/debian", "/here/extra"]), upper: "/here/changes"))
        #expect(!spec.box.autoUserNamespace)
        #expect(spec.root?.readonly == false)
    }

    @Test func readOnlyAndScratchSize() throws {
        #expect(try Compiling.spec { $0.readOnly = true }.root?.readonly == true)
        #expect(try Compiling.spec { $0.scratchSize = "1g" }.box.scratchSize == 1 << 30)
    }

    // MARK: Limits

    @Test func memory() throws {
        let spec = try Compiling.spec {
            ($0.memory, $0.memorySwap, $0.memoryReservation) = ("512m", "1g", "256m")
            ($0.memoryHigh, $0.memoryMin, $0.oomScoreAdj) = ("400m", "1m", "-500")
        }
        #expect(spec.linux.resources.memory?.limit == 512 << 20)
        #expect(spec.linux.resources.memory?.swap == 1 << 30)
        #expect(spec.linux.resources.memory?.reservation == 256 << 20)
        #expect(
            spec.linux.resources.unified == [Pair("memory.high", "419430400"), Pair("memory.min", "1048576")])
        #expect(spec.process?.oomScoreAdj == -500)
        #expect(try Compiling.spec { $0.memorySwap = "-1" }.linux.resources.memory?.swap == -1)
    }

    @Test func processors() throws {
        let spec = try Compiling.spec {
            ($0.cpus, $0.cpuBurst, $0.cpuShares) = ("1.5", "50ms", "512")
            ($0.cpusetCPUs, $0.cpusetMems) = ("0-3,5", "0")
        }
        let cpu = spec.linux.resources.cpu
        #expect(cpu?.quota == 150_000)
        #expect(cpu?.period == 100_000)
        #expect(cpu?.burst == 50_000)
        #expect(cpu?.shares == 512)
        #expect(cpu?.cpus == "0-3,5")
        #expect(cpu?.mems == "0")
        let other = try Compiling.spec { ($0.cpuQuota, $0.cpuPeriod, $0.cpuWeight) = ("-1", "200ms", "50") }
        #expect(other.linux.resources.cpu?.quota == -1)
        #expect(other.linux.resources.cpu?.period == 200_000)
        #expect(other.linux.resources.unified == [Pair("cpu.weight", "50")])
        #expect(try Compiling.spec { $0.cpuIdle = true }.linux.resources.cpu?.idle == 1)
    }

    @Test func blockDevices() throws {
        let spec = try Compiling.spec {
            $0.deviceReadBps = ["/dev/vda:10m", "/dev/vdb:1k"]
            $0.deviceWriteIOPS = ["/dev/vdb:100"]
            $0.ioWeight = "50"
        }
        let io = spec.linux.resources.blockIO
        #expect(
            io?.throttleReadBpsDevice
                == [.init(major: 254, minor: 0, rate: 10 << 20), .init(major: 254, minor: 16, rate: 1024)])
        #expect(io?.throttleWriteIOPSDevice == [.init(major: 254, minor: 16, rate: 100)])
        #expect(io?.weight == nil)
        #expect(spec.linux.resources.unified == [Pair("io.weight", "default 50")])
    }

    @Test func otherLimits() throws {
        let spec = try Compiling.spec {
            ($0.pidsLimit, $0.hugetlb, $0.cgroup) = ("64", ["2m=1g"], ["memory.oom.group=1"])
            ($0.ulimits, $0.sysctls) = (["nofile=1024:4096", "core=0", "memlock=-1"], ["net.core.somaxconn=10"])
        }
        #expect(spec.linux.resources.pids?.limit == 64)
        #expect(!spec.box.defaults.contains("linux.resources.pids.limit"))
        #expect(spec.linux.resources.hugepageLimits == [.init(pageSize: "2MB", limit: 1 << 30)])
        #expect(spec.linux.resources.unified == [Pair("memory.oom.group", "1")])
        #expect(
            spec.process?.rlimits == [
                Rlimit(type: "RLIMIT_NOFILE", soft: 1024, hard: 4096), Rlimit(type: "RLIMIT_CORE", soft: 0, hard: 0),
                Rlimit(type: "RLIMIT_MEMLOCK", soft: .max, hard: .max),
            ])
        #expect(spec.linux.sysctl == [Pair("net.core.somaxconn", "10")])
    }

    @Test func aRawPidsMaxTakesThePlaceOfTheDefault() throws {
        let spec = try Compiling.spec { $0.cgroup = ["pids.max=9"] }
        #expect(spec.linux.resources.pids == nil)
        #expect(spec.linux.resources.unified == [Pair("pids.max", "9")])
    }

    /// `--pids-limit` can be followed from the flag to the error about it, which says what was typed.
    @Test(arguments: [
        ("linux.resources.pids.limit", "--pids-limit 64"), ("linux.resources.memory.limit", "--memory 1g"),
        ("linux.resources.unified.memory.high", "--memory-high 512m"), ("linux.resources.cpu.quota", "--cpus 1"),
        ("linux.resources.blockIO.throttleReadBpsDevice[0].rate", "--device-read-bps /dev/vda:1m"),
        ("process.rlimits[0].soft", "--ulimit core=0"), ("process.cwd", "--workdir /srv"),
        ("hostname", "--hostname web"),
    ])
    func errorsNameTheFlag(_ field: String, _ flag: String) throws {
        let spec = try Compiling.spec {
            ($0.pidsLimit, $0.memory, $0.memoryHigh, $0.cpus) = ("64", "1g", "512m", "1")
            ($0.deviceReadBps, $0.ulimits, $0.workdir, $0.hostname) = (["/dev/vda:1m"], ["core=0"], "/srv", "web")
        }
        #expect(spec.box.namingFlag(BoxError(.kernel, "x", field: field)).field == flag)
    }

    @Test func errorsAboutOtherFieldsKeepTheirs() throws {
        let spec = try Compiling.spec { $0.cpus = "1" }
        #expect(
            spec.box.namingFlag(BoxError(.kernel, "x", field: "linux.resources.cpu.quotas")).field
                == "linux.resources.cpu.quotas")
        #expect(spec.box.namingFlag(BoxError(.kernel, "x")).field == nil)
    }

    // MARK: Mounts

    private func mount(_ volume: String, userns: String? = nil) throws -> Mount? {
        try Compiling.spec { ($0.volumes, $0.userns) = ([volume], userns) }.mounts.first { $0.destination == "/b" }
    }

    @Test func volumes() throws {
        let plain = try mount("/a:/b", userns: "host")
        #expect(plain?.source == "/a")
        #expect(plain?.options == ["rbind", "rprivate", "rw", "rnosuid", "rnodev"])
        #expect(try mount(".:/b")?.source == "/here")
        #expect(try mount("./x:/b//")?.source == "/here/x")
        #expect(
            try mount("/a:/b:ro,bind,suid,dev,slave", userns: "host")?.options == ["bind", "slave", "ro"])
        #expect(try mount("/a:/b:ro,noexec", userns: "host")?.options.contains("rro") == true)
    }

    @Test func bindsKeepTheirOwnersInAUserNamespace() throws {
        #expect(try mount("/a:/b", userns: "auto")?.options.contains("idmap") == true)
        #expect(try mount("/a:/b", userns: "100000:100000:65536")?.options.contains("idmap") == true)
        #expect(try mount("/a:/b:noidmap", userns: "auto")?.options.contains { $0.contains("idmap") } == false)
        #expect(try mount("/a:/b", userns: "host")?.options.contains("idmap") == false)
        let words = try Compiling.spec { $0.mounts = ["type=bind,src=/a,dst=/b,idmap=false"] }
        #expect(words.mounts.first { $0.destination == "/b" }?.options.contains { $0.contains("idmap") } == false)
    }

    @Test func mountsInWords() throws {
        let spec = try Compiling.spec {
            $0.userns = "host"
            $0.mounts = [
                "type=bind,source=a,target=/b,readonly,bind-nonrecursive,bind-propagation=rslave",
                "type=tmpfs,dst=/c,tmpfs-size=1m,tmpfs-mode=700",
            ]
            $0.tmpfs = ["/d:size=64m,exec,uid=5", "/e"]
        }
        let mounts = Dictionary(uniqueKeysWithValues: spec.mounts.map { ($0.destination, $0) })
        #expect(mounts["/b"]?.source == "/here/a")
        #expect(mounts["/b"]?.options == ["bind", "rslave", "ro", "nosuid", "nodev"])
        #expect(mounts["/c"]?.options == ["nosuid", "nodev", "noexec", "rw", "mode=700", "size=1048576"])
        #expect(mounts["/d"]?.options == ["nosuid", "nodev", "exec", "rw", "mode=1777", "size=67108864", "uid=5"])
        #expect(mounts["/e"]?.options == ["nosuid", "nodev", "noexec", "rw", "mode=1777"])
    }

    @Test func shmSize() throws {
        let options = try Compiling.spec { $0.shmSize = "1g" }.mounts.first { $0.destination == "/dev/shm" }?.options
        #expect(options?.contains("size=1073741824") == true)
    }

    @Test func devices() throws {
        let spec = try Compiling.spec { ($0.devices, $0.userns) = (["/dev/fuse:rw", "/dev/vda:/dev/disk"], "host") }
        #expect(spec.linux.devices.map(\.path) == ["/dev/fuse", "/dev/disk"])
        #expect(spec.linux.devices.map(\.type) == ["c", "b"])
        #expect(spec.linux.devices[1].gid == 6)
        let rules = spec.linux.resources.devices.suffix(2)
        #expect(rules.map(\.access) == ["rw", "rwm"])
        #expect(rules.map(\.minor) == [229, 0])
        let mapped = try Compiling.spec { ($0.devices, $0.userns) = (["/dev/vda"], "auto") }
        #expect(mapped.linux.devices.first?.gid == nil)
    }

    // MARK: Namespaces and identity

    @Test func userNamespaces() throws {
        let block = try Compiling.spec { $0.userns = "100000:200000:65536" }
        #expect(block.linux.uidMappings == [IDMapping(containerID: 0, hostID: 100_000, size: 65536)])
        #expect(block.linux.gidMappings == [IDMapping(containerID: 0, hostID: 200_000, size: 65536)])
        #expect(!block.box.autoUserNamespace)
        let host = try Compiling.spec { $0.userns = "host" }
        #expect(!host.linux.namespaces.contains(Namespace(.user)))
        #expect(try Compiling.spec(uid: 1000) { $0.rootfs = "/r" }.box.autoUserNamespace)
    }

    @Test func theHostsNetwork() throws {
        let spec = try Compiling.spec { $0.network = "host" }
        #expect(!spec.linux.namespaces.contains(Namespace(.network)))
        #expect(spec.mounts.first { $0.destination == "/sys" }?.options.contains("rro") == true)
    }

    @Test func labelsAndSignals() throws {
        let spec = try Compiling.spec {
            ($0.labels, $0.annotations, $0.stopSignal) = (["a=1", "b", "a=2"], ["c=3=4"], "int")
        }
        #expect(
            spec.annotations == [
                Pair("b", ""), Pair("a", "2"), Pair("c", "3=4"),
                Pair("org.opencontainers.image.stopSignal", "SIGINT"),
            ])
    }

    @Test func aNameIsMadeAHostName() throws {
        var options = RunOptions()
        options.command = ["true"]
        var context = Compiling.context()
        context.id = "my_box." + String(repeating: "x", count: 100)
        let hostname = try compile(options, context: context).hostname
        #expect(hostname == "my-box." + String(repeating: "x", count: 56))
    }

    @Test func randomNames() {
        #expect(BoxID.random(from: [0, 0xa1, 0xff, 0x10, 0x09, 0x5e, 0x77]) == "00a1ff10095e")
    }

    @Test func aBundleLeavesNoRoomForFlagsThatShape() {
        var options = RunOptions()
        (options.name, options.interactive, options.bestEffort) = ("x", true, true)
        #expect(options.shapingFlags == [])
        (options.memory, options.command, options.tty) = ("1g", ["ls"], true)
        #expect(options.shapingFlags == ["COMMAND", "--tty", "--memory"])
    }
}
