public import BoxCgroup
public import BoxOCI
public import BoxSecurity
internal import BoxRootfs
internal import BoxSystem

/// What the host offers, read once before a plan is made. Values only; a test makes its own.
public struct HostFacts: Equatable, Sendable {
    /// What overlayfs of this kernel can do.
    public struct Overlay: Equatable, Sendable {
        public var redirectDir: Bool
        public var metacopy: Bool

        public init(redirectDir: Bool, metacopy: Bool) {
            self.redirectDir = redirectDir
            self.metacopy = metacopy
        }
    }

    public var cgroup: CgroupHost
    /// Whether this process is in the host's first user namespace.
    public var initialUserNamespace: Bool
    public var overlay: Overlay
    public var securityModules: LSMFacts
    /// Of the paths that a plan would id-map: those whose file system cannot be.
    public var unmappable: Set<String>
    /// The kernel keeps the caller's supplementary groups as they are.
    public var groupsAreFixed: Bool

    public init(
        cgroup: CgroupHost, initialUserNamespace: Bool, overlay: Overlay, securityModules: LSMFacts = LSMFacts(),
        unmappable: Set<String> = [], groupsAreFixed: Bool = false
    ) {
        self.cgroup = cgroup
        self.initialUserNamespace = initialUserNamespace
        self.overlay = overlay
        self.securityModules = securityModules
        self.unmappable = unmappable
        self.groupsAreFixed = groupsAreFixed
    }

    /// Reads /proc and /sys, and tries the id maps that the spec would need.
    public static func probe(for spec: Spec, tryingIDMaps: Bool = true) throws(BoxError) -> HostFacts {
        let (isInitial, groupsAreFixed) = try explaining({
            BoxError(.kernel, "cannot read /proc/self/uid_map", errno: $0)
        }) { () throws(Errno) in (try OwnIDs.areInitial(), try OwnIDs.groupsAreFixed()) }
        let parameters = "/sys/module/overlay/parameters/"
        // A module that is not loaded yet has no parameters to show; every one since 5.15 has both features.
        let loaded = File.exists("/sys/module/overlay")
        return HostFacts(
            cgroup: try CgroupHost.probe(),
            initialUserNamespace: isInitial && Caller.userID == 0,
            overlay: Overlay(
                redirectDir: !loaded || File.exists(parameters + "redirect_dir"),
                metacopy: !loaded || File.exists(parameters + "metacopy")),
            securityModules: LSMFacts.detect(), unmappable: tryingIDMaps && isInitial ? try unmappable(spec) : [],
            groupsAreFixed: groupsAreFixed)
    }

    /// "Probes decide": whether a file system can be id-mapped is asked of the kernel, on a detached copy.
    private static func unmappable(_ spec: Spec) throws(BoxError) -> Set<String> {
        guard spec.linux.namespaces.contains(where: { $0.type == .user && $0.path == nil }) else { return [] }
        var paths: [String] = []
        switch spec.box.rootfs?.base {
        case .host: paths = ["/"]
        case .layers(let layers): paths = layers
        case nil: break
        }
        if let upper = spec.box.rootfs?.upper { paths.append(upper) }
        for mount in spec.mounts where mount.options.contains("idmap") {
            if let source = mount.source { paths.append(source) }
        }
        if paths.isEmpty { return [] }
        let map = IDMap(users: spec.linux.uidMappings, groups: spec.linux.gidMappings)
        return try explaining({ BoxError(.kernel, "cannot try an id map", errno: $0) }) { () throws(Errno) in
            let namespace = try map.makeNamespace()
            return Set(paths.filter { !IDMap.canMap($0, namespace: namespace.raw) })
        }
    }
}
