internal import BoxDocument
internal import BoxEngine
internal import BoxSystem
internal import NIOCore

extension Route {
    static let system: [Route] = [
        Route(.GET, "/_ping") { _ in .bytes(Array("OK".utf8), type: "text/plain; charset=utf-8") },
        Route(.HEAD, "/_ping") { _ in .bytes([], type: "text/plain; charset=utf-8") },
        Route(.GET, "/version") { call in .json(version(try await call.engine.info())) },
        Route(.GET, "/info") { call in .json(try await call.engine.info().document) },
        Route(.GET, "/system/df") { call in .json(try await call.engine.diskUsage().document) },
        Route(.POST, "/auth") { _ in throw APIError.unsupported(noRegistry) },
        Route(.GET, "/metrics") { call in
            let text = await call.engine.metrics() + call.service.latencies.text
            return .bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        },
    ]

    private static func version(_ info: EngineInfo) -> Node {
        let details = Node.object([
            "ApiVersion": .text("1.\(Request.newest)"), "MinAPIVersion": .text("1.\(Request.oldest)"),
            "GitCommit": .text(Release.commit ?? ""), "GoVersion": .text(""), "Os": .text("linux"),
            "Arch": .text(HostName.architecture), "KernelVersion": .text(info.kernel), "Experimental": .text("false"),
            "BuildTime": .text(""),
        ])
        let component = Node.object([
            "Name": .text("Engine"), "Version": .text(Release.version), "Details": details,
        ])
        return .object([
            "Platform": .object(["Name": .text("swiftbox")]), "Components": .list([component]),
            "Version": .text(Release.version), "ApiVersion": .text("1.\(Request.newest)"),
            "MinAPIVersion": .text("1.\(Request.oldest)"), "GitCommit": .text(Release.commit ?? ""),
            "GoVersion": .text(""), "Os": .text("linux"), "Arch": .text(HostName.architecture),
            "KernelVersion": .text(info.kernel), "BuildTime": .text(""),
        ])
    }

    // MARK: Ours

    static let ours: [Route] = [
        Route(.POST, "/swiftbox/boxes/create") { call in
            let wanted = try WantedBox(document: try await call.requiredDocument())
            let (id, warnings) = try await call.engine.create(wanted, name: call.query["name"])
            return .json(.object(["Id": .text(id), "Warnings": .texts(warnings)]), .created)
        },
        Route(.POST, "/swiftbox/boxes/run", .stream) { call in try await run(call) },
        Route(.GET, "/swiftbox/boxes/{}/report") { call in
            .bytes(try await call.engine.exitReport(call.name), type: "application/json")
        },
        Route(.GET, "/swiftbox/boxes/{}/plan") { call in
            .bytes(Array(try await call.engine.plan(call.name).utf8), type: "text/plain; charset=utf-8")
        },
        Route(.POST, "/swiftbox/images/import", .archive) { call in
            let (id, warnings) = try await call.engine.importImage(
                call.bodyStream, reference: call.query["reference"], changes: call.query.all("changes"),
                message: call.query["message"])
            return .json(.object(["Id": .text(id), "Warnings": .texts(warnings)]), .created)
        },
    ]
}

/// What docker calls the machine.
enum HostName {
    #if arch(x86_64)
        static let architecture = "amd64"
    #else
        static let architecture = "arm64"
    #endif
}

extension EngineInfo {
    fileprivate var document: Node {
        let plugins = Node.object([
            "Volume": .list([]), "Network": .texts(["host", "null"]), "Authorization": .list([]),
            "Log": .texts(["json-file", "journald", "none"]),
        ])
        let boxes = Node.object([
            "ID": .text(id), "Containers": .number(boxesRunning + boxesPaused + boxesStopped),
            "ContainersRunning": .number(boxesRunning), "ContainersPaused": .number(boxesPaused),
            "ContainersStopped": .number(boxesStopped), "Images": .number(images), "Driver": .text("overlay"),
            "DriverStatus": .list([]), "DockerRootDir": .text(root), "Plugins": plugins,
        ])
        let controllers: KeyValuePairs = [
            "MemoryLimit": "memory", "SwapLimit": "memory", "CpuCfsPeriod": "cpu", "CpuCfsQuota": "cpu",
            "CPUShares": "cpu", "CPUSet": "cpuset", "PidsLimit": "pids",
        ]
        let limits = controllers.map { key, controller in
            Member(key, .flag(!warnings.contains { $0.hasPrefix("no limits of \(controller):") }))
        }
        let others = [
            "OomKillDisable", "KernelMemoryTCP", "IPv4Forwarding", "BridgeNfIptables", "BridgeNfIp6tables", "Debug",
            "ExperimentalBuild", "LiveRestoreEnabled",
        ].map { Member($0, .flag($0 == "LiveRestoreEnabled")) }
        let abilities = limits + others
        let host = Node.object([
            "NFd": .number(0), "NGoroutines": .number(0), "SystemTime": .text(Clock.text(Clock.now)),
            "LoggingDriver": .text(logDriver), "CgroupDriver": .text(cgroupManager),
            "CgroupVersion": .text(String(cgroupVersion)), "NEventsListener": .number(0),
            "KernelVersion": .text(kernel), "OperatingSystem": .text(operatingSystem), "OSVersion": .text(""),
            "OSType": .text("linux"), "Architecture": .text(architecture), "NCPU": .number(cpus),
            "MemTotal": .number(memory), "IndexServerAddress": .text(""), "Name": .text(hostname),
            "Labels": .list([]), "ServerVersion": .text(Release.version), "DefaultRuntime": .text("swiftbox"),
            "Runtimes": .object(["swiftbox": .object(["path": .text("swiftbox-runtime")])]),
            "Swarm": .object([
                "NodeID": .text(""), "NodeAddr": .text(""), "LocalNodeState": .text("inactive"),
                "ControlAvailable": .flag(false), "Error": .text(""), "RemoteManagers": .null,
            ]),
            "Isolation": .text(""), "InitBinary": .text("swiftbox-runtime"),
            "ContainerdCommit": .object(["ID": .text(""), "Expected": .text("")]),
            "RuncCommit": .object(["ID": .text(""), "Expected": .text("")]),
            "InitCommit": .object(["ID": .text(""), "Expected": .text("")]),
            "SecurityOptions": .texts(["name=seccomp,profile=builtin", "name=cgroupns"]),
            "HttpProxy": .text(""), "HttpsProxy": .text(""), "NoProxy": .text(""), "ProductLicense": .text(""),
            "RegistryConfig": .object([
                "InsecureRegistryCIDRs": .list([]), "IndexConfigs": .empty, "Mirrors": .list([]),
            ]),
            "Warnings": .texts(warnings),
        ])
        return Node(.object(boxes.members + abilities + host.members))
    }
}

extension DiskUsage {
    fileprivate var document: Node {
        .object([
            "LayersSize": .number(images.reduce(0) { $0 + $1.view.size }),
            "Images": .list(images.map { $0.view.summary(boxes: $0.boxes) }),
            "Containers": .list(boxes.map { $0.summary }), "Volumes": .list([]), "BuildCache": .list([]),
        ])
    }
}
