internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Who answers the calls that a profile notifies: the program at `linux.seccomp.listenerPath`.
///
///     runtime   connects ─ go ─────────────────────────┬─► state and descriptor ──► agent
///     init                 ─► installs the filter ──►──┘   the next call may wait for the agent already
///
/// So that nobody waits for somebody who waits for him: the runtime is connected before init goes on, init sends the
/// descriptor by the one call that follows seccomp(2) and that no rule may notify (sendmsg, as `Seccomp.validate` has it), and
/// the runtime passes it on before it does anything else. init never waits for the runtime under the filter.
enum SeccompAgent {
    static func connect(_ path: String) throws(BoxError) -> Descriptor {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                .kernel, "cannot reach the seccomp agent at \(path)", field: "linux.seccomp.listenerPath", errno: errno,
                remedy: "start the agent first")
        }
        return try explaining(failure) { () throws(Errno) in try UnixSocket.connect(path, .stream) }
    }

    /// One container process state of the specification (runtime-linux.md, SeccompListener), the descriptor beside it.
    /// - Parameter pid: of the process that is under the filter, as the runtime sees it; `state` is the box's.
    static func hand(
        _ listener: CInt, to agent: CInt, pid: CInt, metadata: String?, state: RuntimeState
    ) throws(BoxError) {
        var members = [
            Member("ociVersion", Node(.string(Spec().ociVersion))),
            Member("fds", Node(.array([Node(.string("seccompFd"))]))), Member("pid", Node(.integer(Int64(pid)))),
        ]
        if let metadata { members.append(Member("metadata", Node(.string(metadata)))) }
        members.append(Member("state", Node(.object(state.members))))
        let text = JSON.write(Node(.object(members)))
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                .kernel, "cannot hand the listener to the seccomp agent", field: "linux.seccomp.listenerPath",
                errno: errno, found: errno == .brokenPipe ? "the agent has closed the connection" : nil)
        }
        try explaining(failure) { () throws(Errno) in
            var sent = try UnixSocket.send(text, descriptor: listener, to: agent)
            while sent < text.count { sent += try UnixSocket.send(Array(text[sent...]), descriptor: -1, to: agent) }
        }
    }
}
