internal import BoxOCI
internal import BoxSystem

/// A launch in two halves: the box before its command is known, and its command.
extension Launcher {
    /// Carries out the plan up to the moment when its init process waits for a command. Whoever calls owns the socket, and
    /// cleans up, also when it throws; then there is no process any more.
    func prepareInit() throws(BoxError) -> (box: RunningBox, socket: CInt) {
        for (index, step) in plan.prepare.enumerated() { try carryOut(step, index, pid: nil) }
        let (box, raw) = try cloneInit()
        let socket = RecordSocket(owning: raw)
        do throws(BoxError) {
            try attend(box)
            try state?.write(currentState(.creating, pid: box.pid))
            try release(socket)
            try expectWaiting(socket, box)
            // A first command, which it takes and forgets: then its filter lets it hear of another.
            try tell(plan.workload, socket)
            try expectWaiting(socket, box)
            return (box, socket.release())
        } catch {
            box.end()
            throw error
        }
    }

    private func expectWaiting(_ socket: borrowing RecordSocket, _ box: RunningBox) throws(BoxError) {
        if try hear(socket, box) { return }
        throw BoxError(.internal, "the init process has not waited for its command")
    }

    /// The other half, with the plan as it became: another than the first in its command and its spec alone.
    func run(_ new: LaunchPlan, in box: RunningBox, _ socket: borrowing RecordSocket) throws(BoxError) {
        let isSame = new.specText == plan.specText
        try become(new)
        do throws(BoxError) {
            if !isSame { try state?.write(spec: new.specText ?? new.spec.text()) }
            try state?.write(currentState(.running, pid: box.pid))
            try tell(new.workload, socket)
            _ = try hear(socket, box)
        } catch {
            box.end()
            throw error
        }
    }

    private func tell(_ workload: Workload, _ socket: borrowing RecordSocket) throws(BoxError) {
        try explaining(failure("tell the init process its command")) { () throws(Errno) in
            try CommandRecord.send(workload, over: socket)
        }
    }
}

extension LaunchPlan {
    /// Whether a box can be there before anybody asks for it: it is of nothing but the kernel's own making, and a root that
    /// nobody changes, for which who prepares it has to vouch. What else the host has may become another until then; hooks
    /// and agents are not to be troubled for nothing, and a terminal is as large as its user's.
    var canWait: Bool {
        if restore != nil || isDetached || isKept || workload.terminal || workload.passedDescriptors > 0 {
            return false
        }
        if !(enter + ready + started + removed).isEmpty { return false }
        return (prepare + attend + initialise).allSatisfy { $0.action.isOfTheBoxAlone }
    }
}

extension Action {
    fileprivate var isOfTheBoxAlone: Bool {
        switch self {
        case .mount(let mount):
            ["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"].contains(mount.type ?? "")
        // Around the process.
        case .makeStateDirectory, .privateMounts, .mountOverlay, .cloneRoot, .makeCgroup, .setCgroup,
            .attachDeviceProgram,
            .adjustOOMScore,
            .enterCgroupNamespace, .startSession, .joinSessionKeyring, .setHostname, .setDomainname, .bringLoopbackUp,
            .setSysctl:
            true
        // Its files.
        case .propagateMounts, .attachRoot, .remount, .makeDevice, .fillDev, .openRoot, .protectPath, .maskPaths,
            .makeRootReadOnly, .pivotRoot, .propagateRoot, .openProc:
            true
        // Itself.
        case .awaitCommand, .becomeUndumpable, .setExecLabel, .setScheduler, .setIOPriority, .setPersonality,
            .setMemoryPolicy, .setLimit, .findHome, .closeDescriptors, .dropBounding, .setUser, .setCapabilities,
            .renounceNewPrivileges, .installFilter, .changeDirectory, .dieWithRuntime:
            true
        default: false
        }
    }
}
