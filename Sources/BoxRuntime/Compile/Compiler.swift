internal import BoxCgroup
public import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// Where a box stands, beside its `Spec`.
public struct BoxPlace: Equatable, Sendable {
    public var id: String
    /// Absolute; relative paths of the spec start here.
    public var bundle: String
    /// The directory that holds a directory for each box.
    public var stateRoot: String

    /// No runtime stays with the box: it waits for `start`, and lives on its own.
    public var isDetached = false
    /// The state stays when the box has ended, until `delete`.
    public var isKept = false
    /// Descriptors from 3 on that the caller passes through to the workload.
    public var passedDescriptors: CInt = 0
    /// The root is changed by chroot(2): for a host that runs from an initramfs, where pivot_root(2) cannot work.
    public var withoutPivot = false
    /// The box stays in the caller's session keyring.
    public var withoutKeyring = false
    /// All but the command and its environment is done before these are known.
    var awaitsCommand = false

    public init(id: String, bundle: String, stateRoot: String) {
        self.id = id
        self.bundle = bundle
        self.stateRoot = stateRoot
    }
}

/// Spec and host facts → plan. Pure: the same input gives the same plan, and nothing is touched.
///
/// Each file of this folder adds the steps of one topic; `compile` calls them in the order in which they run.
/// Throws `.invalidSpec` for what no kernel could do and `.unsupported` for what this host or version cannot.
public struct Compiler {
    let spec: Spec
    let place: BoxPlace
    let host: HostFacts
    var plan: LaunchPlan
    /// Slots of mount sources are numbered as they are met.
    var sources = 0
    /// A filter is worth keeping: who calls the compiler says where.
    let filter: (Seccomp) throws(BoxError) -> SeccompProgram
    /// Instead of what `filter` would say.
    var knownFilter: SeccompProgram?
    /// So many id maps beside the box's own.
    var maps = 0

    /// Checks the spec and compiles it; see above for what it throws.
    public static func compile(_ spec: Spec, at place: BoxPlace, host: HostFacts) throws(BoxError) -> LaunchPlan {
        try compile(spec, at: place, host: host, filter: SeccompCompiler.compile)
    }

    static func compile(
        _ spec: Spec, at place: BoxPlace, host: HostFacts, isChecked: Bool = false, knownFilter: SeccompProgram? = nil,
        filter: @escaping (Seccomp) throws(BoxError) -> SeccompProgram
    ) throws(BoxError) -> LaunchPlan {
        if !isChecked { try spec.validate() }
        var compiler = Compiler(
            spec: spec, place: place, host: host, plan: LaunchPlan(id: place.id, bundle: place.bundle, spec: spec),
            filter: filter, knownFilter: knownFilter)
        compiler.plan.isDetached = place.isDetached
        compiler.plan.isKept = place.isKept
        compiler.plan.sharesKeyring = place.withoutKeyring
        compiler.plan.workload.passedDescriptors = place.passedDescriptors
        try compiler.addState()
        try compiler.addCgroup()
        try compiler.addResctrl()
        try compiler.addNamespaces()
        try compiler.addRoot()
        try compiler.addMounts()
        compiler.addDevices()
        compiler.addTerminal()
        compiler.addPathProtection()
        compiler.addCreateHooks()
        compiler.addPivot()
        try compiler.addHostSettings()
        try compiler.addProcess()
        return compiler.plan
    }

    mutating func prepare(_ action: Action, _ reason: String, _ field: String? = nil) {
        plan.prepare.append(Step(action, reason, field: field))
    }

    mutating func enter(_ action: Action, _ reason: String, _ field: String? = nil) {
        if plan.enter.isEmpty {
            let reason = "whoever is in a namespace that is joined may not trace what is not yet the workload"
            plan.enter.append(Step(.becomeUndumpable, reason))
        }
        plan.enter.append(Step(action, reason, field: field))
    }

    mutating func attend(_ action: Action, _ reason: String, _ field: String? = nil) {
        plan.attend.append(Step(action, reason, field: field))
    }

    mutating func initialise(_ action: Action, _ reason: String, _ field: String? = nil) {
        plan.initialise.append(Step(action, reason, field: field))
    }

    mutating func warn(_ text: String) { plan.warnings.append(text) }

    /// The number for the next mount source.
    mutating func nextSource() -> Int {
        sources += 1
        return sources - 1
    }

    /// Whether the box gets a new namespace of this kind.
    func makes(_ kind: Namespace.Kind) -> Bool {
        spec.linux.namespaces.contains { $0.type == kind && $0.path == nil }
    }

    /// Whether the box is in another namespace of this kind than the host, a new one or one that exists.
    func has(_ kind: Namespace.Kind) -> Bool { spec.linux.namespace(kind) != nil }

    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : place.bundle + "/" + path
    }

    private mutating func addState() throws(BoxError) {
        if !host.initialUserNamespace {
            prepare(.enterUserNamespace, "an ordinary user is root in a user namespace of the user's own")
        }
        prepare(
            .makeStateDirectory(place.stateRoot + "/" + place.id), "the id is taken once; a killed run can be cleared")
        if place.isDetached {
            prepare(.openStartSocket(place.stateRoot + "/" + place.id), "the init process hears there when to go on")
        }
    }
}
