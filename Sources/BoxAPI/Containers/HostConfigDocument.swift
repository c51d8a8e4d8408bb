internal import BoxDocument
internal import BoxEngine
internal import BoxOCI
internal import BoxSpec

extension BoxView {
    /// `HostConfig` as it was sent, over what docker says where nothing was.
    /// - Parameter logDriver: of a box that asked for none
    func hostConfig(logDriver: String) -> Node {
        // The swappiness of -1 that docker's command line sends says that there is none.
        let sent = (wanted.docker?["HostConfig"]?.members ?? []).filter {
            !$0.node.isNothing && !($0.key == "MemorySwappiness" && $0.node.value == .integer(-1))
        }
        return hostDefaults.overlaid(with: Node(.object(sent))).overlaid(with: limits).overlaid(
            with: .object([
                "NetworkMode": .text(networkMode), "AutoRemove": .flag(wanted.autoRemove),
                "RestartPolicy": .object([
                    "Name": .text(wanted.restart.name), "MaximumRetryCount": .number(wanted.restart.maximumRetries),
                ]),
                "LogConfig": .object([
                    "Type": .text(wanted.logDriver ?? logDriver), "Config": .map(wanted.logOptions),
                ]),
            ]))
    }

    /// As they are now, whoever asked for them.
    private var limits: Node {
        do throws(BoxError) {
            return try UpdateRequest.document(wanted.options, restart: nil)
        } catch {
            // There are none.
            return .empty
        }
    }

    private static let lists = [
        "Binds", "CapAdd", "CapDrop", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "GroupAdd", "Links",
        "SecurityOpt", "VolumesFrom", "Devices", "DeviceCgroupRules", "DeviceRequests", "Ulimits",
        "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps",
        "BlkioDeviceWriteIOps",
    ]
    private static let numbers = [
        "CpuShares", "Memory", "NanoCpus", "BlkioWeight", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod",
        "CpuRealtimeRuntime", "MemoryReservation", "MemorySwap", "CpuCount", "CpuPercent", "IOMaximumIOps",
        "IOMaximumBandwidth", "OomScoreAdj", "ShmSize",
    ]
    private static let texts = [
        "ContainerIDFile", "VolumeDriver", "Cgroup", "PidMode", "UTSMode", "UsernsMode", "Isolation", "CgroupParent",
        "CpusetCpus", "CpusetMems",
    ]

    private var hostDefaults: Node {
        let options = wanted.options
        let plain =
            Self.lists.map { Member($0, .list([])) } + Self.numbers.map { Member($0, .number(0)) }
            + Self.texts.map { Member($0, .text("")) }
        let own = Node.object([
            "PortBindings": .empty, "CgroupnsMode": .text("private"), "IpcMode": .text("private"),
            "Privileged": .flag(options.privileged), "PublishAllPorts": .flag(false),
            "ReadonlyRootfs": .flag(options.readOnly), "Runtime": .text("swiftbox"),
            "ConsoleSize": .list([.number(0), .number(0)]), "OomKillDisable": .flag(false), "PidsLimit": .null,
            "Init": .flag(options.initProcess),
        ])
        let asked = Node.object([
            "Binds": .texts(options.volumes), "CapAdd": .texts(options.capAdd), "CapDrop": .texts(options.capDrop),
            "SecurityOpt": .texts(options.securityOpts),
        ])
        return Node(.object(plain + own.members)).overlaid(with: asked)
    }
}
