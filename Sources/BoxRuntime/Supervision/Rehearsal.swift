internal import BoxDocument
internal import BoxOCI
internal import BoxSecurity

/// What a process does for its first box alone: pages of the program, metadata of types, a filter that nobody compiled yet.
/// A monitor that waits has the time.
enum Rehearsal {
    /// Reads and compiles a box like most, and makes nothing of it.
    static func perform(stateRoot: String) {
        do throws(BoxError) {
            var spec = Spec.starter()
            spec.process?.terminal = false
            spec.linux.seccomp = DefaultSeccompProfile.profile(capabilities: .swiftboxDefault)
            let read = try Spec.read(json: JSON.write(spec.document))
            let host = try HostFacts.probe(for: read)
            let place = BoxPlace(id: "rehearsal", bundle: "/", stateRoot: stateRoot)
            let plan = try Compiler.compile(
                read, at: place, host: host, filter: SeccompCache(directory: stateRoot).program(for:))
            _ = try Launcher(plan, host: host, probe: Unprobed()).currentState(.creating, pid: 0).json(pretty: false)
        } catch {
            // Whatever is wrong is the box's to say.
            return
        }
    }
}
