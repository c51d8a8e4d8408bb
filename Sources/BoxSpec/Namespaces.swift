internal import BoxOCI

extension RunOptions {
    /// `--userns` and `--network` → `linux.namespaces` and the id mappings.
    func applyNamespaces(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        var kinds: [Namespace.Kind] = [.mount, .pid, .ipc, .uts, .cgroup]
        if try ownNetwork() { kinds.append(.network) }
        if let text = userns ?? defaultUserns(context) {
            try applyUserNamespace(text, to: &spec)
            if text != "host" { kinds.insert(.user, at: 0) }
        }
        spec.linux.namespaces = kinds.map { Namespace($0) }
    }

    /// Root on a directory needs none; the host's root must not be in reach of the host's root user,
    /// and nobody but root can do without.
    private func defaultUserns(_ context: SpecContext) -> String? {
        if context.callerUID != 0 { return "auto" }
        return usesHostRoot && !privileged ? "auto" : nil
    }

    private func applyUserNamespace(_ text: String, to spec: inout Spec) throws(BoxError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch text {
        case "host": return
        case "auto": spec.box.autoUserNamespace = true
        default:
            let ids = parts.compactMap { Accounts.id($0) }
            guard parts.count == 3, ids.count == 3, ids[2] > 0 else {
                throw refusal(
                    "--userns", text, "must be host, auto or UID:GID:SIZE",
                    remedy: "100000:100000:65536 maps the box's ids 0 to 65535 to the host's from 100000")
            }
            guard UInt64(ids[0]) + UInt64(ids[2]) < UInt64(UInt32.max),
                UInt64(ids[1]) + UInt64(ids[2]) < UInt64(UInt32.max)
            else { throw refusal("--userns", text, "the block ends beyond the last id, 4294967294") }
            spec.linux.uidMappings = [IDMapping(containerID: 0, hostID: ids[0], size: ids[2])]
            spec.linux.gidMappings = [IDMapping(containerID: 0, hostID: ids[1], size: ids[2])]
        }
        if let userns {
            spec.record("--userns \(userns)", "linux.uidMappings")
            spec.record("--userns \(userns)", "linux.gidMappings")
            spec.record("--userns \(userns)", "swiftbox.autoUserNamespace")
        }
    }

    /// Whether the box gets a network of its own.
    func ownNetwork() throws(BoxError) -> Bool {
        switch network {
        case nil, "none": return true
        case "host": return false
        case .some(let other):
            throw refusal(
                "--network", other, "is not available in this version", .unsupported,
                remedy: "none (loopback alone, the default) or host")
        }
    }

    /// Ids from 0 that exist in the box; nil where it shares the host's.
    func mappedIDs(_ spec: Spec) -> UInt32? {
        if spec.box.autoUserNamespace { return DefaultBox.autoBlock }
        return spec.linux.uidMappings.first?.size
    }

    /// A user outside the mapped block would fail late, in the box.
    func checkMapped(_ user: User, _ spec: Spec) throws(BoxError) {
        guard let size = mappedIDs(spec) else { return }
        for id in [user.uid, user.gid] + user.additionalGids where id >= size {
            throw BoxError(
                .invalidSpec, "--user \(self.user ?? "0"): id \(id) does not exist in the box, which has \(size) ids",
                field: "--user", remedy: "a larger block with --userns UID:GID:SIZE, or --userns host")
        }
    }
}
