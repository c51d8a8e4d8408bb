public import BoxDocument
public import BoxOCI
internal import BoxSpec

/// As JSON: box.json, and the body of `POST /swiftbox/boxes/create`.
extension WantedBox {
    public var document: Node {
        var members = [Member("options", options.document)]
        func set(_ key: String, _ value: Node.Value?) {
            if let value { members.append(Member(key, Node(value))) }
        }
        func flag(_ key: String, _ value: Bool) { if value { set(key, .bool(true)) } }
        set("image", image.map { .string($0) })
        flag("clears_entrypoint", clearsEntrypoint)
        if !labels.isEmpty { set("labels", Self.object(labels)) }
        if restart != .no { set("restart", .string(restart.text)) }
        set("healthcheck", healthCheck.map { $0.document.value })
        set("log_driver", logDriver.map { .string($0) })
        if !logOptions.isEmpty { set("log_opts", Self.object(logOptions)) }
        flag("auto_remove", autoRemove)
        flag("open_stdin", openStdin)
        flag("stdin_once", stdinOnce)
        flag("attach_stdin", attachStdin)
        flag("attach_stdout", attachStdout)
        flag("attach_stderr", attachStderr)
        set("stop_timeout", stopTimeout.map { .integer(Int64($0)) })
        set("columns", terminalSize.map { .integer(Int64($0.columns)) })
        set("rows", terminalSize.map { .integer(Int64($0.rows)) })
        if let docker { members.append(Member("docker", docker)) }
        return Node(.object(members))
    }

    private static func object(_ pairs: [String: String]) -> Node.Value {
        .object(pairs.sorted { $0.key < $1.key }.map { Member($0.key, Node(.string($0.value))) })
    }

    /// - Throws: `.invalidSpec` naming the key
    public init(document: Node) throws(BoxError) {
        self.init()
        var columns: UInt16?
        var rows: UInt16?
        for field in try Field(document).members() {
            switch field.name {
            case "options": options = try RunOptions(document: field.node)
            case "image": image = try field.text()
            case "clears_entrypoint": clearsEntrypoint = try field.bool()
            case "labels": labels = try field.dictionary()
            case "restart":
                guard let policy = RestartPolicy(try field.string()) else {
                    throw field.invalid("must be no, on-failure[:N], always or unless-stopped")
                }
                restart = policy
            case "healthcheck": healthCheck = try HealthCheck(reading: field)
            case "log_driver": logDriver = try field.text()
            case "log_opts": logOptions = try field.dictionary()
            case "auto_remove": autoRemove = try field.bool()
            case "open_stdin": openStdin = try field.bool()
            case "stdin_once": stdinOnce = try field.bool()
            case "attach_stdin": attachStdin = try field.bool()
            case "attach_stdout": attachStdout = try field.bool()
            case "attach_stderr": attachStderr = try field.bool()
            case "stop_timeout": stopTimeout = try field.integer()
            case "columns": columns = try field.integer()
            case "rows": rows = try field.integer()
            case "docker": docker = field.node
            default: throw field.invalid("is no key that swiftbox knows")
            }
        }
        if let columns, let rows { terminalSize = TerminalSize(columns: columns, rows: rows) }
    }
}

extension Field {
    fileprivate func dictionary() throws(BoxError) -> [String: String] {
        var result: [String: String] = [:]
        for pair in try pairs() { result[pair.name] = pair.value }
        return result
    }
}

extension HealthCheck {
    /// Times in nanoseconds, as docker has them.
    var document: Node {
        Node(
            .object([
                Member("test", Node(.array(test.map { Node(.string($0)) }))),
                Member("interval", Node(.integer(interval))), Member("timeout", Node(.integer(timeout))),
                Member("start_period", Node(.integer(startPeriod))),
                Member("retries", Node(.integer(Int64(retries)))),
                Member("on_failure", Node(.string(onFailure.rawValue))),
            ]))
    }

    init(reading value: Field) throws(BoxError) {
        self.init(test: [])
        for field in try value.members() {
            switch field.name {
            case "test": test = try field.strings()
            case "interval": interval = try field.integer()
            case "timeout": timeout = try field.integer()
            case "start_period": startPeriod = try field.integer()
            case "retries": retries = try field.integer()
            case "on_failure":
                guard let action = OnFailure(rawValue: try field.string()) else {
                    throw field.invalid("must be none, kill, restart or stop")
                }
                onFailure = action
            default: throw field.invalid("is no key that swiftbox knows")
            }
        }
    }
}
