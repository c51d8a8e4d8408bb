internal import BoxOCI

/// A mount and the flag that asked for it; nil for one of the default box.
struct RequestedMount: Equatable {
    var mount: Mount
    var flag: String?
}

extension RunOptions {
    /// What `-v`, `--mount` and `--tmpfs` ask for, in that order.
    func requestedMounts(_ context: SpecContext) throws(BoxError) -> [RequestedMount] {
        var requested: [RequestedMount] = []
        for text in volumes {
            requested.append(.init(mount: try VolumeText.parse(text, context), flag: "--volume \(text)"))
        }
        for text in mounts {
            requested.append(.init(mount: try MountText.parse(text, context), flag: "--mount \(text)"))
        }
        for text in tmpfs {
            requested.append(.init(mount: try TmpfsText.parse(text), flag: "--tmpfs \(text)"))
        }
        return requested
    }

    /// The default mounts and the requested ones, parents before what lies below them.
    /// A requested mount takes the place of a default one on the same directory.
    func placeMounts(_ defaults: [Mount], to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        let requested = try requestedMounts(context)
        for (index, one) in requested.enumerated() {
            if let earlier = requested[..<index].first(where: { $0.mount.destination == one.mount.destination }) {
                throw BoxError(
                    .invalidSpec,
                    "\(one.flag ?? ""): \(one.mount.destination) is a mount point already, by \(earlier.flag ?? "")",
                    field: one.flag)
            }
        }
        let kept = defaults.filter { mount in !requested.contains { $0.mount.destination == mount.destination } }
        let all = kept.map { RequestedMount(mount: $0) } + requested
        let sorted = all.enumerated().sorted { a, b in
            (depth(a.element), a.offset) < (depth(b.element), b.offset)
        }
        // The ids of a box without root are those of its parent: there is nothing to map.
        let mapped =
            context.ownIDs == nil && (spec.box.autoUserNamespace || !spec.linux.uidMappings.isEmpty)
        for (index, one) in sorted.enumerated() {
            let mount = try Bind.mapped(one.element, inUserNamespace: mapped)
            if mount.options.contains("idmap") && !one.element.mount.options.contains("idmap") {
                spec.box.defaults.append("mounts[\(index)].options")
            }
            spec.mounts.append(mount)
            if let flag = one.element.flag { spec.record(flag, "mounts[\(index)]") }
        }
    }

    private func depth(_ one: RequestedMount) -> Int { one.mount.destination.split(separator: "/").count }
}

/// Where a mount may stand in the box.
enum Destination {
    /// Absolute, without `.`, `..` and doubled slashes; never over what makes a box a box.
    static func check(_ path: String, flag: String, _ text: String) throws(BoxError) -> String {
        guard path.hasPrefix("/") else {
            throw refusal(flag, text, "the path in the box must be absolute, not \(path.isEmpty ? "empty" : path)")
        }
        let parts = path.split(separator: "/").filter { $0 != "." }
        if parts.contains("..") { throw refusal(flag, text, "'..' is not allowed in the path in the box") }
        let clean = "/" + parts.joined(separator: "/")
        if clean == "/" {
            throw refusal(flag, text, "the root is no mount point", remedy: "--rootfs DIR names another root")
        }
        if parts.first == "proc" { throw refusal(flag, text, "the box always has its own /proc") }
        if clean == "/dev" || clean == "/dev/pts" {
            throw refusal(flag, text, "the box always has its own \(clean)", remedy: "--device PATH adds a device")
        }
        return clean
    }
}

/// What binds have in common.
enum Bind {
    /// Options for a bind of `-v` and `--mount`; `recursive` takes the mounts below the source along.
    static func options(
        readOnly: Bool, recursive: Bool, propagation: String?, extra: [String]
    ) -> [String] {
        // Without the `r` they would hold for the topmost mount alone, and not for those below the source.
        let reach = recursive ? "r" : ""
        var options = [reach + "bind", propagation ?? reach + "private", readOnly ? reach + "ro" : "rw"]
        // A set-id file or a device node of the host is no use to a box; `suid` and `dev` bring them back.
        if !extra.contains("suid") { options.append(reach + "nosuid") }
        if !extra.contains("dev") { options.append(reach + "nodev") }
        if extra.contains("noexec") { options.append(reach + "noexec") }
        return options + extra.filter { $0 == "idmap" || $0 == "noidmap" }
    }

