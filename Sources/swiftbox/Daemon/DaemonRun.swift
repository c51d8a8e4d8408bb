internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

/// `run` through the daemon: detached, or attached from before the first output until the box's end.
struct DaemonRun {
    private let request: BoxRequest
    private let typed: TypedRun
    private let reason: String
    private let context: SpecContext
    private let locate: (BoxError) -> BoxError

    init(_ typed: TypedRun, reason: String) throws {
        self.typed = typed
        self.reason = reason
        (request, context, locate) = try typed.boxRequest()
        try MessageLog.open(request.options.log, quiet: request.options.quiet)
    }

    func run() throws -> Int32 {
        let client = try DaemonClient(host: typed.host)
        if typed.verbose { Report.note("the box goes through the daemon at \(client.address.path): \(reason)") }
        do throws(BoxError) {
            return typed.detach ? try runDetached(client) : try runAttached(client)
        } catch {
            throw locate(naming(error))
        }
    }

    /// Where nobody answers, what made it matter.
    private func naming(_ error: BoxError) -> BoxError {
        let start = "no daemon answers"
        guard reason.hasPrefix("--"), reason != "--host", error.message.hasPrefix(start) else { return error }
        var named = error
        named.message = "\(reason) needs the daemon, and none answers" + error.message.dropFirst(start.count)
        return named
    }

    private func create(_ client: DaemonClient, _ request: BoxRequest) throws(BoxError) -> String {
        try Creation(request, context, cidFile: typed.cidFile).create(client)
    }

    private func runDetached(_ client: DaemonClient) throws(BoxError) -> Int32 {
        var request = request
        request.daemon.autoRemove = typed.remove
        let id = try create(client, request)
        // Removed by itself, it could not be asked why it did not start.
        let wait = DaemonClient.Request.post("/containers/\(id)/wait", [("condition", "next-exit")])
        let waiting = typed.remove ? try client.open(wait).connection : nil
        do throws(BoxError) {
            try client.ask(.post("/containers/\(id)/start"))
        } catch {
            let named = if let waiting { try BoxAttachment.named(error, waiting) } else { error }
            throw try discard(client, id, named)
        }
        StandardStreams.printOut(id)
        return 0
    }

    /// A box that never ran is of no use to anybody who does not have its id. The error as a shell would have it: what
    /// keeps a command from starting has exit statuses of its own.
    private func discard(_ client: DaemonClient, _ id: String, _ error: BoxError) throws(BoxError) -> BoxError {
        var named = error
        do throws(BoxError) {
            let status = try client.ask(.get("/containers/\(id)/json"))["State"]?["ExitCode"]?.number
            named = StartFailure.named(error, status: status)
            try client.ask(.delete("/containers/\(id)", [("force", "1")]))
        } catch {
            if error.kind != .notFound && error.kind != .invalidState { throw error }
        }
        return named
    }

    private func runAttached(_ client: DaemonClient) throws(BoxError) -> Int32 {
        var request = request
        let options = request.options
        request.daemon.autoRemove = (request.daemon.restart ?? "no") == "no"
        request.attachesInput = options.interactive
        request.attachesOutput = true
        if options.tty { request.terminalSize = try AttachedSession.callersSize() }
        let id = try create(client, request)
        var settings = AttachedSession.Settings()
        settings.detachKeys = typed.detachKeys ?? DetachKeys.usual
        settings.proxiesSignals = typed.proxiesSignals ?? true
        settings.isTerminal = options.tty
        settings.stdin = options.interactive
        let attachment = BoxAttachment(client, id, settings)
        let ended: (AttachedSession.End, status: Int32)
        do throws(BoxError) {
            ended = try attachment.run { () throws(BoxError) in
                try client.ask(.post("/containers/\(id)/start"))
            }
        } catch {
            throw try discard(client, id, error)
        }
        if ended.0 == .unread { try client.ask(.post("/containers/\(id)/stop")) }
        return ended.status
    }
}

/// Why a command did not start, by the status that the daemon recorded for it.
enum StartFailure {
    /// With the field by which `Report` tells 126 and 127 from 125.
    static func named(_ error: BoxError, status: Int64?) -> BoxError {
        guard status == 126 || status == 127 else { return error }
        var named = error
        let field = "process.args[0]"
        if error.message.hasPrefix(field + ": ") { named.message = String(error.message.dropFirst(field.count + 2)) }
        named.field = field
        named.kind = status == 127 ? .notFound : .denied
        return named
    }
}

/// A box that is asked for.
struct Creation {
    let request: BoxRequest
    let context: SpecContext
    let cidFile: String?

    init(_ request: BoxRequest, _ context: SpecContext, cidFile: String? = nil) {
        self.request = request
        self.context = context
        self.cidFile = cidFile
    }

    /// The new box's id.
    func create(_ client: DaemonClient, name: String? = nil) throws(BoxError) -> String {
        let document = try request.document(context)
        let name = name ?? request.options.name
        let answer = try client.ask(
            .post("/swiftbox/boxes/create", name.map { [("name", $0)] } ?? [], body: document))
        guard let id = answer["Id"]?.text else { throw BoxError(.internal, "the daemon did not say the box's id") }
        if !request.options.quiet { answer["Warnings"]?.elements.compactMap(\.text).forEach(Report.warning) }
        if let cidFile { try write(id, to: context.absolute(cidFile)) }
        return id
    }

    private func write(_ id: String, to path: String) throws(BoxError) {
        try explaining({ BoxError(.kernel, "--cidfile \(path): cannot be written", field: "--cidfile", errno: $0) }) {
            () throws(Errno) in
            let file = try File.open(
                path, FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow, mode: 0o644)
            try File.write(Array(id.utf8), to: file.raw)
        }
    }
}

extension TypedRun {
    /// What the daemon is asked for, the context that its words are to be read in, and the file's words for an error.
    func boxRequest() throws -> (BoxRequest, SpecContext, (BoxError) -> BoxError) {
        var options = options
        var daemon = daemon
        var locate: (BoxError) -> BoxError = { $0 }
        let refused = [
            ("--pidfile", pidFile, "swiftbox inspect --format '{{.State.Pid}}'"),
            ("--root", root, "--host names another daemon"),
            ("--trace-timing", traceTiming, "run it without the daemon"),
        ]
        for (flag, value, remedy) in refused where value != nil {
            throw BoxError(
                .unsupported, "\(flag) cannot be used with the daemon", field: flag, remedy: remedy)
        }
        if let path = file {
            let text = try SpecText.read(path)
            if !text.problems.isEmpty { throw SpecProblems(text.problems) }
            options = text.options.overridden(by: options)
            daemon = text.daemon.overridden(by: daemon)
            locate = text.locating
        }
        do throws(BoxError) {
            if let name = options.name { try BoxName.check(name, field: "--name") }
            // The accounts of the root file system are the daemon's to read.
            var plain = options
            plain.rootfs = nil
            let context = try SpecContext.ofHost(id: "000000000000", options: plain)
            return (BoxRequest(options: options, daemon: daemon), context, locate)
        } catch {
            throw locate(error)
        }
    }
}

extension Node {
    /// The string that this is.
    var text: String? { if case .string(let text) = value { text } else { nil } }
    /// The whole number that this is.
    var number: Int64? { if case .integer(let number) = value { number } else { nil } }
    var isTrue: Bool { value == .bool(true) }
    /// The elements of the list that this is; none of anything else.
    var elements: [Node] { if case .array(let nodes) = value { nodes } else { [] } }
    /// The members of the map that this is; none of anything else.
    var members: [Member] { if case .object(let members) = value { members } else { [] } }
}
