internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Start boxes that do not run.")

    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let client = try hostFlags.client()
        try Each.perform(boxes) { (box) throws(BoxError) in try client.ask(.post("/containers/\(box)/start")) }
    }
}

/// Flags of the verbs that end a run.
struct StopFlags: ParsableArguments {
    @Option(
        name: [.customShort("t", allowingJoined: true), .customLong("time")],
        help: .init(
            "Seconds until it is killed (default: the box's own, else 10); -1 waits for ever.", valueName: "seconds"))
    var time: Int?
    @Option(
        name: .shortAndLong, help: .init("The signal (default: the box's own, else SIGTERM).", valueName: "signal"))
    var signal: String?

    func query() throws(BoxError) -> [(String, String)] {
        if let signal, SignalNames.number(signal) == nil {
            throw BoxError(.invalidSpec, "--signal \(signal): is no signal", field: "--signal")
        }
        return [("t", time.map(String.init)), ("signal", signal)].compactMap { name, value in value.map { (name, $0) } }
    }
}

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ask boxes to end, and kill those that do not.")

    @OptionGroup var flags: StopFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let (client, query) = (try hostFlags.client(), try flags.query())
        try Each.perform(boxes) { (box) throws(BoxError) in try client.ask(.post("/containers/\(box)/stop", query)) }
    }
}

struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Stop boxes, and start them again.")

    @OptionGroup var flags: StopFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let (client, query) = (try hostFlags.client(), try flags.query())
        try Each.perform(boxes) { (box) throws(BoxError) in
            try client.ask(.post("/containers/\(box)/restart", query))
        }
    }
}

struct KillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "Send boxes a signal, SIGKILL if no other is named.")

    @Option(name: .shortAndLong, help: .init("The signal.", valueName: "signal")) var signal = "KILL"
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        if SignalNames.number(signal) == nil {
            throw BoxError(.invalidSpec, "--signal \(signal): is no signal", field: "--signal")
        }
        let client = try hostFlags.client()
        try Each.perform(boxes) { (box) throws(BoxError) in
            try client.ask(.post("/containers/\(box)/kill", [("signal", signal)]))
        }
    }
}

struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pause", abstract: "Freeze all processes of boxes.")

    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let client = try hostFlags.client()
        try Each.perform(boxes) { (box) throws(BoxError) in try client.ask(.post("/containers/\(box)/pause")) }
    }
}

struct UnpauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause", abstract: "Let frozen boxes go on.", aliases: ["resume"])

    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let client = try hostFlags.client()
        try Each.perform(boxes) { (box) throws(BoxError) in try client.ask(.post("/containers/\(box)/unpause")) }
    }
}

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove boxes, their changes and their logs.")

    @Flag(name: .shortAndLong, help: "Kill those that run.") var force = false
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let client = try hostFlags.client()
        try Each.perform(boxes) { (box) throws(BoxError) in
            try client.ask(.delete("/containers/\(box)", force ? [("force", "1")] : []))
        }
    }
}

struct RenameCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give a box another name.")

    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Its name or id.") var box: String
    @Argument(help: "The new name.") var name: String

    func run() throws {
        try BoxName.check(name, field: "name")
        try hostFlags.client().ask(.post("/containers/\(try DaemonClient.segment(box))/rename", [("name", name)]))
    }
}

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait for boxes to end, and print their exit statuses.")

    @Option(
        help: .init("not-running, next-exit or removed.", valueName: "condition"),
        completion: .list(["not-running", "next-exit", "removed"]))
    var condition = "not-running"
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        let client = try hostFlags.client()
        // All are waited for from now on, in whatever order they end.
        var waiting: [DaemonConnection] = []
        for box in boxes {
            let path = "/containers/\(try DaemonClient.segment(box))/wait"
            waiting.append(try client.open(.post(path, [("condition", condition)])).connection)
        }
        for connection in waiting { StandardStreams.printOut(String(try BoxAttachment.status(connection))) }
    }
}

struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove all boxes that do not run; with --images, images too.")

    @Flag(help: "Also images that no box is made of and that have no name.") var images = false
    @OptionGroup var filterFlags: FilterFlags
    @OptionGroup var hostFlags: HostFlags

    func run() throws {
        let client = try hostFlags.client()
        let boxes = try client.ask(.post("/containers/prune", try filterFlags.query()))
        var bytes = boxes["SpaceReclaimed"]?.number ?? 0
        for id in boxes["ContainersDeleted"]?.elements ?? [] { StandardStreams.printOut(id.text ?? "") }
        if images {
            let answer = try client.ask(.post("/images/prune"))
            bytes += answer["SpaceReclaimed"]?.number ?? 0
            for image in answer["ImagesDeleted"]?.elements ?? [] {
                for member in image.members {
                    StandardStreams.printOut("\(member.key.lowercased()) \(member.node.text ?? "")")
                }
            }
        }
        StandardStreams.printOut("reclaimed \(Human.bytes(UInt64(max(0, bytes))))")
    }
}

struct CreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a box that start starts; print its id.",
        usage: "swiftbox create [FLAGS OF run] [--] COMMAND [ARGUMENTS]",
        discussion: "Takes the flags of run that are not about the foreground: swiftbox run --help.")

    @OptionGroup(visibility: .hidden) var flags: RunFlags

    func run() throws {
        let typed = try flags.typed(help: Self.self)
        if typed.detach {
            throw BoxError(.unsupported, "--detach cannot be used with create: nothing runs yet", field: "--detach")
        }
        var (request, context, locate) = try typed.boxRequest()
        request.daemon.autoRemove = typed.remove
        do throws(BoxError) {
            let creation = Creation(request, context, cidFile: typed.cidFile)
            StandardStreams.printOut(try creation.create(try DaemonClient(host: typed.host)))
        } catch {
            throw locate(error)
        }
    }
}
