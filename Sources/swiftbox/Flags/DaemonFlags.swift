internal import ArgumentParser
internal import BoxClient
internal import BoxSpec
internal import BoxSystem

/// What only the daemon can keep.
struct DaemonFlags: ParsableArguments {
    @Option(help: .init("Another root: an image of the daemon's, or host.", valueName: "name"))
    var image: String?
    @Option(
        help: .init("When it is started again: no, on-failure[:N], always or unless-stopped.", valueName: "policy"),
        completion: .list(["no", "on-failure", "always", "unless-stopped"]))
    var restart: String?
    @Option(help: .init("A line for a shell in the box: status 0 is healthy.", valueName: "line"))
    var healthCmd: String?
    @Option(help: .init("Time between checks (default: 30s).", valueName: "duration"))
    var healthInterval: String?
    @Option(help: .init("Time that a check may take (default: 30s).", valueName: "duration"))
    var healthTimeout: String?
    @Option(help: .init("Time in which failures do not count (default: 0s).", valueName: "duration"))
    var healthStartPeriod: String?
    @Option(help: .init("Failures in a row that make it unhealthy (default: 3).", valueName: "count"))
    var healthRetries: String?
    @Option(
        help: .init("What is done then: none, kill, restart or stop.", valueName: "action"),
        completion: .list(["none", "kill", "restart", "stop"]))
    var healthOnFailure: String?
    @Flag(help: "No check, whatever the image says.")
    var noHealthcheck = false
    @Option(
        help: .init("Where its output is kept: json-file, journald or none.", valueName: "driver"),
        completion: .list(["json-file", "journald", "none"]))
    var logDriver: String?
    @Option(
        name: .customLong("log-opt"), help: .init("max-size=SIZE or max-file=N; repeatable.", valueName: "name=value"))
    var logOptions: [String] = []

    var options: DaemonOptions {
        var options = DaemonOptions()
        options.image = image
        options.restart = restart
        options.healthCommand = healthCmd
        options.healthInterval = healthInterval
        options.healthTimeout = healthTimeout
        options.healthStartPeriod = healthStartPeriod
        options.healthRetries = healthRetries
        options.healthOnFailure = healthOnFailure
        options.noHealthcheck = noHealthcheck
        options.logDriver = logDriver
        options.logOptions = logOptions
        return options
    }
}

/// How `run` stays with a box of the daemon's, or does not.
struct RunDaemonFlags: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Leave the box to the daemon and print its id.")
    var detach = false
    @OptionGroup var attachFlags: AttachFlags
    @Flag(help: "Say whether the box goes through the daemon, and why.")
    var verbose = false
    @OptionGroup var hostFlags: HostFlags
}

/// How the caller's terminal and signals belong to a box.
struct AttachFlags: ParsableArguments {
    @Option(help: .init("Keys that leave a terminal (default: ctrl-p,ctrl-q).", valueName: "keys"))
    var detachKeys: String?
    @Option(help: .init("Whether signals are passed on to the box (default: true).", valueName: "true|false"))
    var sigProxy: Bool?

    var settings: AttachedSession.Settings {
        AttachedSession.Settings(detachKeys: detachKeys, proxiesSignals: sigProxy)
    }
}
