internal import BoxDocument

extension Linux {
    /// The entry for a kind of namespace, made or joined; nil where the box shares the host's.
    public func namespace(_ type: Namespace.Kind) -> Namespace? { namespaces.first { $0.type == type } }

    /// Whether the box gets a new one, not one that exists.
    func makes(_ type: Namespace.Kind) -> Bool { namespaces.contains { $0.type == type && $0.path == nil } }

    func validate(_ box: BoxExtension) throws(BoxError) {
        try validateNamespaces()
        try validateMappings(box)
        try validateTimeOffsets()
        try validateDevices()
        try validateNetDevices()
        try validateSysctl()
        try resources.validate()
        try seccomp?.validate()
        for (index, path) in maskedPaths.enumerated() { try requireAbsolute(path, "linux.maskedPaths[\(index)]") }
        for (index, path) in readonlyPaths.enumerated() { try requireAbsolute(path, "linux.readonlyPaths[\(index)]") }
        if let cgroupsPath { try validate(cgroupsPath: cgroupsPath) }
        if let personality, !personality.flags.isEmpty {
            throw invalid("linux.personality.flags", "the specification knows no flags yet")
        }
        try intelRdt?.validate()
        if let nodes = memoryPolicy?.nodes, !nodes.isEmpty { try requireList(nodes, "linux.memoryPolicy.nodes") }
    }

    private func validateNamespaces() throws(BoxError) {
        for (index, namespace) in namespaces.enumerated() {
            if let first = namespaces[..<index].firstIndex(where: { $0.type == namespace.type }) {
                throw invalid(
                    "linux.namespaces[\(index)].type",
                    "\(namespace.type.rawValue) stands already at linux.namespaces[\(first)]")
            }
            if let path = namespace.path { try requireAbsolute(path, "linux.namespaces[\(index)].path") }
        }
    }

    private func validateMappings(_ box: BoxExtension) throws(BoxError) {
        if makes(.user) || box.autoUserNamespace {
            if !box.autoUserNamespace {
                let remedy = "map id 0 at least, for ids and groups"
                if uidMappings.isEmpty {
                    throw invalid("linux.uidMappings", "a new user namespace needs mappings", remedy: remedy)
                }
                if gidMappings.isEmpty {
                    throw invalid("linux.gidMappings", "a new user namespace needs mappings", remedy: remedy)
                }
            }
        } else {
            try refuse(uidMappings, "linux.uidMappings")
            try refuse(gidMappings, "linux.gidMappings")
        }
        try BoxOCI.validate(mappings: uidMappings, "linux.uidMappings")
        try BoxOCI.validate(mappings: gidMappings, "linux.gidMappings")
    }

    private func refuse(_ mappings: [IDMapping], _ field: String) throws(BoxError) {
        if mappings.isEmpty { return }
        if namespace(.user) == nil {
            throw invalid(field, "needs a user namespace", remedy: "add {\"type\": \"user\"} to linux.namespaces")
        }
        // podman sends this one along with a namespace to join, for runtimes that insist on some.
        if mappings == [IDMapping(containerID: 0, hostID: 0, size: 1)] { return }
        throw invalid(
            field, "a user namespace that is joined has its mappings already",
            remedy: "leave out the mappings, or the namespace's path")
    }

    private func validateTimeOffsets() throws(BoxError) {
        guard let timeOffsets else { return }
        if !makes(.time) {
            throw invalid(
                "linux.timeOffsets", "needs a new time namespace",
                remedy: "add {\"type\": \"time\"} to linux.namespaces")
        }
        for (name, offset) in [("boottime", timeOffsets.boottime), ("monotonic", timeOffsets.monotonic)] {
            if let offset {
                try require(offset.nanoseconds, in: 0...999_999_999, "linux.timeOffsets.\(name).nanosecs")
            }
        }
    }

    private func validateDevices() throws(BoxError) {
        var seen: [String: Int] = [:]
        for (index, device) in devices.enumerated() {
            let field = "linux.devices[\(index)]"
            if !["c", "b", "u", "p"].contains(device.type) {
                throw invalid("\(field).type", "must be one of c, b, u, p, found \(JSON.quoted(device.type))")
            }
            if let first = seen.updateValue(index, forKey: try requireInside(device.path, "\(field).path")) {
                throw invalid("\(field).path", "\(JSON.quoted(device.path)) stands already at linux.devices[\(first)]")
            }
            // dev_t: 12 bits of major, 20 of minor.
            try require(device.major, in: 0...4095, "\(field).major")
            try require(device.minor, in: 0...1_048_575, "\(field).minor")
            if let mode = device.fileMode { try require(mode, in: 0...0o777, "\(field).fileMode") }
            try requireRealID(device.uid, "\(field).uid")
            try requireRealID(device.gid, "\(field).gid")
        }
    }

    private func validateNetDevices() throws(BoxError) {
        if netDevices.isEmpty { return }
        if namespace(.network) == nil {
            throw invalid(
                "linux.netDevices", "needs a network namespace to move them to",
                remedy: "add {\"type\": \"network\"} to linux.namespaces")
        }
        var seen: Set<String> = []
        for device in netDevices {
            let field = "linux.netDevices.\(device.hostName)"
            try validate(interface: device.hostName, field)
            if let name = device.name { try validate(interface: name, "\(field).name") }
            if !seen.insert(device.name ?? device.hostName).inserted {
                throw invalid(field, "another device has the same name in the box")
            }
        }
    }

    /// What dev_valid_name() of the kernel takes; `%` is left out, as it would ask for a number.
    private func validate(interface name: String, _ field: String) throws(BoxError) {
        let bad = name.isEmpty || name.utf8.count > 15 || name == "." || name == ".."
        if bad || name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2F || $0 == 0x3A || $0 == 0x25 || $0 == 0x7F }) {
            throw invalid(field, "must be an interface name of 1 to 15 characters, found \(JSON.quoted(name))")
        }
    }

    private func validate(cgroupsPath path: String) throws(BoxError) {
        if path.split(separator: "/").contains("..") || path.utf8.contains(where: { $0 < 0x20 }) {
            throw invalid("linux.cgroupsPath", "must not hold '..' or control characters, found \(JSON.quoted(path))")
        }
    }
}

extension IntelRdt {
    fileprivate func validate() throws(BoxError) {
        if let closID, closID == "." || closID == ".." || closID.utf8.contains(where: { $0 < 0x20 || $0 == 0x2F }) {
            throw invalid("linux.intelRdt.closID", "must be a plain directory name, found \(JSON.quoted(closID))")
        }
        if let schema = memBwSchema, !schema.utf8.starts(with: "MB:".utf8) || schema.utf8.contains(0x0A) {
            throw invalid(
                "linux.intelRdt.memBwSchema", "must be one line that begins with MB:, found \(JSON.quoted(schema))")
        }
        if let schema = l3CacheSchema, schema.utf8.contains(0) {
            throw invalid("linux.intelRdt.l3CacheSchema", "must not hold a NUL byte")
        }
    }
}
