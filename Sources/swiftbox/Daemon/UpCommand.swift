internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the services of a file, each in a box of the daemon's.",
        discussion: """
            What a service depends on is started first, and waited for where depends_on has a condition: \
            service_healthy, service_completed_successfully. A box that exists is kept unless what is asked for has \
            changed. In the foreground what the boxes say is shown, and Ctrl-C stops them; with -d they run on.
            """)

    @Flag(name: .shortAndLong, help: "Leave the boxes to the daemon.") var detach = false
    @Flag(help: "New boxes, whether anything has changed or not.") var forceRecreate = false
    @Flag(help: "No colours (nor with NO_COLOR, nor where the output is no terminal).") var noColor = false
    @OptionGroup var flags: ProjectFlags

    func run() throws {
        let project = try flags.project()
        let client = try flags.hostFlags.client()
        let start = try TimeSpan.query("0s", nil)
        // From here on Ctrl-C is for the boxes.
        let signals = detach ? nil : try StopSignals()
        var starting = ServiceStart(client, project, forceRecreate: forceRecreate)
        do throws(BoxError) {
            let boxes = try starting.startAll { () throws(BoxError) in try signals?.hasCome() ?? false }
            if let signals, let boxes {
                try ServiceLogs(client, boxes, since: start, isColored: isColored).follow(until: signals)
            }
            if let signals, try signals.hasCome() || boxes == nil { try starting.stopStarted() }
        } catch {
            try starting.undo()
            throw error
        }
    }

    private var isColored: Bool {
        !noColor && Terminal.isTerminal(1) && (Caller.environment["NO_COLOR"] ?? "").isEmpty
    }
}

/// INT, TERM and HUP as something that can be asked for.
final class StopSignals {
    private let descriptor: SignalDescriptor
    private var count = 0

    init() throws(BoxError) {
        descriptor = try explaining({ BoxError(.kernel, "cannot take signals", errno: $0) }) { () throws(Errno) in
            try SignalDescriptor([1, 2, 15])
        }
    }

    var raw: CInt { descriptor.raw }

    func hasCome() throws(BoxError) -> Bool {
        while let _ = try explaining(
            { BoxError(.kernel, "cannot read a signal", errno: $0) }, { () throws(Errno) in try descriptor.next() })
        {
            count += 1
        }
        return count > 0
    }
}

/// Starts services in order, and remembers what to undo.
struct ServiceStart {
    private let client: DaemonClient
    private let project: Project
    private let forceRecreate: Bool
    /// What this call has made, the first first; what it has started.
    private var made: [(name: String, id: String)] = []
    private var started: [(name: String, id: String)] = []

    init(_ client: DaemonClient, _ project: Project, forceRecreate: Bool) {
        self.client = client
        self.project = project
        self.forceRecreate = forceRecreate
    }

    /// The services' names and boxes; nil where `isCancelled` says so before all have started.
    mutating func startAll(
        _ isCancelled: () throws(BoxError) -> Bool
    ) throws(BoxError) -> [(name: String, id: String)]? {
        let order = try project.file.startOrder()
        let existing = try Project.boxes(client, project.name)
        var boxes: [(name: String, id: String)] = []
        // All that can be refused is refused before anything is made.
        for service in order { _ = try project.request(service) }
        for service in order {
            for dependency in service.dependencies {
                guard let box = boxes.first(where: { $0.name == dependency.service }) else { continue }
                if try !wait(box, dependency.condition, isCancelled) { return nil }
            }
            if try isCancelled() { return nil }
            let id = try box(service, existing.first { $0.service == service.name })
            boxes.append((service.name, id))
        }
        return boxes
    }

    private mutating func box(_ service: ProjectFile.Service, _ existing: ProjectBox?) throws(BoxError) -> String {
        let (request, context, digest) = try project.request(service)
        if let existing, existing.digest == digest, !forceRecreate {
            if !existing.isRunning { try start(service.name, existing.id) }
            say(existing.isRunning ? "runs" : "started", service)
            return existing.id
        }
        if let existing {
            if existing.isRunning { try client.ask(.post("/containers/\(existing.id)/stop")) }
            try client.ask(.delete("/containers/\(existing.id)", [("force", "1")]))
        }
        do throws(BoxError) {
            let id = try Creation(request, context).create(client, name: project.boxName(service))
            made.append((service.name, id))
            try start(service.name, id)
            say(existing == nil ? "started" : "started anew", service)
            return id
        } catch {
            var named = service.file.locating(error)
            if named.file == nil { named.message = "services.\(service.name): \(named.message)" }
            throw named
        }
    }

