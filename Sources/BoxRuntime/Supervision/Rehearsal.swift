internal import BoxCgroup
internal import BoxDocument
internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// What a process does for its first box alone: pages of the program, metadata of types, a filter that nobody compiled yet,
/// a network namespace, a device program in the kernel; and a look at every box, for what killed monitors left. A monitor
/// that waits has the time. For one thread.
final class Rehearsal {
    private var isOver = false
    private var parts = PreparedParts()
    private(set) var box: PreparedBox?
    private var isSpoiled = false

    /// Milliseconds without a request: whoever has a box to launch at once does not wait for a rehearsal. -1 after it.
    var delay: CInt { isOver ? -1 : 10 }

    /// Reads and compiles a box like the last one, and makes nothing of it. Once.
    func perform(stateRoot: String) {
        if isOver { return }
        isOver = true
        do throws(BoxError) {
            let (host, plan) = try Self.compile(stateRoot)
            parts.sweepWarnings = Sweep.clear(root: stateRoot, host: host.cgroup)
            parts.deviceProgram = try plan.deviceProgram?.load()
            parts.network = try explaining({ BoxError(.kernel, "cannot make a network", errno: $0) }) {
                () throws(Errno) in
                try PreparedNetwork()
            }
        } catch {
            // Whatever is wrong is the box's to say, which makes its own.
            return
        }
    }

    static var usual: Spec {
        var spec = Spec.starter()
        spec.process?.terminal = false
        spec.linux.seccomp = DefaultSeccompProfile.profile(capabilities: .swiftboxDefault)
        return spec
    }

    private static func compile(_ stateRoot: String) throws(BoxError) -> (HostFacts, LaunchPlan) {
        if let last = LastBox.read(stateRoot) {
            do throws(BoxError) {
                return try compile(last, stateRoot)
            } catch {
                // Then one like most.
            }
        }
        return try compile(usual.text(), stateRoot)
    }

    private static func compile(_ text: [UInt8], _ stateRoot: String) throws(BoxError) -> (HostFacts, LaunchPlan) {
        let cache = SeccompCache(directory: stateRoot)
        let source = try CheckedConfig(text: text, filters: cache)
        let host = try HostFacts.probe(for: source.spec)
        let place = BoxPlace(id: "rehearsal", bundle: "/", stateRoot: stateRoot)
        let plan = try Compiler.compile(
            source.spec, at: place, host: host, isChecked: true, knownFilter: source.filter
        ) { (profile) throws(BoxError) in try source.compile(profile, cache) }
        _ = try Launcher(plan, host: host, probe: Unprobed()).currentState(.creating, pid: 0).json(pretty: false)
        return (host, plan)
    }

    /// A box of which only the command is not known yet. When it throws, this process is of no use any more: what it has
    /// of that box may not become another's.
    func prepare(_ request: SupervisionRequest, stateRoot: String, warn: (String) -> Void) throws(BoxError) {
        perform(stateRoot: stateRoot)
        if isSpoiled || box != nil { throw Self.isTaken }
        isSpoiled = true
        box = try PreparedBox(request, parts, stateRoot: stateRoot, warn: warn)
        parts = PreparedParts(sweepWarnings: parts.sweepWarnings)
        isSpoiled = false
    }

    func abandon(_ warn: (String) -> Void) {
        guard let box else { return }
        for problem in box.leave() { warn(problem.oneLine) }
        self.box = nil
        isSpoiled = true
    }

    /// What was made, for the box that is launched now.
    func take() throws(BoxError) -> PreparedParts {
        if isSpoiled { throw Self.isTaken }
        defer { parts = PreparedParts() }
        return parts
    }

    private static var isTaken: BoxError { BoxError(.invalidState, "this monitor has its box") }
}

/// What a box can be given that was not known when they were made.
struct PreparedParts {
    /// Where this process is.
    var network: PreparedNetwork?
    var deviceProgram: LoadedDeviceProgram?
    /// Of the look for what killed monitors left; nil where there was none.
    var sweepWarnings: [String]?

    /// What the box can do with; the rest is left.
    func give(_ launcher: Launcher) throws(BoxError) {
        launcher.deviceProgram = deviceProgram
        if let network, network.serves(launcher.plan) {
            launcher.network = network
        } else {
            try explaining({ BoxError(.kernel, "cannot leave the prepared network", errno: $0) }) { () throws(Errno) in
                try network?.leave()
            }
        }
    }

    /// Whether nothing more could have been made for this box; of what there is for every one, nothing is said.
    func serve(_ plan: LaunchPlan) -> Bool { deviceProgram?.program == plan.deviceProgram }
}

extension LaunchPlan {
    fileprivate var deviceProgram: DeviceProgram? {
        for step in prepare {
            if case .attachDeviceProgram(let program, _) = step.action { return program }
        }
        return nil
    }
}
