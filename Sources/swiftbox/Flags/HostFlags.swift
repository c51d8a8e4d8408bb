internal import ArgumentParser
internal import BoxClient
internal import BoxOCI
internal import BoxSystem

/// Which daemon is asked.
struct HostFlags: ParsableArguments {
    @Option(
        name: [.customShort("H"), .long],
        help: .init(
            "The daemon's socket (default: SWIFTBOX_HOST, else /run/swiftbox/swiftbox.sock).", valueName: "path"),
        completion: .file())
    var host: String?

    func client() throws(BoxError) -> DaemonClient { try DaemonClient(host: host) }
}

extension DaemonClient {
    /// Of the daemon that the flag, or the environment, names.
    init(host: String?) throws(BoxError) {
        let working = try explaining({ BoxError(.kernel, "cannot tell the working directory", errno: $0) }) {
            () throws(Errno) in try OwnProcess.workingDirectory()
        }
        let variable = Caller.variable(DaemonAddress.variable)
        self.init(try DaemonAddress(host: host, variable: variable, workingDirectory: working))
    }
}
