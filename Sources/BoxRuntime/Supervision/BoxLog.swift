internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// Where a box's output is kept. One thread only.
protocol BoxLog: AnyObject {
    /// Nothing is ever waited for, and nothing thrown: a log that cannot be written does not end its box.
    func write(_ bytes: ArraySlice<UInt8>, isError: Bool)
    /// The end of the streams: what has no line end is a line.
    func finish()
    func reopen()
}

/// Lines of a stream, as they become whole.
struct LineSplitter {
    /// Docker's: a longer line is told in parts.
    static let longest = 16 << 10
    private var rest: [UInt8] = []

    /// Each with its line end, where it has one.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        rest.append(contentsOf: bytes)
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < rest.count {
            let limit = min(rest.count, start + Self.longest)
            if let end = rest[start..<limit].firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(rest[start...end])
                start = end + 1
            } else if limit - start == Self.longest {
                lines.append(rest[start..<limit])
                start = limit
            } else {
                break
            }
        }
        rest = Array(rest[start...])
        return lines
    }

    mutating func finish() -> ArraySlice<UInt8>? {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest[...]
    }
}

/// Docker's json-file: `{"log":"…\n","stream":"stdout","time":"…"}` a line, rotated by size.
final class JSONFileLog: BoxLog {
    private let path: String
    private let maximumSize: Int64
    private let maximumFiles: Int
    private var file: CInt
    private var size: Int64
    private var isBroken = false
    private var splitters = [LineSplitter(), LineSplitter()]

    /// - Parameters:
    ///   - maximumSize: bytes; not above 0 is without bound
    ///   - maximumFiles: that one and the rotated ones
    init(_ path: String, maximumSize: Int64, maximumFiles: Int) throws(Errno) {
        self.path = path
        self.maximumSize = maximumSize
        self.maximumFiles = max(1, maximumFiles)
        (file, size) = try Self.open(path)
    }

    deinit { _ = Descriptor(owning: file) }

    private static func open(_ path: String) throws(Errno) -> (CInt, Int64) {
        let flags = FileFlags.create | FileFlags.writeOnly | FileFlags.append | FileFlags.noFollow
        let opened = try File.open(path, flags, mode: 0o640)
        let size = Int64(try File.status(at: opened.raw).size)
        return (opened.release(), size)
    }

    func write(_ bytes: ArraySlice<UInt8>, isError: Bool) {
        let lines = splitters[isError ? 1 : 0].take(bytes)
        if !lines.isEmpty { write(lines, isError) }
    }

    func finish() {
        for isError in [false, true] {
            if let line = splitters[isError ? 1 : 0].finish() { write([line], isError) }
        }
    }

    func reopen() {
        do throws(Errno) {
            let (new, length) = try Self.open(path)
            _ = Descriptor(owning: file)
            (file, size) = (new, length)
        } catch {
            isBroken = true
        }
    }

    private func write(_ lines: [ArraySlice<UInt8>], _ isError: Bool) {
        let time = PreciseTime.now
        var text: [UInt8] = isBroken ? [UInt8(ascii: "\n")] : []
        for line in lines {
            let entry = Node(
                .object([
                    Member("log", Node(.string(String(decoding: line, as: UTF8.self)))),
                    Member("stream", Node(.string(isError ? "stderr" : "stdout"))),
                    Member("time", Node(.string(time))),
                ]))
            text += JSON.write(entry) + [UInt8(ascii: "\n")]
        }
        do throws(Errno) {
            if maximumSize > 0 && size > 0 && size + Int64(text.count) > maximumSize { try rotate() }
            try File.write(text, to: file)
            size += Int64(text.count)
            isBroken = false
        } catch {
            // A full disk: the box goes on. What comes next begins a line of its own, behind half of one.
            isBroken = true
        }
    }

    private func rotate() throws(Errno) {
        for index in stride(from: maximumFiles - 1, to: 0, by: -1) {
            let from = index == 1 ? path : "\(path).\(index - 1)"
            if File.exists(from) { try File.rename(from, to: "\(path).\(index)") }
        }
        if maximumFiles == 1 { try File.remove(path) }
        let (new, length) = try Self.open(path)
        _ = Descriptor(owning: file)
        (file, size) = (new, length)
    }
}

/// systemd's journal, by its own socket; an entry a line.
final class JournalLog: BoxLog {
    private let fields: String
    private let socket: CInt
    private var splitters = [LineSplitter(), LineSplitter()]

    /// - Parameter name: the box's
    init(id: String, name: String) throws(Errno) {
        fields =
            "SYSLOG_IDENTIFIER=swiftbox\nCONTAINER_NAME=\(name)\nCONTAINER_ID=\(id.prefix(12))\nCONTAINER_ID_FULL=\(id)\n"
        let connection = try UnixSocket.connect("/run/systemd/journal/socket", .datagram)
        try File.makeNonBlocking(connection.raw)
        socket = connection.release()
    }

    deinit { _ = Descriptor(owning: socket) }

    func write(_ bytes: ArraySlice<UInt8>, isError: Bool) {
        for line in splitters[isError ? 1 : 0].take(bytes) { send(line, isError) }
    }

    func finish() {
        for isError in [false, true] {
            if let line = splitters[isError ? 1 : 0].finish() { send(line, isError) }
        }
    }

    func reopen() {}

    /// The journal's native protocol; a line has no line end in it, so that it can be told plainly.
    private func send(_ line: ArraySlice<UInt8>, _ isError: Bool) {
        let text = line.last == UInt8(ascii: "\n") ? line.dropLast() : line
        let head = "PRIORITY=\(isError ? 3 : 6)\n\(fields)MESSAGE="
        do throws(Errno) {
            _ = try File.writeSome((Array(head.utf8) + text + [UInt8(ascii: "\n")])[...], to: socket)
        } catch {
            // The journal is gone, or full: the box goes on.
        }
    }
}

/// Of log driver none.
final class NoLog: BoxLog {
    func write(_ bytes: ArraySlice<UInt8>, isError: Bool) {}
    func finish() {}
    func reopen() {}
}

/// RFC 3339 with nanoseconds, UTC.
enum PreciseTime {
    static var now: String {
        do throws(Errno) {
            let time = try Kernel.realtimeNanoseconds()
            let digits = String(time % 1_000_000_000)
            let padded = String(repeating: "0", count: 9 - digits.count) + digits
            return "\(Timestamp.text(seconds: time / 1_000_000_000).dropLast()).\(padded)Z"
        } catch {
            return Timestamp.text(seconds: 0)
        }
    }
}
