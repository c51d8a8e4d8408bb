internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// `launch`, read: a box, or one more process in a box.
struct SupervisionRequest {
    var id = ""
    var directory: String?
    var config: String?
    var bundle: String?
    /// Of a box that is prepared, instead of what its config says.
    var command: Command?
    var exec: ExecRequest?
    var log: LogRequest?
    var report: String?
    var hasInput = false
    var inputEndsWithClient = false
    var size: ConsoleSize?

    struct Command {
        var arguments: [String] = []
        var environment: [String] = []
    }

    struct LogRequest {
        var driver = "none"
        /// The box's.
        var name = ""
        var path = ""
        var maximumSize: Int64 = -1
        var maximumFiles = 1
    }

    init(_ document: Node, stateRoot: String) throws(BoxError) {
        var rows: UInt16?
        var columns: UInt16?
        for field in try Field(document).members() {
            switch field.name {
            case "op", "watch", "stop_signal": continue
            case "id": id = try field.string()
            case "directory": directory = try field.string()
            case "config": config = try field.string()
            case "bundle": bundle = try field.string()
            case "report": report = try field.text()
            case "stdin": hasInput = try field.bool()
            case "stdin_once": inputEndsWithClient = try field.bool()
            case "rows": rows = try field.integer()
            case "columns": columns = try field.integer()
            case "command": command = try Command(field)
            case "log": log = try LogRequest(field)
            case "exec": exec = try ExecRequest(field, stateRoot: stateRoot)
            default: throw field.invalid("is no key of launch")
            }
        }
        if let rows, let columns, rows > 0 { size = ConsoleSize(height: rows, width: columns) }
        try BoxName.check(id, field: "id")
        if exec == nil && (config == nil || bundle == nil) {
            throw BoxError(.invalidSpec, "launch needs config and bundle, or exec")
        }
    }
}

extension SupervisionRequest.Command {
    fileprivate init(_ value: Field) throws(BoxError) {
        for field in try value.members() {
            switch field.name {
            case "args": arguments = try field.strings()
            case "env": environment = try field.strings()
            default: throw field.invalid("is no key of a command")
            }
        }
    }
}

extension SupervisionRequest.LogRequest {
    fileprivate init(_ value: Field) throws(BoxError) {
        for field in try value.members() {
            switch field.name {
            case "driver": driver = try field.name(among: ["json-file", "journald", "none"])
            case "path": path = try field.string()
            case "name": name = try field.string()
            case "max_size": maximumSize = try field.integer()
            case "max_file": maximumFiles = try field.integer()
            default: throw field.invalid("is no key of a log")
            }
        }
    }
}

extension ExecRequest {
    fileprivate init(_ value: Field, stateRoot: String) throws(BoxError) {
        self.init(id: "", stateRoot: stateRoot)
        for field in try value.members() {
            switch field.name {
            case "box": id = try field.string()
            case "process": processFile = try field.string()
            case "command": command = try field.strings()
            case "env": environment = try field.strings()
            case "cwd": cwd = try field.string()
            case "user": user = try field.string()
            case "terminal": terminal = try field.bool()
            case "additional_gids": additionalGroups = try field.strings()
            case "capabilities": capabilities = try field.strings()
            default: throw field.invalid("is no key of exec")
            }
        }
        try BoxName.check(id, field: "exec.box")
    }
}

extension BoxLog where Self == NoLog {
    /// The log that was asked for.
    static func make(_ request: SupervisionRequest) throws(BoxError) -> any BoxLog {
        guard let log = request.log else { return NoLog() }
        switch log.driver {
        case "json-file":
            return try explaining({ BoxError(.kernel, "cannot open the log \(log.path)", errno: $0) }) {
                () throws(Errno) in
                try JSONFileLog(log.path, maximumSize: log.maximumSize, maximumFiles: log.maximumFiles)
            }
        case "journald":
            return try explaining({
                BoxError(.unsupported, "there is no journal on this host", field: "--log-driver", errno: $0)
            }) { () throws(Errno) in try JournalLog(id: request.id, name: log.name) }
        default: return NoLog()
        }
    }
}
