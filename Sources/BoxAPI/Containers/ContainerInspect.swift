internal import BoxDocument
internal import BoxEngine

extension BoxView {
    /// The answer of `GET /containers/{}/json`.
    /// - Parameter logDriver: of a box that asked for none
    func document(logDriver: String) -> Node {
        var members: [Member] = [
            Member("Id", .text(id)), Member("Created", .text(created)), Member("Path", .text(path)),
            Member("Args", .texts(arguments)), Member("State", stateDocument), Member("Image", .text(imageID)),
            Member("ResolvConfPath", .text("")), Member("HostnamePath", .text("")), Member("HostsPath", .text("")),
            Member("LogPath", .text(logPath)), Member("Name", .text("/" + name)),
            Member("RestartCount", .number(restartCount)), Member("Driver", .text("overlay")),
            Member("Platform", .text("linux")), Member("MountLabel", .text("")), Member("ProcessLabel", .text("")),
            Member("AppArmorProfile", .text("")), Member("ExecIDs", execIDs.isEmpty ? .null : .texts(execIDs)),
            Member("HostConfig", hostConfig(logDriver: logDriver)),
            Member("GraphDriver", .object(["Name": .text("overlay"), "Data": .empty])),
        ]
        if let sizeRW {
            members += [Member("SizeRw", .number(sizeRW)), Member("SizeRootFs", .number(sizeRoot ?? sizeRW))]
        }
        members += [
            Member("Mounts", .list(mountPoints)), Member("Config", config), Member("NetworkSettings", networkSettings),
        ]
        return Node(.object(members))
    }

    private var stateDocument: Node {
        var members: [Member] = [
            Member("Status", .text(state.rawValue)),
            Member("Running", .flag(state == .running || state == .paused || state == .restarting)),
            Member("Paused", .flag(state == .paused)), Member("Restarting", .flag(state == .restarting)),
            Member("OOMKilled", .flag(oomKilled)), Member("Dead", .flag(state == .dead)), Member("Pid", .number(pid)),
            Member("ExitCode", .number(exitCode)), Member("Error", .text(error)),
            Member("StartedAt", .text(started ?? Clock.never)), Member("FinishedAt", .text(finished ?? Clock.never)),
        ]
        if let health { members.append(Member("Health", health.document)) }
        return Node(.object(members))
    }

    private var config: Node {
        let defaults = Node.object([
            "Hostname": .text(""), "Domainname": .text(""), "User": .text(""), "AttachStdin": .flag(wanted.attachStdin),
            "AttachStdout": .flag(wanted.attachStdout), "AttachStderr": .flag(wanted.attachStderr),
            "Tty": .flag(wanted.options.tty), "OpenStdin": .flag(wanted.openStdin),
            "StdinOnce": .flag(wanted.stdinOnce), "Env": .list([]), "Cmd": .null, "Image": .text(""),
            "Volumes": .null, "WorkingDir": .text(""), "Entrypoint": .null, "OnBuild": .null, "Labels": .empty,
        ])
        let sent = (wanted.docker?.members ?? []).filter { $0.key != "HostConfig" && $0.key != "NetworkingConfig" }
        let entrypoint = wanted.options.entrypoint.map { [$0] + wanted.options.entrypointArguments }
        let words = [path] + arguments
        let command = entrypoint.map { words.starts(with: $0) ? Array(words.dropFirst($0.count)) : words } ?? words
        return defaults.overlaid(with: Node(.object(sent))).overlaid(
            with: .object([
                "Hostname": .text(hostname), "User": .text(user), "Env": .texts(environment),
                "Cmd": command.isEmpty ? .null : .texts(command), "Image": .text(wanted.image ?? ""),
                "WorkingDir": .text(workingDirectory), "Labels": .map(wanted.labels),
                "Entrypoint": entrypoint.map { .texts($0) } ?? .null,
            ]))
    }

    // MARK: Networks and mounts

    private var networkSettings: Node {
        .object([
            "Bridge": .text(""), "SandboxID": .text(""), "HairpinMode": .flag(false),
            "LinkLocalIPv6Address": .text(""), "LinkLocalIPv6PrefixLen": .number(0), "Ports": .empty,
            "SandboxKey": .text(""), "SecondaryIPAddresses": .null, "SecondaryIPv6Addresses": .null,
            "EndpointID": .text(""), "Gateway": .text(""), "GlobalIPv6Address": .text(""),
            "GlobalIPv6PrefixLen": .number(0), "IPAddress": .text(""), "IPPrefixLen": .number(0),
            "IPv6Gateway": .text(""), "MacAddress": .text(""), "Networks": networks,
        ])
    }

    var networks: Node {
        let endpoint = Node.object([
            "IPAMConfig": .null, "Links": .null, "Aliases": .null, "NetworkID": .text(FixedNetwork.id(networkMode)),
            "EndpointID": .text(""), "Gateway": .text(""), "IPAddress": .text(""), "IPPrefixLen": .number(0),
            "IPv6Gateway": .text(""), "GlobalIPv6Address": .text(""), "GlobalIPv6PrefixLen": .number(0),
            "MacAddress": .text(""), "DriverOpts": .null,
        ])
        return Node(.object([Member(networkMode, endpoint)]))
    }

    var mountPoints: [Node] {
        let binds = wanted.options.volumes.map { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            return Self.mountPoint(
                "bind", source: parts[0], target: parts.count > 1 ? parts[1] : "",
                mode: parts.count > 2 ? parts[2] : "")
        }
        let mounts = wanted.options.mounts.map { text in
            var keys: [String: String] = [:]
            for word in text.split(separator: ",") {
                let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
                keys[pair[0]] = pair.count > 1 ? pair[1] : "true"
            }
            return Self.mountPoint(
                keys["type"] ?? "", source: keys["src"] ?? keys["source"] ?? "",
                target: keys["dst"] ?? keys["target"] ?? "",
                mode: keys["ro"] == nil && keys["readonly"] == nil ? "" : "ro")
        }
        return binds + mounts
    }

    private static func mountPoint(_ type: String, source: String, target: String, mode: String) -> Node {
        .object([
            "Type": .text(type), "Source": .text(source), "Destination": .text(target), "Mode": .text(mode),
            "RW": .flag(!mode.split(separator: ",").contains("ro")),
            "Propagation": .text(type == "bind" ? "rprivate" : ""),
        ])
    }
}

extension HealthView {
    fileprivate var document: Node {
        let probes = log.map { probe in
            Node.object([
                "Start": .text(probe.start), "End": .text(probe.end), "ExitCode": .number(probe.exitCode),
                "Output": .text(probe.output),
            ])
        }
        return .object([
            "Status": .text(status.rawValue), "FailingStreak": .number(failingStreak), "Log": .list(probes),
        ])
    }
}
