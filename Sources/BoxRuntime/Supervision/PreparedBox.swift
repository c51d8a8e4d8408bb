internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// A box that is there before anybody has asked for it: its init process waits, in everything that the box has, for a
/// command. For one box, and one thread.
final class PreparedBox {
    let launcher: Launcher
    let host: HostFacts
    let source: CheckedConfig
    let streams: ProcessStreams
    private let id: String
    private let hasInput: Bool
    private let process: RunningBox
    private var socket: CInt
    /// This process's mount namespace before the box's root was put together.
    private let home: CInt
    private var state = State.waiting
    private enum State {
        case waiting
        case taken(LaunchPlan)
        case left
    }

    /// A box like the one that the request is for.
    ///
    /// - Throws: `.unsupported` where nobody could make sure that it will be the same when it is asked for
    init(
        _ request: SupervisionRequest, _ parts: PreparedParts, stateRoot: String, warn: (String) -> Void
    ) throws(BoxError) {
        let source = try ConfigFile.readText(request.config ?? "", filters: SeccompCache(directory: stateRoot))
        var launch = LaunchRequest(
            spec: source.spec, id: request.id, bundle: request.bundle ?? "", stateRoot: stateRoot)
        launch.source = source
        launch.isSwept = parts.sweepWarnings != nil
        launch.awaitsCommand = true
        // Those of the plan are told who asks for the box.
        let (host, plan) = try launch.compile(source.spec, detached: false) { _ in }
        (self.host, self.source) = (host, source)
        if !plan.canWait || source.spec.box.autoUserNamespace {
            throw BoxError(.unsupported, "the box cannot be made before it is asked for")
        }
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot open the mount namespace", errno: $0) }
        let home = try explaining(failure) { () throws(Errno) in
            try File.open("/proc/self/ns/mnt", FileFlags.readOnly)
        }
        id = request.id
        hasInput = request.hasInput
        launcher = try Launcher(plan, host: host, probe: Unprobed())
        launcher.network = parts.network
        launcher.deviceProgram = parts.deviceProgram
        streams = try ProcessStreams(source.spec, hasInput: request.hasInput)
        var waiting: CInt = -1
        do throws(BoxError) {
            let launcher = launcher
            process = try streams.installed { () throws(BoxError) in
                let made = try launcher.prepareInit()
                waiting = made.socket
                return made.box
            }
        } catch {
            for problem in launcher.cleanUp() { warn(problem.oneLine) }
            throw error
        }
        socket = waiting
        self.home = home.release()
    }

    deinit {
        _ = Descriptor(owning: home)
        if socket >= 0 { _ = Descriptor(owning: socket) }
    }

    /// What becomes of the box by the request's command; nil where it cannot serve the request.
    func take(_ request: SupervisionRequest) throws(BoxError) -> (spec: Spec, plan: LaunchPlan)? {
        guard let command = request.command, request.id == id, request.hasInput == hasInput else { return nil }
        let isThere = try explaining({ BoxError(.internal, "cannot look after the box", errno: $0) }) {
            () throws(Errno) in try !Poll.isHungUp(socket)
        }
        let (environment, hasHome) = Compiler.environment(command.environment)
        guard isThere, hasHome == Compiler.environment(source.spec.process?.env ?? []).hasHome else { return nil }
        let spec = source.spec.with(command)
        var plan = launcher.plan
        plan.workload.arguments = command.arguments
        plan.workload.environment = environment
        if spec != source.spec {
            plan.spec = spec
            plan.specText = spec.text(profile: spec.linux.seccomp == nil ? source.profile : nil)
        }
        state = .taken(plan)
        return (spec, plan)
    }

    /// Its workload runs when this returns. When it throws there is no process left; the launcher has to clean up.
    func run() throws(BoxError) -> RunningBox {
        guard case .taken(let plan) = state else { throw BoxError(.internal, "the box was not taken") }
        state = .left
        let channel = RecordSocket(owning: socket)
        socket = -1
        try launcher.run(plan, in: process, channel)
        return process
    }

    /// Nobody wants it. Returns what could not be removed.
    func leave() -> [BoxError] {
        if case .left = state { return [] }
        state = .left
        process.end()
        var problems = launcher.cleanUp()
        do throws(BoxError) {
            try explaining({ BoxError(.kernel, "cannot leave the box's mounts", errno: $0) }) { () throws(Errno) in
                try Namespaces.mount.join(home)
            }
        } catch {
            problems.append(error)
        }
        return problems
    }
}

extension Spec {
    func with(_ command: SupervisionRequest.Command?) -> Spec {
        guard let command else { return self }
        var spec = self
        spec.process?.args = command.arguments
        spec.process?.env = command.environment
        return spec
    }
}
