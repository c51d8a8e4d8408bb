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

    private func runDetached(_ client: DaemonClient) throws(BoxError) -> Int32 {
        var request = request
        request.daemon.autoRemove = typed.remove
        let document = try request.document(context)
        let file = try CidFile(typed.cidFile, context)
        let query = [("detach", "1")] + (request.options.name.map { [("name", $0)] } ?? [])
        let id: String
        do throws(BoxError) {
            let answer = try client.ask(.post("/swiftbox/boxes/run", query, body: document))
            id = try Creation.id(answer, quiet: request.options.quiet)
            try file.fill(id)
        } catch {
            throw try file.discarded(error)
        }
        StandardStreams.printOut(id)
        return 0
    }

    private func runAttached(_ client: DaemonClient) throws(BoxError) -> Int32 {
        var request = request
        let options = request.options
        request.daemon.autoRemove = (request.daemon.restart ?? "no") == "no"
        request.attachesInput = options.interactive
        request.attachesOutput = true
        if options.tty { request.terminalSize = try AttachedSession.callersSize() }
        let document = try request.document(context)
        var settings = AttachedSession.Settings(
            detachKeys: typed.detachKeys, proxiesSignals: typed.proxiesSignals)
        settings.isTerminal = options.tty
        settings.stdin = options.interactive
        settings.killsAtSecondInterrupt = true
        let attachment = BoxAttachment(client, settings)
        let warn = { (text: String) in if !options.quiet { Report.warning(text) } }
        let file = try CidFile(typed.cidFile, context)
        do throws(BoxError) {
            return try attachment.run(options.name, document, file, warn: warn)
        } catch {
            throw try file.discarded(error)
        }
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
        let file = try CidFile(cidFile, context)
        do throws(BoxError) {
            let query = name.map { [("name", $0)] } ?? []
            let answer = try client.ask(.post("/swiftbox/boxes/create", query, body: document))
            let id = try Self.id(answer, quiet: request.options.quiet)
            try file.fill(id)
            return id
        } catch {
            throw try file.discarded(error)
        }
    }

    /// Of the daemon's answer, whose warnings are told.
    static func id(_ answer: Node, quiet: Bool) throws(BoxError) -> String {
        guard let id = answer["Id"]?.text else { throw BoxError(.internal, "the daemon did not say the box's id") }
        if !quiet { answer["Warnings"]?.elements.compactMap(\.text).forEach(Report.warning) }
        return id
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
