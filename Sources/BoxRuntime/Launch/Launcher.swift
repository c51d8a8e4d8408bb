internal import BoxCgroup
public import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
internal import BoxSystem

/// Carries out a plan: the only code that turns one into processes, mounts and cgroups.
///
/// Call it from a process with one thread (checked). What it makes it also takes down, in `cleanUp`,
/// whether the launch succeeded, failed half-way or never came to a process.
public final class Launcher {
    private(set) var plan: LaunchPlan
    let probe: any StepProbe
    let slots = Slots()
    let host: HostFacts
    private(set) var state: StateDirectory?
    var cgroup: Cgroup?
    /// When init was made, in clock ticks since boot.
    private var known: (pid: CInt, start: UInt64)?
    /// There has been a process, or an attempt at one: poststop hooks are due.
    var isBorn = false
    private var isOver = false
    /// Gets the pty's master instead of this process.
    public var consoleSocket: String?
    var resctrl: ResctrlGroup?
    /// What the box has of the host's network devices.
    var netDevices: [MovedNetDevice] = []
    /// Made before the box was known.
    var network: PreparedNetwork?
    /// Loaded before the box was known; for the box whose program is the same.
    var deviceProgram: LoadedDeviceProgram?
    /// What keeps the scope of systemd alive until the box is born there.
    var scope: ScopeHolder?
    /// Where the runtime itself is meanwhile, in a cgroup that was delegated to a user.
    var leaf: RuntimeLeaf?
    /// RFC 3339.
    private var created: String
    /// The box's state, for a process that joins it.
    var joined: RuntimeState?
    /// What could not be applied and may be gone without; complete when `launch` has returned.
    public internal(set) var warnings: [String] = []

    public init(_ plan: LaunchPlan, host: HostFacts, probe: any StepProbe) throws(BoxError) {
        created = try Self.now()
        self.plan = plan
        self.host = host
        self.probe = probe
    }

    private static func now() throws(BoxError) -> String {
        Timestamp.text(
            nanoseconds: try explaining({ BoxError(.kernel, "cannot tell the time", errno: $0) }) {
                () throws(Errno) in try Kernel.realtimeNanoseconds()
            })
    }

    /// The box is that of another plan from now on.
    func become(_ new: LaunchPlan) throws(BoxError) {
        plan = new
        created = try Self.now()
    }

    /// Starts the box: returns when its workload runs (execve has succeeded), or throws why it does not.
    /// `announce` gets the box while its init process still waits; when it throws, nothing is run.
    public func launch(announce: (RunningBox) throws(BoxError) -> Void) throws(BoxError) -> RunningBox {
        for (index, step) in plan.prepare.enumerated() { try carryOut(step, index, pid: nil) }
        if let wanted = plan.restore { return try restore(wanted, announce: announce) }
        let (box, raw) = try cloneInit()
        let socket = RecordSocket(owning: raw)
        do throws(BoxError) {
            try attend(box)
            let status: RuntimeState.Status = plan.isDetached ? .creating : .running
            try state?.write(currentState(status, pid: box.pid))
            try announce(box)
            try release(socket)
            _ = try hear(socket, box)
            try runStartedHooks(box)
        } catch {
            box.end()
            throw error
        }
        return box
    }

    func attend(_ box: RunningBox) throws(BoxError) {
        try releaseScope()
        for (index, step) in plan.attend.enumerated() {
            try carryOut(step, plan.prepare.count + plan.enter.count + index, pid: box.pid)
        }
    }

    /// Of a created box they are `start`'s affair.
    private func runStartedHooks(_ box: RunningBox) throws(BoxError) {
        if !plan.isDetached { try runStartedHooks(pid: box.pid) }
    }

    func runStartedHooks(pid: CInt) throws(BoxError) {
        let first = plan.beforeInit + plan.initialise.count + plan.ready.count
        for (index, step) in plan.started.enumerated() { try carryOut(step, first + index, pid: pid) }
    }

    /// What there is of a box that has ended stays for `delete`.
    func keep() { isOver = true }

    /// A box that waits for `start` stands on its own from here on.
    func settle(_ box: RunningBox) throws(BoxError) { try state?.write(currentState(.created, pid: box.pid)) }

    func releaseScope() throws(BoxError) {
        guard let held = scope else { return }
        scope = nil
        try held.end()
    }

    func carryOut(_ step: Step, _ number: Int, pid: CInt?) throws(BoxError) {
        do throws(BoxError) {
            try probe.before(step, number: number)
            try perform(step.action, pid: pid)
            probe.after(number: number)
        } catch {
            var named = error
            named.field = error.field ?? step.field
            throw named
        }
    }

