public import BoxCgroup
public import BoxSecurity

/// Everything that `doctor` looks at, as plain values: a test makes its own.
public struct Facts: Sendable {
    // Who asks.
    public var userID: UInt32 = 0
    public var initialUserNamespace = true
    public var capabilities: CapabilitySet = .all
    /// `/.dockerenv` and its like; nil outside of containers.
    public var container: String?

    // The kernel.
    public var release = "6.12.0"
    public var clocksource: String?
    /// How far two clocks of the kernel go apart, in parts per million.
    public var driftPPM: Double?
    public var hasPressure = true
    public var securityModules: String?
    public var seccompActions: String?
    public var libseccomp = ""

    // What was tried, by name: true when the kernel let us. nil: could not be tried.
    public var namespaces: [(name: String, works: Bool)] = []
    public var hasOverlay: Bool?
    public var hasRedirectDir = true
    public var canMapRootIDs: Bool?
    public var procIsMasked = false

    // sysctls; nil where there is no such file.
    public var maxUserNamespaces: Int?
    public var unprivilegedUserNamespaces: Int?
    public var appArmorRestrictsUserNamespaces: Int?

    // cgroups.
    public var cgroup = CgroupHost()

    // The caller's ids and directories.
    /// How many ids a box of an ordinary user has.
    public var ids: UInt32 = 1
    public var stateRoot = "/run/swiftbox/runtime"
    /// Boxes of killed runs.
    public var leftovers: [String] = []

    public init() {}
}
