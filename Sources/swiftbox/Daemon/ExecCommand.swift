internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct ExecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run one more command in a box that runs.",
        usage: "swiftbox exec [FLAGS] BOX COMMAND [ARGUMENTS]",
        discussion: "The exit status is the command's, or 128+n after signal n; 126, 127 and 125 as for run.")

    @Flag(name: .shortAndLong, help: "Do not wait for it.") var detach = false
    @Flag(name: .shortAndLong, help: "Hand on standard input.") var interactive = false
    @Flag(name: .shortAndLong, help: "Give the command a terminal.") var tty = false
    @Option(
        name: [.customShort("e", allowingJoined: true), .long],
        help: .init("A variable; without a value, that of the caller. Repeatable.", valueName: "name[=value]"))
    var env: [String] = []
    @Option(
        name: [.customShort("w", allowingJoined: true), .long],
        help: .init("Where the command starts (default: as the box's).", valueName: "dir"))
    var workdir: String?
    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        help: .init("Who the command runs as (default: as the box's).", valueName: "user[:group]"))
    var user: String?
    @Flag(help: "All capabilities.") var privileged = false
    @OptionGroup var attachFlags: AttachFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "The box's name or id.") var box: String
    @Argument(parsing: .captureForPassthrough, help: .init("What to run, and its arguments.", valueName: "command"))
    var words: [String] = []

    func run() throws {
        let command = words.first == "--" ? Array(words.dropFirst()) : words
        if command.isEmpty {
            throw BoxError(.invalidSpec, "no COMMAND", field: "COMMAND", remedy: "swiftbox exec BOX COMMAND")
        }
        let client = try hostFlags.client()
        let body = try document(command)
        let created = try client.ask(.post("/containers/\(try DaemonClient.segment(box))/exec", body: body))
        guard let id = created["Id"]?.text else { throw BoxError(.internal, "the daemon did not say the exec's id") }
        let start = record([("Detach", .bool(detach)), ("Tty", .bool(tty))])
        if detach {
            try client.ask(.post("/exec/\(id)/start", body: start))
            return
        }
        let status = try attach(client, id, start)
        if status != 0 { throw ExitCode(status) }
    }

    private func document(_ command: [String]) throws -> Node {
        var variables: [String] = []
        let environment = Caller.environment
        if tty, let terminal = environment["TERM"] { variables.append("TERM=\(terminal)") }
        for text in env {
            if text.contains("=") {
                variables.append(text)
            } else if let value = environment[text] {
                variables.append("\(text)=\(value)")
            } else {
                throw BoxError(
                    .invalidSpec, "--env \(text): \(text) is not set in the environment of swiftbox", field: "--env")
            }
        }
        let strings = { (texts: [String]) in Node.Value.array(texts.map { Node(.string($0)) }) }
        var members: [(String, Node.Value)] = [
            ("Cmd", strings(command)), ("Env", strings(variables)), ("Tty", .bool(tty)),
            ("AttachStdin", .bool(interactive && !detach)), ("AttachStdout", .bool(!detach)),
            ("AttachStderr", .bool(!detach)), ("Privileged", .bool(privileged)),
            ("DetachKeys", .string(attachFlags.settings.detachKeys)),
        ]
        if let workdir { members.append(("WorkingDir", .string(workdir))) }
        if let user { members.append(("User", .string(user))) }
        if tty, let size = try AttachedSession.callersSize() {
            let pair = [Int64(size.rows), Int64(size.columns)].map { Node(.integer($0)) }
            members.append(("ConsoleSize", .array(pair)))
        }
        return record(members)
    }

    private func attach(_ client: DaemonClient, _ id: String, _ start: Node) throws(BoxError) -> Int32 {
        var settings = attachFlags.settings
        settings.isTerminal = tty
        settings.stdin = interactive
        // A signal has no way to one process of a box: it ends the caller, as with every other client.
        settings.proxiesSignals = false
        let end = try AttachedSession.run(settings) { () throws(BoxError) in
            var opened = AttachedSession.Opened(try client.takeOver(.post("/exec/\(id)/start", body: start)))
            opened.resize = { (rows, columns) throws(BoxError) in
                try client.ask(.post("/exec/\(id)/resize", [("h", String(rows)), ("w", String(columns))]))
            }
            return opened
        }
        switch end {
        case .detached: return 0
        case .unread: return 141
        case .finished: return try Self.status(client, id)
        }
    }

    /// The output may end a moment before the daemon knows of the exit.
    private static func status(_ client: DaemonClient, _ id: String) throws(BoxError) -> Int32 {
        var attempts = 500
        while attempts > 0 {
            if let code = try exitCode(client, id) { return code }
            try Pause.milliseconds(20)
            attempts -= 1
        }
        throw BoxError(.internal, "the command has no output any more and does not end")
    }

    /// nil for a command that runs.
    private static func exitCode(_ client: DaemonClient, _ id: String) throws(BoxError) -> Int32? {
        let state = try client.ask(.get("/exec/\(id)/json"))
        if state["Running"]?.isTrue == true { return nil }
        guard let code = state["ExitCode"]?.number else { return nil }
        return Int32(truncatingIfNeeded: code)
    }
}

enum Pause {
    static func milliseconds(_ count: CInt) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot wait", errno: $0) }) { () throws(Errno) in
            var none: [Poll.Entry] = []
            try Poll.wait(&none, milliseconds: count)
        }
    }
}

struct AttachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Join the caller's streams and terminal to a box that runs.",
        discussion: "The exit status is the box's; 0 when the detach keys were typed.")

    @Flag(help: "Do not hand on standard input.") var noStdin = false
    @OptionGroup var attachFlags: AttachFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Its name or id.") var box: String

    func run() throws {
        let client = try hostFlags.client()
        let view = try client.ask(.get("/containers/\(try DaemonClient.segment(box))/json"))
        guard let id = view["Id"]?.text else { throw BoxError(.internal, "the daemon did not say the box's id") }
        if view["State"]?["Running"]?.isTrue != true {
            throw BoxError(.invalidState, "the box \(box) does not run", remedy: "swiftbox start \(box)")
        }
        var settings = attachFlags.settings
        settings.isTerminal = view["Config"]?["Tty"]?.isTrue == true
        settings.stdin = !noStdin && view["Config"]?["OpenStdin"]?.isTrue == true
        let status = try BoxAttachment(client, settings).join(id) { () throws(BoxError) in
            guard settings.isTerminal, let size = try AttachedSession.callersSize() else { return }
            try client.ask(
                .post("/containers/\(id)/resize", [("h", String(size.rows)), ("w", String(size.columns))]))
        }
        if status != 0 { throw ExitCode(status) }
    }
}
