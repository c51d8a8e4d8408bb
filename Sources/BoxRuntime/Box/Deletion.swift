internal import BoxCgroup
public import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// `delete`: taking a box off the host that has ended, that was only created, or with force one that still runs.
public enum Deletion {
    /// `.notFound` when there is no such box, `.invalidState` when it runs and `force` is not set.
    /// A box with a runtime of its own is given ten seconds to be cleared up by that after the kill.
    public static func delete(
        id: String, stateRoot: String, force: Bool, warn: (String) -> Void
    ) throws(BoxError) {
        let path = stateRoot + "/" + id
        guard let stored = try StateDirectory.read(path) else { throw Boxes.missing(id) }
        if try Sweep.clearBox(path, host: try CgroupHost.probe()) { return }
        let directory = stored.isDetached ? try StateDirectory.occupy(path) : nil
        let state = try Boxes.state(of: id, in: stateRoot)
        if state.status != .stopped {
            if state.status != .created && !force {
                throw BoxError(
                    .invalidState,
                    "cannot delete the container \(id) that is not stopped: it is \(state.status.rawValue)",
                    remedy: "end it first, or delete it with --force")
            }
            try end(state)
        }
        if let directory {
            let spec = try Boxes.spec(of: id, in: stateRoot)
            var problems = remove(state, directory, spec)
            // What is still there is the failure; a hook's is not (runtime-spec, Lifecycle), nor a device that the box lost.
            let failure = problems.firstIndex {
                $0.field?.hasPrefix("hooks.") != true && $0.field?.hasPrefix("linux.netDevices.") != true
            }.map { problems.remove(at: $0) }
            for problem in problems { warn(problem.oneLine) }
            if let failure { throw failure }
            return
        }
        try explaining({ BoxError(.kernel, "cannot wait for the container \(id)", errno: $0) }) { () throws(Errno) in
            for _ in 0..<1000 where File.exists(path) {
                var none: [Poll.Entry] = []
                try Poll.wait(&none, milliseconds: 10)
            }
            if File.exists(path) { throw .timedOut }
        }
    }

    /// SIGKILL to all of the box, and at most ten seconds until its init process is gone.
    static func end(_ state: RuntimeState) throws(BoxError) {
        guard let process = try Boxes.process(of: state) else { return }
        try Killing.killAll(state, process.raw)
        try explaining({ BoxError(.kernel, "cannot wait for the container \(state.id)", errno: $0) }) {
            () throws(Errno) in
            let end = try Kernel.monotonicNanoseconds() + 10_000_000_000
            var entries = [Poll.Entry(process.raw)]
            while !entries[0].isReady {
                if try Kernel.monotonicNanoseconds() > end { throw .timedOut }
                try Poll.wait(&entries, milliseconds: 1000)
            }
        }
    }

    /// Everything that the box has on the host, each even if one before it failed; then its poststop hooks.
    static func remove(_ state: RuntimeState, _ directory: StateDirectory, _ spec: Spec) -> [BoxError] {
        var problems: [BoxError] = []
        func attempt(_ body: () throws(BoxError) -> Void) {
            do throws(BoxError) { try body() } catch { problems.append(error) }
        }
        attempt { () throws(BoxError) in try state.madeCgroup()?.destroy() }
        if let upper = state.upper { attempt { () throws(BoxError) in try UpperDirectory(upper).clearAbandoned() } }
        if !problems.isEmpty { return problems }
        problems += NetworkPin.release(state.netDevices, in: directory.path)
        attempt { () throws(BoxError) in try directory.remove() }
        return problems + runHooks(of: spec, state)
    }

    /// Each, even if one before it failed.
    static func runHooks(of spec: Spec, _ state: RuntimeState) -> [BoxError] {
        var problems: [BoxError] = []
        var told = state
        told.annotations = spec.annotations
        told.status = .stopped
        told.pid = 0
        for step in Compiler.poststop(spec) {
            guard case .runHook(let stage, let hook) = step.action else { continue }
            do throws(BoxError) {
                try HookRunner(stage: stage, hook: hook).run(told)
            } catch {
                var named = error
                named.field = step.field
                problems.append(named)
            }
        }
        return problems
    }
}

extension RuntimeState {
    /// The box's cgroup, with what of its path was made for the box; nil where it has none.
    func madeCgroup() throws(BoxError) -> Cgroup? {
        guard let cgroup, let mountPoint = try CgroupHost.probe().mountPoint else { return nil }
        return Cgroup(mountPoint: mountPoint, path: cgroup, made: cgroupsMade.isEmpty ? [cgroup] : cgroupsMade)
    }
}
