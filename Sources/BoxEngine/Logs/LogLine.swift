internal import BoxDocument
internal import NIOCore

/// A line of log.json: `{"log":"…\n","stream":"stdout","time":"…"}`.
enum LogLine {
    /// nil for what is none: the end of a line that was being written when the host went down.
    static func parse(_ line: ArraySlice<UInt8>) -> LogRecord? {
        let document: Node
        do throws(DocumentError) {
            document = try JSON.parse(Array(line))
        } catch {
            return nil
        }
        guard case .string(let text)? = document["log"]?.value, case .string(let stream)? = document["stream"]?.value,
            case .string(let time)? = document["time"]?.value
        else { return nil }
        return LogRecord(
            source: stream == "stderr" ? .stderr : .stdout, bytes: ByteBuffer(string: text), time: time)
    }
}

extension LogOptions {
    /// Whether a record is among those asked for.
    func matches(_ record: LogRecord) -> Bool {
        if record.source == .stderr ? !stderr : !stdout { return false }
        guard since != nil || until != nil else { return true }
        guard let time = Moment.nanoseconds(record.time) else { return true }
        return time >= since ?? .min && !isPast(time)
    }

    /// Nothing that was written at this time or later is wanted.
    func isPast(_ time: Int64) -> Bool { until.map { time > $0 } ?? false }
}
