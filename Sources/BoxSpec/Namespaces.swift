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
        if boottimeOffset != nil || monotonicOffset != nil {
            kinds.append(.time)
            var offsets = TimeOffsets()
            offsets.boottime = try offset(boottimeOffset, "--boottime-offset", "boottime", &spec)
            offsets.monotonic = try offset(monotonicOffset, "--monotonic-offset", "monotonic", &spec)
            spec.linux.timeOffsets = offsets
        }
        spec.linux.namespaces = kinds.map { Namespace($0) }
    }

    /// Seconds and, always forward from them, nanoseconds: time_namespaces(7).
    private func offset(
        _ text: String?, _ flag: String, _ clock: String, _ spec: inout Spec
    ) throws(BoxError) -> TimeOffsets.Offset? {
        guard let text else { return nil }
        let isBack = text.hasPrefix("-")
        guard let nanoseconds = Durations.parse(isBack ? String(text.dropFirst()) : text) else {
            throw refusal(
                flag, text, "is not a duration", remedy: "numbers and one of ms, s, m, h, d, such as 3d12h or -90s")
        }
        spec.record("\(flag) \(text)", "linux.timeOffsets.\(clock)")
        spec.record("\(flag) \(text)", "linux.timeOffsets")
        let (seconds, rest) = (Int64(nanoseconds / 1_000_000_000), UInt32(nanoseconds % 1_000_000_000))
        if !isBack { return TimeOffsets.Offset(seconds: seconds, nanoseconds: rest) }
        return rest == 0
            ? TimeOffsets.Offset(seconds: -seconds, nanoseconds: 0)
            : TimeOffsets.Offset(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - rest)
    }

    /// Root on a directory needs none; the host's root must not be in reach of the host's root user,
    /// and nobody but root can do without.
    private func defaultUserns(_ context: SpecContext) -> String? {
        if context.callerUID != 0 || context.ownIDs != nil { return "auto" }
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
    func mappedIDs(_ spec: Spec, _ context: SpecContext) -> UInt32? {
        if spec.box.autoUserNamespace { return context.ownIDs ?? DefaultBox.autoBlock }
        return spec.linux.uidMappings.first?.size ?? context.ownIDs
    }

    /// A user outside the mapped block would fail late, in the box.
    func checkMapped(_ user: User, _ spec: Spec, _ context: SpecContext) throws(BoxError) {
        guard let size = mappedIDs(spec, context) else { return }
        for id in [user.uid, user.gid] + user.additionalGids where id >= size {
            throw BoxError(
                .invalidSpec, "--user \(self.user ?? "0"): id \(id) does not exist in the box, which has \(size) ids",
                field: "--user",
                remedy: context.ownIDs == nil
                    ? "a larger block with --userns UID:GID:SIZE, or --userns host"
                    : "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER gives a user more")
        }
    }
}
