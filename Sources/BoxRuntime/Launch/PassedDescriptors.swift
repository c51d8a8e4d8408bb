internal import BoxOCI
internal import BoxSystem

/// Descriptors of the caller's that the workload gets: from 3 on those of socket activation (sd_listen_fds(3)), then
/// those of `--preserve-fds`.
struct PassedDescriptors {
    /// All of them.
    let count: CInt
    /// nil where the caller has activated nothing.
    let activation: SocketActivation?

    /// Call it before anything is opened. Throws where one of them is not open: the workload would get another file.
    init(preserved: CInt) throws(BoxError) {
        activation = SocketActivation(Caller.variable, own: Processes.id)
        count = (activation?.count ?? 0) + preserved
        for descriptor in 3..<(3 + count) {
            try explaining({ errno in
                BoxError(
                    .invalidSpec, "the descriptor \(descriptor) is not open", field: "--preserve-fds", errno: errno)
            }) { () throws(Errno) in _ = try File.status(at: descriptor) }
        }
    }
}

/// What the service manager tells a service that it hands sockets to.
public struct SocketActivation: Equatable, Sendable {
    public var count: CInt
    /// LISTEN_FDNAMES
    public var names: String?

    /// nil where LISTEN_PID is another process: then the variables were inherited from whom they were for.
    public init?(_ variable: (String) -> String?, own pid: CInt) {
        if let owner = variable("LISTEN_PID"), owner != String(pid) { return nil }
        guard let text = variable("LISTEN_FDS"), let number = Number.unsigned(text), (1...1000).contains(number)
        else {
            return nil
        }
        count = CInt(number)
        names = variable("LISTEN_FDNAMES")
    }

    /// One of `environment`, told to another process.
    static func isVariable(_ text: String) -> Bool {
        ["LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES="].contains { text.hasPrefix($0) }
    }

    /// For the process that gets the sockets, by its own pid.
    func environment(for pid: CInt) -> [String] {
        ["LISTEN_FDS=\(count)", "LISTEN_PID=\(pid)"] + (names.map { ["LISTEN_FDNAMES=\($0)"] } ?? [])
    }
}