    private mutating func start(_ name: String, _ id: String) throws(BoxError) {
        try client.ask(.post("/containers/\(id)/start"))
        started.append((name, id))
    }

    private func say(_ what: String, _ service: ProjectFile.Service) {
        StandardStreams.printError("\(project.boxName(service)): \(what)")
    }

    /// Whether the condition came true; false where the caller gave up.
    private func wait(
        _ box: (name: String, id: String), _ condition: ProjectFile.Dependency.Condition,
        _ isCancelled: () throws(BoxError) -> Bool
    ) throws(BoxError) -> Bool {
        if condition == .started { return true }
        while try !isCancelled() {
            let state = try client.ask(.get("/containers/\(box.id)/json"))["State"] ?? Node(.null)
            let isRunning = state["Running"]?.isTrue == true
            if condition == .completed {
                if !isRunning && state["Restarting"]?.isTrue != true {
                    let status = state["ExitCode"]?.number ?? -1
                    if status == 0 { return true }
                    throw BoxError(
                        .invalidState, "the service \(box.name) was to complete and ended with status \(status)",
                        remedy: "swiftbox logs \(project.name)-\(box.name)")
                }
            } else {
                switch state["Health"]?["Status"]?.text {
                case "healthy": return true
                case "unhealthy": throw unwell(box.name, "is unhealthy")
                case nil, "none": throw unwell(box.name, "has no healthcheck, so it cannot become healthy")
                default:
                    if !isRunning && state["Restarting"]?.isTrue != true { throw unwell(box.name, "has ended") }
                }
            }
            try Pause.milliseconds(100)
        }
        return false
    }

    private func unwell(_ name: String, _ why: String) -> BoxError {
        BoxError(.invalidState, "the service \(name) \(why)", remedy: "swiftbox inspect \(project.name)-\(name)")
    }

    /// What this call has started ends, the last first.
    func stopStarted() throws(BoxError) {
        for box in started.reversed() {
            StandardStreams.printError("\(project.name)-\(box.name): stopping")
            try Self.tolerating { () throws(BoxError) in try client.ask(.post("/containers/\(box.id)/stop")) }
        }
    }

    /// What this call has made goes away again, the last first; what it only started ends.
    func undo() throws(BoxError) {
        for box in started.reversed() where !made.contains(where: { $0.id == box.id }) {
            try Self.tolerating { () throws(BoxError) in try client.ask(.post("/containers/\(box.id)/stop")) }
        }
        for box in made.reversed() {
            try Self.tolerating { () throws(BoxError) in
                try client.ask(.delete("/containers/\(box.id)", [("force", "1")]))
            }
        }
    }

    /// A box that is gone, or has ended, needs nothing more.
    static func tolerating(_ body: () throws(BoxError) -> Void) throws(BoxError) {
        do {
            try body()
        } catch {
            if ![.notFound, .invalidState].contains(error.kind) { throw error }
        }
    }
}

struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop the services of a file, the last started first, and remove their boxes.",
        discussion: "With -p NAME no file is needed.")

    @OptionGroup var flags: ProjectFlags

    func run() throws {
        let client = try flags.hostFlags.client()
        var order: [String] = []
        let name: String
        if let given = flags.projectName, flags.file == nil {
            name = given
        } else {
            let project = try flags.project()
            name = project.name
            order = try project.file.startOrder().map(\.name)
        }
        // What the file does not name any more goes first.
        func place(_ box: ProjectBox) -> Int { order.firstIndex(of: box.service) ?? Int.max }
        let boxes = try Project.boxes(client, name).sorted { ($0.created, place($0)) < ($1.created, place($1)) }
            .sorted { place($0) < place($1) }
        for box in boxes.reversed() {
            if box.isRunning {
                try ServiceStart.tolerating { () throws(BoxError) in
                    try client.ask(.post("/containers/\(box.id)/stop"))
                }
            }
            try ServiceStart.tolerating { () throws(BoxError) in
                try client.ask(.delete("/containers/\(box.id)", [("force", "1")]))
            }
            StandardStreams.printError("\(name)-\(box.service): removed")
        }
    }
}
