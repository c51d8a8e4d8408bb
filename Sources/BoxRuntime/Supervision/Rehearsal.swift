internal import BoxDocument
internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// What a process does for its first box alone: pages of the program, metadata of types, a filter that nobody compiled yet,
/// a network namespace. A monitor that waits has the time. For one thread.
final class Rehearsal {
    private var isOver = false
    private var network: PreparedNetwork?

    /// Milliseconds without a request: whoever has a box to launch at once does not wait for a rehearsal. -1 after it.
    var delay: CInt { isOver ? -1 : 10 }

    /// Reads and compiles a box like most, and makes nothing of it. Once.
    func perform(stateRoot: String) {
        if isOver { return }
        isOver = true
        do throws(BoxError) {
            try Self.compile(stateRoot)
            network = try explaining({ BoxError(.kernel, "cannot make a network", errno: $0) }) { () throws(Errno) in
                try PreparedNetwork()
            }
        } catch {
            // Whatever is wrong is the box's to say, which makes its own.
            return
        }
    }

    private static func compile(_ stateRoot: String) throws(BoxError) {
        var spec = Spec.starter()
        spec.process?.terminal = false
        spec.linux.seccomp = DefaultSeccompProfile.profile(capabilities: .swiftboxDefault)
        let read = try Spec.read(json: JSON.write(spec.document))
        let host = try HostFacts.probe(for: read)
        let place = BoxPlace(id: "rehearsal", bundle: "/", stateRoot: stateRoot)
        let plan = try Compiler.compile(
            read, at: place, host: host, filter: SeccompCache(directory: stateRoot).program(for:))
        _ = try Launcher(plan, host: host, probe: Unprobed()).currentState(.creating, pid: 0).json(pretty: false)
    }

    /// The network that was made, for the box that is launched now.
    func takeNetwork() -> PreparedNetwork? {
        defer { network = nil }
        return network
    }
}