    /// In a user namespace a bind shows the owners it has on the host, unless `noidmap` says otherwise: without,
    /// every file would belong to nobody. The mapping is the box's own.
    static func mapped(_ one: RequestedMount, inUserNamespace: Bool) throws(BoxError) -> Mount {
        var mount = one.mount
        guard mount.type == "bind", let flag = one.flag else { return mount }
        let said = mount.options.last { $0 == "idmap" || $0 == "noidmap" }
        mount.options.removeAll { $0 == "idmap" || $0 == "noidmap" }
        if said == "idmap" && !inUserNamespace {
            throw BoxError(
                .invalidSpec, "\(flag): idmap needs a user namespace, and this box has none", field: flag,
                remedy: "--userns auto")
        }
        if inUserNamespace && said != "noidmap" { mount.options.append("idmap") }
        return mount
    }

    /// Shared propagation is left out: a mount made in the box would appear on the host.
    static let propagations = ["private", "rprivate", "slave", "rslave"]
}

/// `-v SRC:DST[:OPTIONS]`.
enum VolumeText {
    private static let flag = "--volume"
    private static let plain = [
        "ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "bind", "rbind", "idmap", "noidmap",
    ]

    static func parse(_ text: String, _ context: SpecContext) throws(BoxError) -> Mount {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty else {
            throw refusal(
                flag, text, "must be SRC:DST[:OPTIONS]",
                remedy: "--mount type=bind,src=…,dst=… takes paths with a colon, --tmpfs DST gives an empty directory")
        }
        guard parts[0].contains("/") || parts[0] == "." || parts[0] == ".." else {
            throw refusal(
                flag, text, "named volumes are not available in this version", .unsupported,
                remedy: "for a directory write ./\(parts[0])")
        }
        let options = parts.count == 3 ? parts[2].split(separator: ",").map(String.init) : []
        if parts.count == 3 && options.isEmpty { throw refusal(flag, text, "the options are empty") }
        try check(options, text)
        let destination = try Destination.check(parts[1], flag: flag, text)
        return Mount(
            destination: destination, type: "bind", source: context.absolute(parts[0]),
            options: Bind.options(
                readOnly: options.contains("ro"), recursive: !options.contains("bind"),
                propagation: options.first { Bind.propagations.contains($0) }, extra: options))
    }

    private static func check(_ options: [String], _ text: String) throws(BoxError) {
        for option in options where !plain.contains(option) && !Bind.propagations.contains(option) {
            if option == "z" || option == "Z" {
                throw refusal(flag, text, "relabelling (\(option)) is not available in this version", .unsupported)
            }
            if option.hasSuffix("shared") {
                throw refusal(flag, text, "\(option) would carry the box's mounts to the host, so it is not offered")
            }
            throw refusal(
                flag, text, "unknown option \(option)",
                remedy: "any of " + (plain + Bind.propagations).joined(separator: ", "))
        }
        let exclusive = [
            ["ro", "rw"], ["nosuid", "suid"], ["nodev", "dev"], ["noexec", "exec"], ["bind", "rbind"],
            ["idmap", "noidmap"], Bind.propagations,
        ]
        for group in exclusive {
            let given = options.filter { group.contains($0) }
            if given.count > 1 { throw refusal(flag, text, "\(given.joined(separator: " and ")) exclude each other") }
        }
    }
}

/// `--mount type=bind|tmpfs,src=…,dst=…,ro…`: as Docker has it.
enum MountText {
    private static let flag = "--mount"

