internal import BoxCgroup
internal import BoxOCI
internal import BoxSystem

/// A box as the verbs see it that act on it from outside: its true state, and its cgroup.
struct ControlledBox {
    let state: RuntimeState

    /// `.notFound` when there is none of this id.
    init(_ id: String, in root: String) throws(BoxError) { state = try Boxes.state(of: id, in: root) }

    /// `.invalidState` unless the box has processes.
    func requireAlive(_ verb: String) throws(BoxError) {
        if state.status == .stopped || state.status == .creating {
            throw BoxError(
                .invalidState, "cannot \(verb) the container \(state.id): container not running",
                found: "it is \(state.status.rawValue)")
        }
    }

    /// `.unsupported` when the box has none.
    func cgroup(for verb: String) throws(BoxError) -> Cgroup {
        let host = try CgroupHost.probe()
        guard let path = state.cgroup, let mountPoint = host.mountPoint else {
            throw BoxError(
                .unsupported, "cannot \(verb) the container \(state.id): it has no cgroup",
                found: host.mountPoint == nil
                    ? "no cgroup v2 hierarchy is mounted" : "it was made without one (--cgroup-manager disabled)")
        }
        return Cgroup(mountPoint: mountPoint, path: path, made: [])
    }

    /// Its directory.
    func openCgroup(for verb: String) throws(BoxError) -> Descriptor {
        let cgroup = try cgroup(for: verb)
        return try explaining({ BoxError(.kernel, "cannot open the cgroup \(cgroup.path)", errno: $0) }) {
            () throws(Errno) in try cgroup.openDirectory()
        }
    }
}
