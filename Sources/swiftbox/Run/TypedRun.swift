internal import BoxClient
internal import BoxOCI
internal import BoxRuntime
internal import BoxSpec
internal import BoxSystem

/// What was typed behind `run`, and behind the commands that take its flags. Pure data: nothing is checked yet.
struct TypedRun: Equatable {
    var options = RunOptions()
    var daemon = DaemonOptions()
    var file: String?
    var cidFile: String?
    var pidFile: String?
    var traceTiming: String?
    /// Where the state of boxes is kept.
    var root: String?
    var remove = false
    var detach = false
    var verbose = false
    var detachKeys: String?
    var proxiesSignals: Bool?
    var host: String?

    /// The flag that makes it a run of the daemon's; nil for one that needs nobody.
    var daemonReason: String? {
        if let flag = daemon.givenFlags.first { return flag }
        if detach { return "--detach" }
        if host != nil { return "--host" }
        if detachKeys != nil { return "--detach-keys" }
        if proxiesSignals == false { return "--sig-proxy=false" }
        return Caller.variable(DaemonAddress.variable).flatMap { $0.isEmpty ? nil : DaemonAddress.variable }
    }

    /// Starts the box and stays with it, unless it is left to the daemon; the exit status of the workload.
    func runBox() throws -> Int32 {
        if let reason = daemonReason { return try DaemonRun(self, reason: reason).run() }
        if verbose { Report.note("the box is run without the daemon") }
        let request = try request(reporting: true)
        do {
            return try runForeground(request)
        } catch {
            let named = request.naming(error)
            if let report = request.report, !report.isWritten { try report.write(error: named) }
            throw named
        }
    }

    /// Whether these words may ask for the daemon, before they are parsed: a run without it starts the program again, and
    /// should parse once. A word of the COMMAND's may be taken for a flag; then the parser knows better.
    static func mayUseDaemon(_ words: [String]) -> Bool {
        let flags = ["--det", "--host", "--image", "--restart", "--health", "--no-health", "--log-", "--sig-proxy"]
        return words.contains { word in
            if word.hasPrefix("--") { return flags.contains(where: word.hasPrefix) }
            return word.hasPrefix("-") && word.contains { $0 == "d" || $0 == "H" }
        } || !(Caller.variable(DaemonAddress.variable) ?? "").isEmpty
    }
}
