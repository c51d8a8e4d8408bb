internal import BoxCgroup
public import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// What it takes to make one box, and to run it.
public struct LaunchRequest {
    public var spec: Spec
    /// What the spec was read from. It holds the profile where the spec does not.
    public var source: CheckedConfig?
    public var id: String
    /// Absolute; relative paths of the spec start here.
    public var bundle: String
    /// Holds a directory for each box.
    public var stateRoot: String
    /// What killed runs left was looked for when this process was prepared, for that is a look at every box there; at this
    /// box's own place it is looked once more.
    var isSwept = false
    /// See `BoxPlace`.
    var awaitsCommand = false
    /// False gives the workload an empty standard input.
    public var attachStdin = true
    /// Files that get the pid of the init process and the box's id; the second must not exist before.
    public var pidFile: String?
    public var cidFile: String?
    /// The flag that named `pidFile`.
    public var pidFileFlag = "--pid-file"
    /// Sockets that get the pty's master and the init process's pidfd.
    public var consoleSocket: String?
    public var pidfdSocket: String?
    /// See `BoxPlace`.
    public var isKept = false
    public var passedDescriptors: CInt = 0
    public var withoutPivot = false
    public var withoutKeyring = false
    /// The box comes from a checkpoint.
    public var restore: RestoreOptions?
    /// Gets one warning a call, a line without its end.
    public var warn: (String) -> Void = { _ in }
    /// Gets the plan's lines before it is carried out.
    public var debug: ((String) -> Void)?

    /// Is told what each step of the launch took.
    public var times: StepTimes?
    /// Is told how the box ended, in every way it can; the error, when it does not come to run, is told by the caller.
    public var report: ExitReport?
    /// An error in the words of who asked: the flag, or the line of a spec file.
    public var naming: (BoxError) -> BoxError

    public init(spec: Spec, id: String, bundle: String, stateRoot: String) {
        self.spec = spec
        self.id = id
        self.bundle = bundle
        self.stateRoot = stateRoot
        naming = { spec.box.namingFlag($0) }
    }
}

extension LaunchRequest {
    /// A warning for who waits, and for who reads the report.
    func tell(_ warning: String) {
        warn(warning)
        report?.warnings.append(warning)
    }

    /// Clears what killed runs left, and compiles the spec for this host. Nothing of the box is made.
    func compile(_ spec: Spec, detached: Bool, warn: (String) -> Void) throws(BoxError) -> (HostFacts, LaunchPlan) {
        let host = try HostFacts.probe(for: spec, bundle: bundle)
        let left =
            isSwept
            ? Sweep.clear([stateRoot + "/" + id], host: host.cgroup) : Sweep.clear(root: stateRoot, host: host.cgroup)
        for warning in left { warn(warning) }
        var place = BoxPlace(id: id, bundle: bundle, stateRoot: stateRoot)
        place.isDetached = detached
        place.isKept = isKept
        place.passedDescriptors = passedDescriptors
        place.withoutPivot = withoutPivot
        place.withoutKeyring = withoutKeyring
        place.awaitsCommand = awaitsCommand
        try checkPassedDescriptors()
        var plan = try compile(spec, at: place, host)
        try Preflight.check(spec, plan: plan)
        if let restore {
            _ = try CriuService.find()
            try plan.restore(from: restore)
        }
        try times?.follow(plan)
        if let debug { for line in plan.text.split(separator: "\n") { debug(String(line)) } }
        return (host, plan)
    }

    private func compile(_ spec: Spec, at place: BoxPlace, _ host: HostFacts) throws(BoxError) -> LaunchPlan {
        let cache = SeccompCache(directory: stateRoot)
        guard let source else {
            return try Compiler.compile(spec, at: place, host: host, filter: cache.program(for:))
        }
        // Cheap where it is so: what two values share is not looked at.
        let isAsRead = spec == source.spec
        let known = spec.linux.seccomp == nil ? source.filter : nil
        var plan = try Compiler.compile(spec, at: place, host: host, isChecked: isAsRead, knownFilter: known) {
            (profile) throws(BoxError) in try source.compile(profile, cache)
        }
        plan.specText = isAsRead ? source.text : spec.text(profile: known == nil ? nil : source.profile)
        return plan
    }

    private func checkPassedDescriptors() throws(BoxError) {
        if passedDescriptors <= 0 { return }
        for descriptor in 3..<(3 + passedDescriptors) {
            try explaining({
                BoxError(
                    .invalidSpec, "the descriptor \(descriptor) is to be passed on and not open",
                    field: "--preserve-fds", errno: $0)
            }) {
                () throws(Errno) in _ = try File.status(at: descriptor)
            }
        }
    }

    var probe: any StepProbe { if let times { times } else { Unprobed() } }

    /// At the runtime's end, whatever became of the box.
    func writeTimes() {
        do throws(BoxError) { try times?.write() } catch { warn(error.oneLine) }
    }

    /// Writes the pid file and hands over the pidfd. Returns the file, for who gives up after all.
    func announce(_ box: RunningBox) throws(BoxError) -> IDFile? {
        let file = try pidFile.map { (path) throws(BoxError) in
            try IDFile.replace(path, String(box.pid), field: pidFileFlag)
        }
        if let pidfdSocket { try HandOver.send(box.pidfd, named: "pidfd", to: pidfdSocket, flag: "--pidfd-socket") }
        return file
    }
}

func refuseOrdinaryUser() throws(BoxError) {
    if Caller.userID != 0 {
        throw BoxError(.denied, "boxes of an ordinary user need swiftbox run", remedy: "swiftbox run, or run as root")
    }
}
