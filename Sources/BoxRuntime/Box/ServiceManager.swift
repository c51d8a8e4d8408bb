public import BoxOCI
internal import BoxSystem

/// What a service manager gives to the process that it starts, and the box is meant for.
extension LaunchRequest {
    private static let notifySocket = "/run/host/notify"

    /// `LISTEN_FDS` and `LISTEN_FDNAMES` (sd_listen_fds(3)): the descriptors come first of those that are passed on.
    /// `NOTIFY_SOCKET` (sd_notify(3)): the socket is bound into the box, which then speaks for itself.
    public mutating func passServiceManagerOn(_ variable: (String) -> String?) throws(BoxError) {
        if let text = variable("LISTEN_FDS"), !text.isEmpty {
            guard let count = CInt(text), count >= 0 else {
                throw BoxError(
                    .invalidSpec, "LISTEN_FDS of the environment is no number", field: "LISTEN_FDS", found: text)
            }
            if count > 0 { passListeners(count, names: variable("LISTEN_FDNAMES")) }
        }
        guard let socket = variable("NOTIFY_SOCKET"), !socket.isEmpty else { return }
        let sharesNetwork = !spec.linux.namespaces.contains { $0.type == .network }
        if socket.hasPrefix("/") {
            spec.mounts.append(
                Mount(
                    destination: Self.notifySocket, type: "bind", source: socket, options: ["bind", "nosuid", "nodev"]))
            setVariable("NOTIFY_SOCKET", Self.notifySocket)
        } else if sharesNetwork {
            setVariable("NOTIFY_SOCKET", socket)
        } else {
            warn("NOTIFY_SOCKET \(socket) is an abstract socket: it cannot be reached from the box's network namespace")
        }
    }

    private mutating func passListeners(_ count: CInt, names: String?) {
        passedDescriptors += count
        setVariable("LISTEN_FDS", String(count))
        if let names { setVariable("LISTEN_FDNAMES", names) }
        if spec.linux.namespaces.contains(where: { $0.type == .pid && $0.path == nil }) {
            setVariable("LISTEN_PID", "1")
        } else {
            warn("LISTEN_PID is not set: without a pid namespace nobody knows the workload's pid beforehand")
        }
    }

    private mutating func setVariable(_ name: String, _ value: String) {
        spec.process?.env.removeAll { $0.hasPrefix(name + "=") }
        spec.process?.env.append("\(name)=\(value)")
    }
}