    func cloneInit() throws(BoxError) -> (RunningBox, CInt) {
        try checkSingleThread()
        let progress = try explaining(failure("share a page")) { () throws(Errno) in try SharedCounter() }
        let sockets = try explaining(failure("make a socket")) { () throws(Errno) in try RecordSocket.pair() }
        let command = InitCommand(plan.workload)
        let cgroup = try explaining(failure("clone")) { () throws(Errno) in
            slots.has(.cgroup) ? try slots.get(.cgroup) : -1
        }
        let state = try currentState(.creating, pid: 0)
        isBorn = true
        let child: ClonedProcess?
        do throws(BoxError) {
            probe.begin(.clone)
            child = try makeInit(cgroup: cgroup)
            if child != nil { probe.end(.clone) }
        } catch {
            for raw in [sockets.0, sockets.1] { _ = Descriptor(owning: raw) }
            throw error
        }
        guard let child else {
            _ = Descriptor(owning: sockets.0)
            InitProcess(
                plan: plan, slots: slots, probe: probe, progress: progress, channel: sockets.1,
                state: state, command: command
            ).run()
        }
        _ = Descriptor(owning: sockets.1)
        return (RunningBox(child, plan: plan, progress: progress), sockets.0)
    }

    func cloneFailure(_ errno: Errno) -> BoxError {
        var error = BoxError(.kernel, "cannot make the box's namespaces", errno: errno)
        if errno == .noSpace { error.found = "a limit under /proc/sys/user (max_*_namespaces) is reached" }
        if errno == .notPermitted { error.remedy = "run as root" }
        if slots.has(.box) { explainJoining(&error) }
        return error
    }

    func checkSingleThread() throws(BoxError) {
        let threads = try explaining(failure("count threads")) { () throws(Errno) in try Processes.threadCount() }
        if threads != 1 {
            throw BoxError(.internal, "the runtime has \(threads) threads where it must have one to clone")
        }
    }

    func release(_ socket: borrowing RecordSocket) throws(BoxError) {
        try explaining(failure("release the init process")) { () throws(Errno) in try socket.send([1]) }
    }

    /// Until the workload runs, or, of a box that is only to be created, until it waits for `start`. True is a box that waits
    /// for its command.
    func hear(_ socket: borrowing RecordSocket, _ box: RunningBox) throws(BoxError) -> Bool {
        while true {
            let record = try explaining(failure("hear the init process")) { () throws(Errno) in try socket.receive() }
            if record.bytes.isEmpty { break }
            guard record.bytes.count == 1, let message = InitMessage(rawValue: record.bytes[0]) else {
                throw InitFailure.explain(record.bytes, plan: plan)
            }
            switch message {
            case .terminal: if let master = record.descriptor { try handOver(master, box) }
            case .ready: try runReadyHooks(socket, box)
            case .listener: if let listener = record.descriptor { try handOver(listener: listener, box) }
            case .created: return false
            case .waiting: return true
            case .executing: continue
            }
        }
        if let error = box.deathBeforeExec() { throw error }
        probe.end(.execute)
        return false
    }

    /// The pty goes to who asked for it, or stays here to be relayed.
    func handOver(_ master: CInt, _ box: RunningBox) throws(BoxError) {
        guard let path = consoleSocket else { return box.takeTerminal(master) }
        let descriptor = Descriptor(owning: master)
        try HandOver.send(descriptor.raw, named: "/dev/ptmx", to: path, flag: "--console-socket")
    }

    private func handOver(listener: CInt, _ box: RunningBox) throws(BoxError) {
        let descriptor = Descriptor(owning: listener)
        let agent = try explaining(failure("find the seccomp agent")) { () throws(Errno) in try slots.get(.agent) }
        var state = try currentState(.creating, pid: box.pid)
        if let joined { state = joined }
        try SeccompAgent.hand(
            descriptor.raw, to: agent, pid: box.pid, metadata: plan.spec.linux.seccomp?.listenerMetadata, state: state)
        slots.close(.agent)
    }

    private func runReadyHooks(_ socket: borrowing RecordSocket, _ box: RunningBox) throws(BoxError) {
        let first = plan.beforeInit + plan.initialise.count
        for (index, step) in plan.ready.enumerated() { try carryOut(step, first + index, pid: box.pid) }
        try release(socket)
    }

    func failure(_ what: @autoclosure @escaping () -> String) -> (Errno) -> BoxError {
        { BoxError(.kernel, "cannot \(what())", errno: $0) }
    }

