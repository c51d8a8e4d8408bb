internal import BoxDocument
internal import BoxEngine

/// What `HostConfig` says about the box, its files and its confinement.
extension CreateBody {
    static let hostBox: [String: Take] = [
        "NetworkMode": { (b, f) throws(APIError) in try b.takeNetworkMode(f) },
        "AutoRemove": { (b, f) throws(APIError) in b.wanted.autoRemove = try f.flag() },
        "RestartPolicy": { (b, f) throws(APIError) in b.wanted.restart = try CreateBody.restart(f) },
        "LogConfig": { (b, f) throws(APIError) in try b.takeLog(f) },
        "ConsoleSize": { (b, f) throws(APIError) in try b.takeConsole(f) },
        "Init": { (b, f) throws(APIError) in b.wanted.options.initProcess = try f.flag() },
        "Annotations": { (b, f) throws(APIError) in
            b.wanted.options.annotations = try f.dictionary().map { "\($0.0)=\($0.1)" }
        },
        // The client writes that file.
        "ContainerIDFile": { (_, f) throws(APIError) in _ = try f.string() },
        "Runtime": only(["swiftbox", "swiftbox-runtime"], "there is only the runtime swiftbox"),
        "Isolation": only(["default"], "is of Windows"),
        "CgroupnsMode": only(["private"], "a box always has a cgroup namespace of its own"),
        "IpcMode": only(["private"], "a box always has an IPC namespace of its own"),
        "PidMode": refuse("a box always has a PID namespace of its own"),
        "UTSMode": refuse("a box always has a UTS namespace of its own"),
        "Cgroup": refuse("joining another box's cgroup is not available in this version of swiftbox"),
        "PublishAllPorts": refuse("published ports are not available in this version of swiftbox"),
        "PortBindings": refuse("published ports are not available in this version of swiftbox"),
        "Links": refuse("links between boxes are not available in this version of swiftbox"),
        "Dns": refuse("the networks none and host have no DNS settings"),
        "DnsOptions": refuse("the networks none and host have no DNS settings"),
        "DnsSearch": refuse("the networks none and host have no DNS settings"),
        "ExtraHosts": refuse("the networks none and host have no hosts of their own"),
    ]

    static func restart(_ field: Asked) throws(APIError) -> RestartPolicy {
        let name = try field.member("Name")?.string() ?? ""
        let retries = try field.member("MaximumRetryCount")?.integer() ?? 0
        guard let policy = RestartPolicy(retries == 0 ? name : "\(name):\(retries)") else {
            throw field.invalid("must be no, always, unless-stopped, or on-failure with a MaximumRetryCount")
        }
        return policy
    }

    private mutating func takeLog(_ field: Asked) throws(APIError) {
        for member in try field.members() where !member.node.isNothing {
            switch member.name {
            case "Type": wanted.logDriver = try member.string()
            case "Config": wanted.logOptions = Dictionary(try member.dictionary()) { $1 }
            default: throw member.unsupported("is no field that swiftbox knows")
            }
        }
        if let driver = wanted.logDriver, !["json-file", "journald", "none"].contains(driver) {
            throw .unsupported("\(field.path).Type: \(JSON.quoted(driver)) is none of json-file, journald and none")
        }
    }

    private mutating func takeConsole(_ field: Asked) throws(APIError) {
        let sizes = try field.elements()
        guard sizes.count == 2, let rows = UInt16(exactly: try sizes[0].integer()),
            let columns = UInt16(exactly: try sizes[1].integer())
        else { throw field.invalid("must be height and width") }
        if rows > 0 && columns > 0 { wanted.terminalSize = TerminalSize(columns: columns, rows: rows) }
    }

    // MARK: Files

    static let hostFiles: [String: Take] = [
        "Binds": { (b, f) throws(APIError) in try b.takeBinds(f) },
        "Mounts": { (b, f) throws(APIError) in
            for mount in try f.elements() { try b.takeMount(mount) }
        },
        "Tmpfs": { (b, f) throws(APIError) in
            for (path, options) in try f.dictionary() {
                b.mountPoints.insert(path)
                b.wanted.options.tmpfs.append(options.isEmpty ? path : "\(path):\(options)")
            }
        },
        "ReadonlyRootfs": { (b, f) throws(APIError) in b.wanted.options.readOnly = try f.flag() },
        "ShmSize": { (b, f) throws(APIError) in b.wanted.options.shmSize = String(try f.integer()) },
        "VolumeDriver": refuse("volumes are not available in this version of swiftbox"),
        "VolumesFrom": refuse("volumes are not available in this version of swiftbox"),
        "StorageOpt": refuse("is not available in this version of swiftbox"),
    ]

