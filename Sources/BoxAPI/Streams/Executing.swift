internal import BoxDocument
internal import BoxEngine
internal import BoxOCI
internal import BoxSpec
internal import NIOCore

extension Route {
    static let executions: [Route] = [
        Route(.POST, "/containers/{}/exec") { call in
            let wanted = try WantedExec.read(try await call.requiredDocument())
            return .json(.object(["Id": .text(try await call.engine.execCreate(call.name, wanted))]), .created)
        },
        Route(.POST, "/exec/{}/start", .stream) { call in try await startExec(call) },
        Route(.GET, "/exec/{}/json") { call in .json(try await call.engine.execInspect(call.name).document) },
        Route(.POST, "/exec/{}/resize") { call in
            try await call.engine.execResize(call.name, rows: try call.size("h"), columns: try call.size("w"))
            return .nothing(.ok)
        },
    ]

    private static func startExec(_ call: Call) async throws -> Answer {
        var isDetached = false
        if let document = try await call.document() {
            for field in try Asked("", document).members() where !field.node.isNothing {
                switch field.name {
                case "Detach": isDetached = try field.flag()
                // As the exec session was created.
                case "Tty": _ = try field.flag()
                case "ConsoleSize": _ = try TerminalSize.read(field)
                default: throw field.unsupported("is no field that swiftbox knows")
                }
            }
        }
        let wanted = try await call.engine.execInspect(call.name).wanted
        if isDetached {
            _ = try await call.engine.execStart(call.name, nil)
            return .nothing(.ok)
        }
        let options = AttachOptions(
            stdin: wanted.attachStdin, stdout: wanted.attachStdout, stderr: wanted.attachStderr)
        let keys = try DetachKeys(asked: wanted.detachKeys)
        let exchange = call.exchange
        let type = call.streamType(isTerminal: wanted.tty)
        let attachment: Attachment?
        do {
            attachment = try await call.engine.execStart(call.name, options) {
                try await exchange.takeOver(type: type)
                if call.request.losesWhatComesWithTheHead { try await Pause.wait(.milliseconds(10)) }
            }
        } catch let error as EngineError where exchange.hasBegun {
            return try await tell(error, isTerminal: wanted.tty, call)
        }
        guard let attachment else { return .nothing(.ok) }
        return try await carry(attachment, stdin: options.stdin, keys, call)
    }

    /// Docker's way for what keeps a command from starting: the streams tell why, and inspect has the exit status.
    private static func tell(_ error: EngineError, isTerminal: Bool, _ call: Call) async throws -> Answer {
        var cause = error.cause
        // The message names the command; whose field it was, nobody has typed.
        if cause?.field == "process.args[0]" { cause?.field = nil }
        let text = ByteBuffer(string: "swiftbox: \(cause.map { "\($0)" } ?? error.message)\r\n")
        try await call.exchange.send(isTerminal ? text : OutputFrame(.stderr, text).framed)
        return .written
    }
}

extension TerminalSize {
    /// Docker's `[height, width]`; nil for zeros.
    static func read(_ field: Asked) throws(APIError) -> TerminalSize? {
        let sizes = try field.elements()
        guard sizes.count == 2, let rows = UInt16(exactly: try sizes[0].integer()),
            let columns = UInt16(exactly: try sizes[1].integer())
        else { throw field.invalid("must be height and width") }
        return rows > 0 && columns > 0 ? TerminalSize(columns: columns, rows: rows) : nil
    }
}

extension WantedExec {
    fileprivate static func read(_ document: Node) throws(APIError) -> WantedExec {
        var wanted = WantedExec(command: [])
        wanted.attachStdout = false
        wanted.attachStderr = false
        for field in try Asked("", document).members() where !field.node.isNothing {
            switch field.name {
            case "Cmd": wanted.command = try field.words()
            case "Env": wanted.env = try field.strings()
            case "WorkingDir": wanted.workdir = try field.string()
            case "User": wanted.user = try field.string()
            case "Tty": wanted.tty = try field.flag()
            case "Privileged": wanted.privileged = try field.flag()
            case "AttachStdin": wanted.attachStdin = try field.flag()
            case "AttachStdout": wanted.attachStdout = try field.flag()
            case "AttachStderr": wanted.attachStderr = try field.flag()
            case "ConsoleSize": wanted.terminalSize = try TerminalSize.read(field)
            case "DetachKeys":
                wanted.detachKeys = try field.string()
                _ = try DetachKeys(asked: wanted.detachKeys)
            // The start says the one, the path the other.
            case "Detach": _ = try field.flag()
            case "Container": _ = try field.string()
            default: throw field.unsupported("is no field that swiftbox knows")
            }
        }
        if wanted.command.isEmpty { throw .invalid("No exec command specified") }
        return wanted
    }
}

extension ExecView {
    fileprivate var document: Node {
        .object([
            "ID": .text(id), "Running": .flag(running), "ExitCode": exitCode.map { .number($0) } ?? .null,
            "ProcessConfig": .object([
                "tty": .flag(wanted.tty), "entrypoint": .text(wanted.command.first ?? ""),
                "arguments": .texts(Array(wanted.command.dropFirst())), "privileged": .flag(wanted.privileged),
                "user": .text(wanted.user ?? ""),
            ]),
            "OpenStdin": .flag(wanted.attachStdin), "OpenStderr": .flag(wanted.attachStderr),
            "OpenStdout": .flag(wanted.attachStdout), "CanRemove": .flag(false), "ContainerID": .text(boxID),
            "DetachKeys": .text(wanted.detachKeys ?? ""), "Pid": .number(pid),
        ])
    }
}
