internal import BoxRootfs
internal import BoxSecurity
internal import BoxSpec
internal import BoxSystem

extension Policy {
    /// - Throws: `.denied` naming the flag and the key of swiftboxd.yaml; `.unsupported` for a named volume
    func check(_ wanted: WantedBox) throws(EngineError) {
        let options = wanted.options
        let usesHostRoot = options.rootfs == nil && (wanted.image ?? "host") == "host"
        if options.privileged && !privileged { throw Self.denied("--privileged", "privileged") }
        if !options.devices.isEmpty && !devices {
            throw Self.denied("--device \(options.devices[0])", "devices")
        }
        if options.network == "host" && !hostNetwork { throw Self.denied("--network host", "host_network") }
        if options.securityOpts.contains(where: { $0.hasSuffix("=unconfined") }) && !unconfined {
            throw Self.denied("--security-opt …=unconfined", "unconfined")
        }
        if let name = forbiddenCapability(options, usesHostRoot: usesHostRoot) {
            throw Self.denied("--cap-add \(name)", "capabilities")
        }
        let profiles = options.securityOpts.filter { $0.hasPrefix("seccomp=") && $0 != "seccomp=unconfined" }
        if !profiles.isEmpty && !seccompProfiles && !unconfined {
            throw Self.denied("--security-opt seccomp=PROFILE", "seccomp_profiles")
        }
        // A file of the host's would be read as root, and its first words told in an error.
        if let path = profiles.first(where: { !RunOptions.isSeccompProfile($0.dropFirst(8)) }) {
            throw EngineError(
                .unsupported,
                "--security-opt \(path): the daemon reads no profile of the host's\n"
                    + "  try:   the profile itself, as swiftbox and docker send it")
        }
        if !options.cgroup.isEmpty && !privileged { throw Self.denied("--cgroup \(options.cgroup[0])", "privileged") }
        if usesHostRoot && !hostRoot { throw Self.denied("the host's root", "host_root") }
        for (flag, path) in Self.hostPaths(options) {
            guard path.hasPrefix("/") else {
                throw EngineError(
                    .unsupported, "\(flag): named volumes are not there yet\n  try:   an absolute path of the host")
            }
            try check(path, flag)
        }
    }

    /// Of a user namespace of the box's own they are no power over the host. The host's root has one unless told otherwise.
    private func forbiddenCapability(_ options: RunOptions, usesHostRoot: Bool) -> String? {
        guard let capabilities, !privileged else { return nil }
        if options.userns == nil ? usesHostRoot : options.userns != "host" { return nil }
        let permitted = CapabilitySet.swiftboxDefault.names + capabilities.map { "CAP_" + $0 }
        return options.capAdd.first { text in
            guard let named = CapabilitySet(name: text) else { return text.uppercased() == "ALL" }
            return !named.names.allSatisfy(permitted.contains)
        }
    }

    private func check(_ path: String, _ flag: String) throws(EngineError) {
        guard let hostPaths else { return }
        if !HostPath.contains(Self.resolved(path), hostPaths) { throw Self.denied(flag, "host_paths") }
    }

    /// Where the path leads now, links followed. What is not there, as it was written: nothing can be mounted from it.
    private static func resolved(_ path: String) -> String {
        do throws(Errno) {
            let place = try File.open(path, FileFlags.path)
            return try File.readLink("/proc/self/fd/\(place.raw)")
        } catch {
            return path
        }
    }

    /// Every path of the host that a box would see, and what asked for it.
    private static func hostPaths(_ options: RunOptions) -> [(flag: String, path: String)] {
        var paths: [(flag: String, path: String)] = []
        if let rootfs = options.rootfs { paths.append(("--rootfs \(rootfs)", rootfs)) }
        paths += options.layers.map { ("--layer \($0)", $0) }
        paths += options.volumes.map { text in
            ("--volume \(text)", String(text.prefix { $0 != ":" }))
        }
        for text in options.mounts {
            let pairs = text.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
            let type = pairs.first { $0[0] == "type" }.map { $0.count > 1 ? $0[1] : "" }
            if type == "tmpfs" { continue }
            let source = pairs.first { $0.count > 1 && ($0[0] == "source" || $0[0] == "src") }
            paths.append(("--mount \(text)", source.map { String($0[1]) } ?? ""))
        }
        return paths
    }

    private static func denied(_ flag: String, _ key: String) -> EngineError {
        EngineError(
            .denied, "\(flag) is not permitted to boxes of this daemon\n  try:   allow \(key) in swiftboxd.yaml")
    }
}
