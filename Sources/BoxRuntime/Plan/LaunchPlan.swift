public import BoxOCI
public import BoxSystem

/// Everything that is done to start one box, in the order in which it is done: plain values, no descriptors.
///
/// Made by `Compiler` from a `Spec` and `HostFacts`; carried out by `Launcher` and nothing else. It can be printed
/// and compared, and broken on purpose at each step. Safe on any thread.
public struct LaunchPlan: Equatable, Sendable {
    public var id: String
    public var bundle: String
    /// What the plan was compiled from.
    public var spec: Spec
    /// Where `SeccompCache` keeps the filter.
    var keptFilter: String?
    /// The text of just this spec, where there is one.
    var specText: [UInt8]?
    /// No runtime stays with the box.
    public var isDetached = false
    /// The state outlives the box, until `delete`.
    public var isKept = false
    /// The box's processes stay in the session keyring of whoever started them.
    public var sharesKeyring = false
    /// The processes come from these images; then there is no init process of swiftbox's, and `initialise` only names the
    /// mounts.
    public var restore: RestoreOptions?
    /// In the runtime, before there is a process.
    public var prepare: [Step] = []
    /// The namespaces that the init process is born into.
    public var clone = Namespaces()
    /// In a process between the runtime and init, which goes ahead into what init is to be born into. Mostly nothing.
    public var enter: [Step] = []
    /// In the runtime, while the new init process waits.
    public var attend: [Step] = []
    /// In the runtime, when the init process has made the box's environment and waits: before pivot_root(2).
    public var ready: [Step] = []
    /// In the init process, up to the moment before execve(2).
    public var initialise: [Step] = []
    public var workload = Workload()
    /// In the runtime, when the workload runs, and when the box has been removed.
    public var started: [Step] = []
    public var removed: [Step] = []
    /// One line each: what was asked for or set by default, and will not hold on this host.
    public var warnings: [String] = []
    /// What was asked for, or set by default, and is not applied: in the words of the asker, and why.
    public var unapplied: [Pair] = []

    public init(id: String, bundle: String, spec: Spec) {
        self.spec = spec
        self.id = id
        self.bundle = bundle
    }

    /// All steps; those of `ready` are done in the midst of `initialise`.
    public var steps: [Step] { prepare + enter + attend + initialise + ready + started + removed }

    /// The number of the first step of `initialise`.
    var beforeInit: Int { prepare.count + enter.count + attend.count }
}

/// What becomes of the init process.
public struct Workload: Equatable, Sendable {
    public var arguments: [String] = []
    public var environment: [String] = []
    public var terminal = false
    /// swiftbox stays as process 1, reaps orphans and forwards signals.
    public var initProcess = false
    /// The box has a pid namespace of its own: when its process 1 ends, the kernel ends all others.
    public var ownsProcesses = true

    /// Descriptors from 3 on that the caller passes through.
    public var passedDescriptors: CInt = 0
    /// The first of them are sockets, of which the workload is told when its pid is known.
    public var activation: SocketActivation?

    /// The caller's supplementary groups stay: the kernel lets nobody change them (user_namespaces(7), setgroups).
    public var keepsGroups = false
    /// Taken away before a user namespace was joined in which that may be forbidden.
    public var groupsAreDropped = false

    public init() {}
}

/// One thing done to the kernel.
public struct Step: Equatable, Sendable {
    public var action: Action
    /// Why the step is there: which part of the request, or which rule of ours.
    public var reason: String
    /// The config.json path behind it, where there is one.
    public var field: String?

    public init(_ action: Action, _ reason: String, field: String? = nil) {
        self.action = action
        self.reason = reason
        self.field = field
    }
}
