internal import BoxOCI

extension RunOptions {
    /// `--device SRC[:DST][:rwm]`: the node in the box, and the right to use it.
    func applyDevices(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        for text in devices {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            let (path, access) = try target(parts, text)
            let destination = try Destination.check(path, flag: "--device", text)
            if Self.ownNodes.contains(destination) {
                throw refusal("--device", text, "the box always has its own \(destination)")
            }
            if spec.linux.devices.contains(where: { $0.path == destination }) {
                throw refusal("--device", text, "\(destination) is a device of the box already")
            }
            let node = try context.resolveDevice(context.absolute(parts[0]), "--device")
            var device = Device(
                type: node.kind.rawValue, path: destination, major: Int64(node.major), minor: Int64(node.minor))
            device.fileMode = node.mode
            // In a user namespace of its own the host's ids mean somebody else.
            if !spec.linux.namespaces.contains(where: { $0.type == .user }) {
                device.uid = node.uid
                device.gid = node.gid
            }
            spec.record("--device \(text)", "linux.devices[\(spec.linux.devices.count)]")
            spec.linux.devices.append(device)
            spec.linux.resources.devices.append(
                DefaultBox.allow(node.kind.rawValue, device.major, device.minor, access))
        }
    }

    /// The path in the box and the access; `SRC:rw` is SRC with access rw, as engines read it.
    private func target(_ parts: [String], _ text: String) throws(BoxError) -> (String, String) {
        guard (1...3).contains(parts.count), !parts[0].isEmpty else {
            throw refusal("--device", text, "must be SRC[:DST][:rwm], such as /dev/fuse")
        }
        let hasPath = parts.count > 1 && parts[1].hasPrefix("/")
        if parts.count == 3 && !hasPath {
            throw refusal("--device", text, "the path in the box must be absolute")
        }
        let access = hasPath ? (parts.count == 3 ? parts[2] : "rwm") : (parts.count == 2 ? parts[1] : "rwm")
        let isAccess = !access.isEmpty && access.allSatisfy { "rwm".contains($0) } && Set(access).count == access.count
        guard isAccess else {
            throw refusal("--device", text, "the access \(access.isEmpty ? "''" : access) must be made of r, w and m")
        }
        return (hasPath ? parts[1] : parts[0], access)
    }

    private static let ownNodes = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx",
        "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/shm", "/dev/mqueue",
    ]
}
