internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// `pause` and `resume`: every process of a box stands still, and goes on. Kept out of each other's way, and of other
/// operations', by the lock on the id.
public enum Freezing {
    /// `.invalidState` unless the box is created or running. When it returns, nothing of the box runs.
    public static func pause(id: String, stateRoot: String) throws(BoxError) {
        let lock = try StateDirectory.occupy(stateRoot + "/" + id)
        try withExtendedLifetime(lock) { () throws(BoxError) in
            let box = try ControlledBox(id, in: stateRoot)
            try box.requireAlive("pause")
            if box.state.status == .paused {
                throw BoxError(.invalidState, "cannot pause the container \(id): it is paused already")
            }
            let cgroup = try box.openCgroup(for: "pause")
            try Cgroup.freeze(cgroup.raw)
        }
    }

    /// `.invalidState` unless it is paused.
    public static func resume(id: String, stateRoot: String) throws(BoxError) {
        let lock = try StateDirectory.occupy(stateRoot + "/" + id)
        try withExtendedLifetime(lock) { () throws(BoxError) in
            let box = try ControlledBox(id, in: stateRoot)
            try box.requireAlive("resume")
            if box.state.status != .paused {
                throw BoxError(
                    .invalidState, "cannot resume the container \(id): container not paused",
                    found: "it is \(box.state.status.rawValue)")
            }
            let cgroup = try box.openCgroup(for: "resume")
            try Cgroup.thaw(cgroup.raw)
        }
    }
}
