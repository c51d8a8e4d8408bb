internal import BoxOCI
internal import BoxSystem

struct ChildResult {
    var status: CInt
    /// Standard output and standard error in one.
    var output: String
}

/// This same program, started anew: execve(2) gives it a clean single-threaded start, as a shipped program has.
func runSelf(_ words: [String]) throws(BoxError) -> ChildResult {
    try explaining({ BoxError(.internal, "cannot start a child", errno: $0) }) { () throws(Errno) in
        let output = try File.makeMemoryFile("output")
        let arguments = CStringArray(["fault-injection"] + words)
        let environment = CStringArray([])
        guard let child = try Processes.clone(into: []) else { become(arguments, environment, output.raw) }
        let pidfd = Descriptor(owning: child.pidfd)
        let end = try Processes.wait(for: pidfd.raw)
        try reapOrphans()
        let text = String(decoding: try File.contents(of: "/proc/self/fd/\(output.raw)"), as: UTF8.self)
        return ChildResult(status: end.status, output: text)
    }
}

/// A box that was created outlives who made it; process 1, which this is, inherits it.
private func reapOrphans() throws(Errno) {
    do throws(Errno) {
        while try Processes.reapAny() != nil {}
    } catch {
        if error != .noChildProcess { throw error }
    }
}

private func become(_ arguments: CStringArray, _ environment: CStringArray, _ output: CInt) -> Never {
    do throws(Errno) {
        try OwnProcess.install(output, as: 1)
        try OwnProcess.install(output, as: 2)
        try Processes.execute("/proc/self/exe", arguments: arguments, environment: environment)
    } catch {
        Processes.exit(126)
    }
    Processes.exit(126)
}
