internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Errors and warnings where engines look for them: standard error, and the file of `--log`, whose last error line
/// podman and containerd show.
struct RuntimeLog {
    private let file: String?
    private let json: Bool

    init(_ flags: GlobalFlags) {
        file = flags.log
        json = flags.logJSON
    }

    func error(_ error: BoxError) { write("error", "\(error)") }
    func warn(_ text: String) { write("warning", text) }

    private func write(_ level: String, _ text: String) {
        guard let file else {
            return StandardStreams.printError("swiftbox-runtime: \(level == "error" ? "" : "\(level): ")\(text)")
        }
        do throws(Errno) {
            let log = try File.open(
                file, FileFlags.create | FileFlags.append | FileFlags.writeOnly | FileFlags.noFollow, mode: 0o600)
            let time = Timestamp.text(seconds: try Kernel.realtimeNanoseconds() / 1_000_000_000)
            try File.write(Array(line(level, text, time).utf8), to: log.raw)
        } catch {
            StandardStreams.printError("swiftbox-runtime: cannot write the log \(file): \(error)")
        }
        if level == "error" { StandardStreams.printError("swiftbox-runtime: \(text)") }
    }

    private func line(_ level: String, _ text: String, _ time: String) -> String {
        let message = JSON.quoted(text)
        if json { return "{\"level\":\"\(level)\",\"msg\":\(message),\"time\":\"\(time)\"}\n" }
        return "time=\"\(time)\" level=\(level) msg=\(message)\n"
    }
}