    private mutating func takeBinds(_ field: Asked) throws(APIError) {
        for text in try field.strings() {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2 else {
                throw field.invalid("must be SOURCE:TARGET[:OPTIONS], not \(JSON.quoted(text))")
            }
            guard parts[0].hasPrefix("/") else {
                throw field.unsupported("\(JSON.quoted(text)): volumes are not available in this version of swiftbox")
            }
            mountPoints.insert(String(parts[1]))
            wanted.options.volumes.append(text)
        }
    }

    private mutating func takeMount(_ field: Asked) throws(APIError) {
        let type = try field.member("Type")?.string() ?? ""
        var words = ["type=\(type)"]
        guard type == "bind" || type == "tmpfs" else {
            throw field.unsupported(".Type \(JSON.quoted(type)) is none of bind and tmpfs")
        }
        for member in try field.members() where !member.node.isNothing {
            switch member.name {
            case "Type", "Consistency": break
            case "Source" where type == "bind": words.append("src=\(try Self.plain(member))")
            case "Target":
                mountPoints.insert(try member.string())
                words.append("dst=\(try Self.plain(member))")
            case "ReadOnly": words.append("ro")
            case "BindOptions" where type == "bind": words += try Self.bindOptions(member)
            case "TmpfsOptions" where type == "tmpfs": words += try Self.tmpfsOptions(member)
            default: throw member.unsupported("is not available in this version of swiftbox")
            }
        }
        wanted.options.mounts.append(words.joined(separator: ","))
    }

    private static func bindOptions(_ field: Asked) throws(APIError) -> [String] {
        var words: [String] = []
        for member in try field.members() where !member.node.isNothing {
            switch member.name {
            case "Propagation": words.append("bind-propagation=\(try plain(member))")
            case "NonRecursive": words.append("bind-nonrecursive")
            default: throw member.unsupported("is not available in this version of swiftbox")
            }
        }
        return words
    }

    private static func tmpfsOptions(_ field: Asked) throws(APIError) -> [String] {
        var words: [String] = []
        for member in try field.members() where !member.node.isNothing {
            switch member.name {
            case "SizeBytes": words.append("tmpfs-size=\(try member.integer())")
            case "Mode": words.append("tmpfs-mode=\(String(try member.integer(), radix: 8))")
            default: throw member.unsupported("is not available in this version of swiftbox")
            }
        }
        return words
    }

    /// Text that is put between commas.
    private static func plain(_ field: Asked) throws(APIError) -> String {
        let text = try field.string()
        if text.contains(",") { throw field.unsupported("a comma in it is not available in this version of swiftbox") }
        return text
    }

    // MARK: Confinement

    static let hostSecurity: [String: Take] = [
        "CapAdd": { (b, f) throws(APIError) in b.wanted.options.capAdd = try f.strings() },
        "CapDrop": { (b, f) throws(APIError) in b.wanted.options.capDrop = try f.strings() },
        "GroupAdd": { (b, f) throws(APIError) in b.wanted.options.groupAdd = try f.strings() },
        "Privileged": { (b, f) throws(APIError) in b.wanted.options.privileged = try f.flag() },
        "SecurityOpt": { (b, f) throws(APIError) in try b.takeSecurity(f) },
        "UsernsMode": { (b, f) throws(APIError) in b.wanted.options.userns = try f.string() },
        "Sysctls": { (b, f) throws(APIError) in
            b.wanted.options.sysctls = try f.dictionary().map { "\($0.0)=\($0.1)" }
        },
        "MaskedPaths": refuse("which paths are hidden cannot be chosen in this version of swiftbox"),
        "ReadonlyPaths": refuse("which paths are read-only cannot be chosen in this version of swiftbox"),
    ]

    private mutating func takeSecurity(_ field: Asked) throws(APIError) {
        for text in try field.strings() {
            guard let mark = text.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                wanted.options.securityOpts.append(text)
                continue
            }
            // Docker's client sends a seccomp profile as the text of its file.
            let value = text[text.index(after: mark)...]
            wanted.options.securityOpts.append("\(text[..<mark])=\(value)")
        }
    }
}