    /// Takes down what the plan made: cgroup, work directory of the upper layer, state directory, in this order, each
    /// even if one before it failed. The mounts went with the namespaces. Returns what could not be removed.
    ///
    /// Of a box that is kept, only the state says what there was; `delete` takes it all down.
    public func cleanUp() -> [BoxError] {
        var problems: [BoxError] = []
        if isOver { return problems }
        probe.begin(.cleanUp)
        defer { probe.end(.cleanUp) }
        func attempt(_ body: () throws(BoxError) -> Void) {
            do throws(BoxError) {
                try body()
            } catch {
                problems.append(error)
            }
        }
        // Hooks and devices are at home outside.
        attempt { () throws(BoxError) in
            try explaining(failure("leave the prepared network")) { () throws(Errno) in try network?.leave() }
        }
        attempt { () throws(BoxError) in try releaseScope() }
        if let cgroup { attempt { () throws(BoxError) in try cgroup.destroy() } }
        attempt { () throws(BoxError) in try resctrl?.remove() }
        attempt { () throws(BoxError) in try returnNetDevices() }
        attempt { () throws(BoxError) in try leaveJoinedMounts() }
        if let leaf { attempt { () throws(BoxError) in try leaf.leave() } }
        for step in plan.prepare where slots.has(.upper) {
            if case .mountOverlay(let overlay) = step.action, case .directory(let path) = overlay.upper {
                attempt { () throws(BoxError) in try UpperDirectory(path).removeWork() }
            }
        }
        if let state { attempt { () throws(BoxError) in try state.remove() } }
        let first = plan.steps.count - plan.removed.count
        for (index, step) in plan.removed.enumerated() where isBorn {
            attempt { () throws(BoxError) in try carryOut(step, first + index, pid: nil) }
        }
        return problems
    }

    /// SIGKILL to everything in the box's cgroup, where it has one.
    func killCgroup() throws(BoxError) {
        if slots.has(.cgroup) {
            try Cgroup.kill(try explaining(failure("find the cgroup")) { () throws(Errno) in try slots.get(.cgroup) })
        }
    }

    /// What `--copy-out` asked for; the box has ended, its mounts are held.
    func copyOut(_ copying: CopyingOut) throws(BoxError) -> [CopyingOut.Outcome] {
        let root = try explaining(failure("find the root file system")) { () throws(Errno) in try slots.get(.root) }
        return copying.fetch(from: root, id: plan.id)
    }

    /// Processor time of the box so far in microseconds; nil where no cgroup counts it.
    func processorMicroseconds() throws(Errno) -> UInt64? {
        slots.has(.cgroup) ? try CgroupUsage.processorMicroseconds(slots.get(.cgroup)) : nil
    }

    /// Everything that the cgroup counted, and what became of the settings.
    func usage() throws(BoxError) -> CgroupUsage {
        if !slots.has(.cgroup) { return CgroupUsage(files: [:]) }
        let files = plan.prepare.compactMap {
            if case .setCgroup(let setting) = $0.action { setting.file } else { nil }
        }
        let cgroup = try explaining(failure("find the cgroup")) { () throws(Errno) in try slots.get(.cgroup) }
        return try CgroupUsage(reading: cgroup, settings: files)
    }

    /// What the cgroup counted; empty where the box has none.
    func counters() throws(BoxError) -> CgroupCounters {
        if !slots.has(.cgroup) { return CgroupCounters() }
        return try Cgroup.counters(
            try explaining(failure("find the cgroup")) { () throws(Errno) in try slots.get(.cgroup) })
    }

    func remember(_ state: StateDirectory) { self.state = state }

    private func start(of pid: CInt) throws(BoxError) -> UInt64 {
        if let known, known.pid == pid { return known.start }
        let status = try explaining(failure("look at process \(pid)")) { () throws(Errno) in
            try ProcessStatus.of(pid: pid)
        }
        guard let start = status?.start else { return 0 }
        known = (pid, start)
        return start
    }

    /// From the first moment it names what a clean-up has to look for, made yet or not.
    func currentState(_ status: RuntimeState.Status, pid: CInt) throws(BoxError) -> RuntimeState {
        var state = RuntimeState(id: plan.id, status: status, pid: pid, bundle: plan.bundle)
        state.created = created
        state.owner = Caller.userID
        state.annotations = plan.spec.annotations
        state.isDetached = plan.isDetached || plan.isKept
        state.netDevices = netDevices
        state.sharesKeyring = plan.sharesKeyring
        state.seccompFilter = plan.keptFilter
        state.cgroupsMade = cgroup?.made ?? []
        if pid > 0 { state.processStart = try start(of: pid) }
        for step in plan.prepare {
            switch step.action {
            case .makeCgroup(let path, _): state.cgroup = path
            case .cloneRoot(let source): state.rootfs = source.path
            case .mountOverlay(let overlay):
                if case .directory(let path) = overlay.upper { state.upper = path }
            default: continue
            }
        }
        return state
    }
}

/// A failure of the init process, in the words of the plan.
enum InitFailure {
    static func explain(_ bytes: [UInt8], plan: LaunchPlan) -> BoxError {
        guard let record = FailureRecord(bytes) else {
            return BoxError(.internal, "the init process sent what is no failure record")
        }
        return record.error
    }

    static func died(_ end: ProcessEnd, at step: Int, plan: LaunchPlan) -> BoxError {
        let title = step < plan.initialise.count ? plan.initialise[step].action.title : "execute the command"
        return BoxError(
            .internal, "the init process died (status \(end.status)) in step \(step + 1), \(title)",
            field: step < plan.initialise.count ? plan.initialise[step].field : nil)
    }
}
