internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Errors and warnings where engines look for them: standard error, and the file of `--log`, whose last error line
/// podman and containerd show; or the journal, or the system's log.
struct RuntimeLog {
    /// In the order of their weight.
    enum Level: String {
        case debug, info, warning, error
        /// syslog(3)'s priorities.
        var priority: Int {
            switch self {
            case .error: 3
            case .warning: 4
            case .info: 6
            case .debug: 7
            }
        }
    }

    enum Target: Equatable {
        case standardError
        case file(String)
        case journal(identifier: String)
        case syslog(identifier: String)

        /// `PATH`, `file:PATH`, `journald:NAME` or `syslog:NAME`.
        init(_ text: String) throws(BoxError) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts.count > 1 && !parts[1].isEmpty ? parts[1] : "swiftbox-runtime"
            switch parts[0] {
            case "journald": self = .journal(identifier: name)
            case "syslog": self = .syslog(identifier: name)
            case "file" where parts.count > 1: self = .file(try absolute(parts[1]))
            default: self = .file(try absolute(text))
            }
        }
    }

    private let flags: GlobalFlags

    init(_ flags: GlobalFlags) { self.flags = flags }

    var isDebugging: Bool { flags.logLevel == .debug }

    func error(_ error: BoxError) { write(.error, "\(error)") }
    func warn(_ text: String) { write(.warning, text) }
    func debug(_ text: String) { write(.debug, text) }

    private func write(_ level: Level, _ text: String) {
        if level.priority > flags.logLevel.priority { return }
        let plain = "swiftbox-runtime: \(level == .error ? "" : "\(level.rawValue): ")\(text)"
        do throws(Errno) {
            switch flags.log {
            case .standardError: return StandardStreams.printError(plain)
            case .file(let path): try append(line(level, text), to: path)
            case .journal(let identifier):
                try send(journalEntry(level, text, identifier), to: "/run/systemd/journal/socket")
            case .syslog(let identifier):
                try send(Array("<\(8 + level.priority)>\(identifier): \(text)".utf8), to: "/dev/log")
            }
        } catch {
            StandardStreams.printError("swiftbox-runtime: cannot write the log: \(error)")
        }
        if level == .error { StandardStreams.printError(plain) }
    }

    private func append(_ line: String, to path: String) throws(Errno) {
        let flags = FileFlags.create | FileFlags.append | FileFlags.writeOnly | FileFlags.noFollow
        let log = try File.open(path, flags, mode: 0o600)
        try File.write(Array(line.utf8), to: log.raw)
    }

    private func send(_ bytes: [UInt8], to path: String) throws(Errno) {
        let socket = try UnixSocket.connect(path, .datagram)
        try UnixSocket.send(bytes, descriptor: -1, to: socket.raw)
    }

    /// The journal's native protocol; a value of several lines is preceded by its length.
    private func journalEntry(_ level: Level, _ text: String, _ identifier: String) -> [UInt8] {
        var entry = Array("PRIORITY=\(level.priority)\nSYSLOG_IDENTIFIER=\(identifier)\nMESSAGE\n".utf8)
        let message = Array(text.utf8)
        for byte in 0..<8 { entry.append(UInt8(truncatingIfNeeded: message.count >> (8 * byte))) }
        return entry + message + [10]
    }

    private func line(_ level: Level, _ text: String) throws(Errno) -> String {
        let time = Timestamp.text(seconds: try Kernel.realtimeNanoseconds() / 1_000_000_000)
        let message = String(decoding: JSON.write(Node(.string(text))), as: UTF8.self)
        if flags.logJSON { return "{\"level\":\"\(level.rawValue)\",\"msg\":\(message),\"time\":\"\(time)\"}\n" }
        return "time=\"\(time)\" level=\(level.rawValue) msg=\(message)\n"
    }
}
