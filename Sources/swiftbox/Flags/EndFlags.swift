internal import ArgumentParser
internal import BoxSpec

struct EndFlags: ParsableArguments {
    @Option(help: .init("Time at most, such as 90s: then the command is told to end.", valueName: "duration"))
    var timeout: String?
    @Option(
        help: .init("Processor time at most, of all processes of the box together.", valueName: "duration"))
    var cpuTimeout: String?
    @Option(
        help: .init(
            "From being told to end to being killed (default: 10s); 0 kills at once.", valueName: "duration"))
    var stopTimeout: String?
    @Option(
        help: .init("Tell a file how the box ended, why, and what it used, as JSON.", valueName: "file|fd:N"),
        completion: .file())
    var report: String?
    @Option(
        help: .init("What swiftbox itself says goes there, not to standard error.", valueName: "file|fd:N"),
        completion: .file())
    var log: String?
    @Flag(help: "Count the system calls that the seccomp profile refuses, and tell them at the end.")
    var logDenials = false
    @Flag(help: "No warnings and notes of swiftbox, only errors.")
    var quiet = false

    func fill(_ options: inout RunOptions) {
        options.timeout = timeout
        options.cpuTimeout = cpuTimeout
        options.stopTimeout = stopTimeout
        options.report = report
        options.log = log
        options.quiet = quiet
        options.logDenials = logDenials
    }
}
