internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// `kill`: a signal to a box.
public enum Killing {
    /// To the init process; with `all`, or SIGKILL where the box has no pid namespace of its own, to every process of its
    /// cgroup. `.invalidState` when the box has ended, unless `all`.
    public static func kill(
        id: String, stateRoot: String, signal: CInt, all: Bool
    ) throws(BoxError) {
        let state = try Boxes.state(of: id, in: stateRoot)
        guard let process = try Boxes.process(of: state) else {
            if all { return try signalAll(state, signal) }
            throw BoxError(.invalidState, "container not running", found: "\(id) is \(state.status.rawValue)")
        }
        if !all {
            let sharesProcesses = try !Boxes.spec(of: id, in: stateRoot).linux.namespaces.contains {
                $0.type == .pid && $0.path == nil
            }
            if signal == Signals.kill && sharesProcesses { return try killAll(state, process.raw) }
            return try send(signal, process.raw)
        }
        if state.cgroup == nil && signal == Signals.kill { return try send(signal, process.raw) }
        try signalAll(state, signal)
    }

    /// SIGKILL to the whole cgroup at once; without one to the init process.
    static func killAll(_ state: RuntimeState, _ process: CInt) throws(BoxError) {
        if let cgroup = try state.madeCgroup() {
            let directory = try explaining({ BoxError(.kernel, "cannot open the cgroup \(cgroup.path)", errno: $0) }) {
                () throws(Errno) in try cgroup.openDirectory()
            }
            try Cgroup.kill(directory.raw)
        }
        try send(Signals.kill, process)
    }

    private static func send(_ signal: CInt, _ process: CInt) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot send \(SignalNames.name(signal))", errno: $0) }) {
            () throws(Errno) in
            try tolerating(.noSuchProcess) { () throws(Errno) in try Processes.send(signal, to: process) }
        }
    }

    /// To every process of the cgroup, or of the pid namespace where the box has no cgroup.
    private static func signalAll(_ state: RuntimeState, _ signal: CInt) throws(BoxError) {
        if signal == Signals.kill, let cgroup = try state.madeCgroup() {
            try explaining({ BoxError(.kernel, "cannot kill the cgroup \(cgroup.path)", errno: $0) }) {
                () throws(Errno) in
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    let directory = try cgroup.openDirectory()
                    try File.writeValue("1", to: "cgroup.kill", at: directory.raw)
                }
            }
            return
        }
        for pid in try BoxProcesses.all(of: state) {
            try explaining({ BoxError(.kernel, "cannot send \(SignalNames.name(signal))", errno: $0) }) {
                () throws(Errno) in
                try tolerating(.noSuchProcess) { () throws(Errno) in try Processes.send(signal, toPid: pid) }
            }
        }
    }
}
