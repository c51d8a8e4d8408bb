internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// `delete`: taking a box off the host that was left, or with force one that still runs.
public enum Deletion {
    /// `.notFound` when there is no such box, `.invalidState` when it runs and `force` is not set.
    /// With force, its monitor is given ten seconds to clear up after the kill.
    public static func delete(id: String, stateRoot: String, force: Bool) throws(BoxError) {
        let path = stateRoot + "/" + id
        let host = try CgroupHost.probe()
        guard let state = try StateDirectory.read(path) else {
            throw Boxes.missing(id)
        }
        if try Sweep.clearBox(path, host: host) { return }
        if !force {
            throw BoxError(
                .invalidState, "the box \(id) is running", remedy: "end it first, or delete it with --force")
        }
        try kill(state, host)
        try explaining({ BoxError(.kernel, "cannot wait for the box \(id)", errno: $0) }) { () throws(Errno) in
            for _ in 0..<1000 where File.exists(path) {
                var none: [Poll.Entry] = []
                try Poll.wait(&none, milliseconds: 10)
            }
            if File.exists(path) { throw .timedOut }
        }
    }

    private static func kill(_ state: RuntimeState, _ host: CgroupHost) throws(BoxError) {
        if let cgroup = state.cgroup, let mountPoint = host.mountPoint {
            let box = Cgroup(mountPoint: mountPoint, path: cgroup, made: [])
            let directory = try explaining({ BoxError(.kernel, "cannot open the cgroup \(cgroup)", errno: $0) }) {
                () throws(Errno) in try box.openDirectory()
            }
            return try Cgroup.kill(directory.raw)
        }
        try explaining({ BoxError(.kernel, "cannot kill process \(state.pid)", errno: $0) }) { () throws(Errno) in
            try tolerating(.noSuchProcess) { () throws(Errno) in
                let process = try Processes.open(pid: state.pid)
                try Processes.send(Signals.kill, to: process.raw)
            }
        }
    }
}
