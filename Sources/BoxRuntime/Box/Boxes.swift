internal import BoxCgroup
public import BoxOCI
public import BoxSystem

/// The boxes of a state root as they are now: files say what was made, the kernel how it is. Thread-safe.
public enum Boxes {
    /// `.notFound` when there is none of this id.
    public static func state(of id: String, in root: String) throws(BoxError) -> RuntimeState {
        try state(of: id, in: root, host: try CgroupHost.probeMount())
    }

    static func state(of id: String, in root: String, host: CgroupHost) throws(BoxError) -> RuntimeState {
        guard let stored = try StateDirectory.read(root + "/" + id) else { throw missing(id) }
        return try truth(of: stored, root + "/" + id, mountPoint: host.mountPoint)
    }

    /// In the order of their names; those that are gone meanwhile are left out.
    public static func all(in root: String) throws(BoxError) -> [RuntimeState] {
        let mountPoint = try CgroupHost.probeMount().mountPoint
        var states: [RuntimeState] = []
        for path in Sweep.boxes(in: root).sorted() where !File.split(path).name.hasPrefix(".") {
            guard let stored = try StateDirectory.read(path) else { continue }
            states.append(try truth(of: stored, path, mountPoint: mountPoint))
        }
        return states
    }

    /// The state with the annotations of the box's spec, as the outside is told it.
    public static func annotated(_ state: RuntimeState, in root: String) throws(BoxError) -> RuntimeState {
        var state = state
        do throws(BoxError) {
            let path = root + "/" + state.id
            state.annotations = try StateDirectory.readSpec(path, checked: false, withSeccomp: false).annotations
        } catch {
            // It may have gone meanwhile.
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
        return state
    }

    /// The spec that the box was made from, with the changes of `update`.
    public static func spec(of id: String, in root: String) throws(BoxError) -> Spec {
        try StateDirectory.readSpec(root + "/" + id)
    }

    /// The init process's pidfd; nil when it has ended. The pid may have been given out again: then it is not this one's.
    public static func process(of state: RuntimeState) throws(BoxError) -> Descriptor? {
        try explaining({ BoxError(.kernel, "cannot look at process \(state.pid)", errno: $0) }) { () throws(Errno) in
            if state.pid <= 0 { return nil }
            let pidfd: Descriptor
            do throws(Errno) {
                pidfd = try Processes.open(pid: state.pid)
            } catch {
                if error == .noSuchProcess { return nil }
                throw error
            }
            // Read after the pidfd was opened: what it says is of the process behind it.
            if try !isAlive(state) { return nil }
            return pidfd
        }
    }

    static func missing(_ id: String) -> BoxError { BoxError(.notFound, "the container \(id) does not exist") }

    private static func isAlive(_ state: RuntimeState) throws(Errno) -> Bool {
        if state.pid <= 0 { return false }
        guard let process = try ProcessStatus.of(pid: state.pid) else { return false }
        return !process.isZombie && process.start == state.processStart
    }

    private static func truth(
        of stored: RuntimeState, _ path: String, mountPoint: String?
    ) throws(BoxError) -> RuntimeState {
        var state = stored
        let lives = try explaining({ BoxError(.kernel, "cannot look at process \(stored.pid)", errno: $0) }) {
            () throws(Errno) in try isAlive(stored)
        }
        if !lives {
            if stored.status == .creating && stored.pid == 0 { return state }
            state.status = .stopped
            state.pid = 0
        } else if stored.status != .creating {
            state.status = File.exists(path + "/" + StateDirectory.startSocket) ? .created : .running
            if try isFrozen(stored, mountPoint) { state.status = .paused }
        }
        return state
    }

    private static func isFrozen(_ state: RuntimeState, _ mountPoint: String?) throws(BoxError) -> Bool {
        guard let cgroup = state.cgroup, let mountPoint else { return false }
        let file = mountPoint + cgroup + "/cgroup.freeze"
        return try explaining({ BoxError(.kernel, "cannot read \(file)", errno: $0) }) { () throws(Errno) in
            if !File.exists(file) { return false }
            return try File.text(of: file).hasPrefix("1")
        }
    }
}