    static func parse(_ text: String, _ context: SpecContext) throws(BoxError) -> Mount {
        var keys: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = cutPair(String(part)) ?? (String(part), "true")
            let key = aliases[pair.name] ?? pair.name
            if keys.updateValue(pair.value, forKey: key) != nil {
                throw refusal(flag, text, "\(key) is given twice")
            }
        }
        let type = keys.removeValue(forKey: "type")
        guard let path = keys.removeValue(forKey: "dst") else {
            throw refusal(flag, text, "dst is missing", remedy: "type=bind,src=DIR,dst=DIR or type=tmpfs,dst=DIR")
        }
        let destination = try Destination.check(path, flag: flag, text)
        let readOnly = try boolean(&keys, "ro", text)
        let mount: Mount
        switch type {
        case "bind": mount = try bind(destination, readOnly, &keys, text, context)
        case "tmpfs": mount = try tmpfs(destination, readOnly, &keys, text)
        case nil: throw refusal(flag, text, "type is missing", remedy: "type=bind or type=tmpfs")
        case .some(let other):
            throw refusal(
                flag, text, "type=\(other) is not available in this version", .unsupported,
                remedy: "type=bind or type=tmpfs")
        }
        if let rest = keys.keys.min() {
            throw refusal(flag, text, "unknown key \(rest.isEmpty ? "''" : rest) for type=\(type ?? "")")
        }
        return mount
    }

    private static let aliases = [
        "source": "src", "destination": "dst", "target": "dst", "readonly": "ro",
    ]

    private static func bind(
        _ destination: String, _ readOnly: Bool, _ keys: inout [String: String], _ text: String,
        _ context: SpecContext
    ) throws(BoxError) -> Mount {
        guard let source = keys.removeValue(forKey: "src"), !source.isEmpty else {
            throw refusal(flag, text, "src is missing")
        }
        let propagation = keys.removeValue(forKey: "bind-propagation")
        if let propagation, !Bind.propagations.contains(propagation) {
            throw refusal(
                flag, text, "bind-propagation=\(propagation) is not offered",
                remedy: "one of " + Bind.propagations.joined(separator: ", "))
        }
        let flat = try boolean(&keys, "bind-nonrecursive", text)
        var extra: [String] = []
        if let idmap = try answer(&keys, "idmap", text) { extra.append(idmap ? "idmap" : "noidmap") }
        return Mount(
            destination: destination, type: "bind", source: context.absolute(source),
            options: Bind.options(readOnly: readOnly, recursive: !flat, propagation: propagation, extra: extra))
    }

    private static func tmpfs(
        _ destination: String, _ readOnly: Bool, _ keys: inout [String: String], _ text: String
    ) throws(BoxError) -> Mount {
        var options = readOnly ? ["ro"] : []
        for (key, option) in [("tmpfs-size", "size"), ("tmpfs-mode", "mode")] {
            if let value = keys.removeValue(forKey: key) { options.append("\(option)=\(value)") }
        }
        return try TmpfsText.mount(destination, options, flag: flag, text)
    }

    private static func boolean(
        _ keys: inout [String: String], _ key: String, _ text: String
    ) throws(BoxError) -> Bool {
        try answer(&keys, key, text) ?? false
    }

    private static func answer(
        _ keys: inout [String: String], _ key: String, _ text: String
    ) throws(BoxError) -> Bool? {
        switch keys.removeValue(forKey: key) {
        case nil: return nil
        case "false", "0": return false
        case "true", "1": return true
        case .some(let value): throw refusal(flag, text, "\(key)=\(value): must be true or false")
        }
    }
}

/// `--tmpfs PATH[:OPTIONS]`.
enum TmpfsText {
    static func parse(_ text: String) throws(BoxError) -> Mount {
        let flag = "--tmpfs"
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let options = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
        return try mount(try Destination.check(parts[0], flag: flag, text), options, flag: flag, text)
    }

    /// Typed options only: what is passed to the kernel is written here anew, never copied.
    static func mount(
        _ destination: String, _ options: [String], flag: String, _ text: String
    ) throws(BoxError) -> Mount {
        var switches = ["exec": "noexec", "suid": "nosuid", "dev": "nodev", "ro": "rw"]
        var data: [String: String] = ["mode": "1777"]
        for option in options {
            if let (key, value) = cutPair(option) {
                data[key] = try checked(key, value, flag, text)
            } else if let key = switches.keys.first(where: { $0 == option || opposite($0) == option }) {
                switches[key] = option
            } else {
                throw unknown(option, flag, text)
            }
        }
        let plain = ["suid", "dev", "exec", "ro"].compactMap { switches[$0] }
        let rest = ["mode", "size", "nr_inodes", "uid", "gid"].compactMap { key in data[key].map { "\(key)=\($0)" } }
        return Mount(destination: destination, type: "tmpfs", source: "tmpfs", options: plain + rest)
    }

    private static func opposite(_ key: String) -> String { key == "ro" ? "rw" : "no" + key }

    private static func checked(
        _ key: String, _ value: String, _ flag: String, _ text: String
    ) throws(BoxError) -> String {
        switch key {
        case "size", "nr_inodes":
            // To the kernel 0 means no limit at all.
            guard let size = Size.parse(value), size > 0 else {
                throw refusal(flag, text, "\(key)=\(value) is not a size of at least 1, such as 64m")
            }
            return "\(size)"
        case "mode":
            guard Number.isDigits(value), let mode = UInt32(value, radix: 8), mode <= 0o7777 else {
                throw refusal(flag, text, "mode=\(value) is not an octal mode such as 1777")
            }
            return value
        case "uid", "gid":
            guard let id = Number.unsigned(value), id < UInt32.max else {
                throw refusal(flag, text, "\(key)=\(value) is not a number below 4294967295")
            }
            return value
        default: throw unknown("\(key)=", flag, text)
        }
    }

    private static func unknown(_ option: String, _ flag: String, _ text: String) -> BoxError {
        refusal(
            flag, text, "unknown option \(option)",
            remedy: "size=, mode=, uid=, gid=, nr_inodes=, ro, rw, [no]exec, [no]suid, [no]dev")
    }
}
