internal import BoxCgroup
internal import BoxOCI
internal import BoxSystem

/// What the steps do that lead a new process into a box, in the runtime.
extension Launcher {
    /// The pidfd comes first: what is read of the pid afterwards is of the process behind it, or of none.
    func openBox(pid: CInt, start: UInt64) throws(BoxError) -> Descriptor {
        let ended = BoxError(.invalidState, "the container \(plan.id) has ended")
        return try explaining({ $0 == .noSuchProcess ? ended : failure("take hold of process \(pid)")($0) }) {
            () throws(Errno) in
            let pidfd = try Processes.open(pid: pid)
            let status = try ProcessStatus.of(pid: pid)
            if status?.start != start || status?.isZombie == true { throw .noSuchProcess }
            return pidfd
        }
    }

    func openCgroup(_ path: String) throws(BoxError) -> Descriptor {
        let cgroup = Cgroup(mountPoint: host.cgroup.mountPoint ?? "", path: path, made: [])
        return try explaining({ errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot open the cgroup \(path)", errno: errno)
        }) { () throws(Errno) in try cgroup.openDirectory() }
    }

    /// Why the kernel does not let a process be born in a box.
    func explainJoining(_ error: inout BoxError) {
        error.message = "cannot start a process in the box"
        switch error.errno {
        case .resourceBusy?: error.found = "its cgroup passes controllers on to others below it"
        case .resourceTemporarilyUnavailable?: error.found = "the box has as many processes as it may have"
        case .operationNotSupportedByDevice?, .noMemory?: error.found = "the box may have ended"
        default: return
        }
    }
}
