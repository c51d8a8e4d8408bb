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

        /// Of the kernel's own files below /sys.
        static func probe() -> Overlay {
            let parameters = "/sys/module/overlay/parameters/"
            // A module that is not loaded yet has no parameters to show; every one since 5.15 has both features.
            let loaded = File.exists("/sys/module/overlay")
            return Overlay(
                redirectDir: !loaded || File.exists(parameters + "redirect_dir"),
                metacopy: !loaded || File.exists(parameters + "metacopy"))
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
    /// resctrl is mounted where the kernel's documentation has it; looked at only for a spec that needs it.
    public var resctrl = false

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
    /// `bundle` is where relative paths of the spec start; `cgroup` is what the caller has found out already.
    public static func probe(
        for spec: Spec, bundle: String = "", tryingIDMaps: Bool = true, cgroup: CgroupHost? = nil
    ) throws(BoxError) -> HostFacts {
        let (isInitial, groupsAreFixed) = try explaining({
            BoxError(.kernel, "cannot read /proc/self/uid_map", errno: $0)
        }) { () throws(Errno) in
            let isInitial = try OwnIDs.areInitial()
            // There nobody is kept from it.
            return (isInitial, isInitial ? false : try OwnIDs.groupsAreFixed())
        }
        let cgroup = if let cgroup { cgroup } else { try CgroupHost.probe(isInitial: isInitial) }
        var facts = HostFacts(
            cgroup: cgroup,
            initialUserNamespace: isInitial && Caller.userID == 0,
            // Looked at only for a spec that needs it.
            overlay: spec.box.rootfs == nil ? Overlay(redirectDir: true, metacopy: true) : Overlay.probe(),
            securityModules: LSMFacts.detect(),
            unmappable: tryingIDMaps && isInitial ? try unmappable(spec, bundle) : [],
            groupsAreFixed: groupsAreFixed)
        if spec.linux.intelRdt != nil { facts.resctrl = ResctrlGroup.isMounted() }
        return facts
    }

    /// "Probes decide": whether a file system can be id-mapped is asked of the kernel, on a detached copy.
    private static func unmappable(_ spec: Spec, _ bundle: String) throws(BoxError) -> Set<String> {
        let makesUser = spec.linux.namespaces.contains { $0.type == .user && $0.path == nil }
        var paths: [String] = []
        switch spec.box.rootfs?.base {
        case _ where !makesUser: break
        case .host: paths = ["/"]
        case .layers(let layers): paths = layers
        case nil: break
        }
        if makesUser, let upper = spec.box.rootfs?.upper { paths.append(upper) }
        for mount in spec.mounts
        where !mount.uidMappings.isEmpty || !Set(mount.options).isDisjoint(with: ["idmap", "ridmap"]) {
            if let source = mount.source { paths.append(source.hasPrefix("/") ? source : bundle + "/" + source) }
        }
        if paths.isEmpty { return [] }
        // Whether a file system takes a map is not a question of which.
        let one = [IDMapping(containerID: 0, hostID: 1, size: 1)]
        let map = IDMap(users: one, groups: one)
        return try explaining({ BoxError(.kernel, "cannot try an id map", errno: $0) }) { () throws(Errno) in
            let namespace = try map.makeNamespace()
            return Set(paths.filter { !IDMap.canMap($0, namespace: namespace.raw) })
        }
    }
}
