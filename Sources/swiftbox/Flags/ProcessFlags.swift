internal import ArgumentParser
internal import BoxSpec

struct ProcessFlags: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Hand on standard input; otherwise it is empty.")
    var interactive = false
    @Flag(name: .shortAndLong, help: "Give the command a terminal.")
    var tty = false
    @Option(
        name: [.customShort("w", allowingJoined: true), .long],
        help: .init("Where the command starts (default: /).", valueName: "dir"))
    var workdir: String?
    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        help: .init("Who the command runs as (default: 0).", valueName: "user[:group]"))
    var user: String?
    @Option(help: .init("A further group of the user; repeatable.", valueName: "group"))
    var groupAdd: [String] = []
    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: .init("A variable; without a value, that of the caller. Repeatable.", valueName: "name[=value]"))
    var env: [String] = []
    @Option(
        name: .customLong("env-file"), help: .init("Variables from a file, one a line; repeatable.", valueName: "file"),
        completion: .file())
    var envFiles: [String] = []
    @Option(help: .init("What is run in place of COMMAND, which becomes its arguments.", valueName: "command"))
    var entrypoint: String?
    @Flag(name: .customLong("init"), help: "Process 1 is swiftbox: it reaps orphans and passes signals on.")
    var initProcess = false
    @Option(help: .init("The signal that asks the command to end (default: SIGTERM).", valueName: "signal"))
    var stopSignal: String?

    func fill(_ options: inout RunOptions) {
        options.interactive = interactive
        options.tty = tty
        options.workdir = workdir
        options.user = user
        options.groupAdd = groupAdd
        options.env = env
        options.envFiles = envFiles
        options.entrypoint = entrypoint
        options.initProcess = initProcess
        options.stopSignal = stopSignal
    }
}

struct BoxFlags: ParsableArguments {
    @Option(help: .init("The box's name (default: twelve random digits).", valueName: "name"))
    var name: String?
    @Option(help: .init("Its host name (default: the name).", valueName: "name"))
    var hostname: String?
    @Option(
        help: .init("No network but loopback (the default), or the host's.", valueName: "none|host"),
        completion: .list(["none", "host"]))
    var network: String?
    @Option(
        name: [.customShort("l", allowingJoined: true), .customLong("label")],
        help: .init("A label; repeatable.", valueName: "name[=value]"))
    var labels: [String] = []
    @Option(
        name: .customLong("annotation"),
        help: .init("An annotation of the OCI spec; repeatable.", valueName: "name=value"))
    var annotations: [String] = []
    @Option(help: .init("Write the box's name to a new file.", valueName: "file"), completion: .file())
    var cidfile: String?
    @Option(
        help: .init("Write the process id of the box's process 1, as the host has it, to a file.", valueName: "file"),
        completion: .file())
    var pidfile: String?
    @Option(
        help: .init("Write what each step of the start took, in nanoseconds, as JSON.", valueName: "file|fd:N"),
        completion: .file())
    var traceTiming: String?
    @Option(
        parsing: .unconditional,
        help: .init("Added to the time since boot, such as 30d or -2h.", valueName: "duration"))
    var boottimeOffset: String?
    @Option(
        parsing: .unconditional,
        help: .init("Added to the monotonic clock.", valueName: "duration"))
    var monotonicOffset: String?
    @Flag(help: "Warn, instead of failing, about limits that this host cannot apply.")
    var bestEffort = false
    @Flag(name: .customLong("rm"), help: "Nothing to do: a box in the foreground is always removed.")
    var remove = false
    @Option(
        help: .init("Where the state of boxes is kept (default: /run/swiftbox/runtime).", valueName: "dir"),
        completion: .directory)
    var root: String?

    func fill(_ options: inout RunOptions) {
        options.name = name
        options.hostname = hostname
        options.network = network
        options.labels = labels
        options.annotations = annotations
        options.boottimeOffset = boottimeOffset
        options.monotonicOffset = monotonicOffset
        options.bestEffort = bestEffort
    }
}
