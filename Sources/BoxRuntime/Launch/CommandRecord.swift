internal import BoxSystem

/// The command and the environment of a box whose init process is there already, in as many records as it takes: the count of
/// bytes (four, little-endian), the count of arguments (four), then each string with its NUL. Neither holds one in its midst.
enum CommandRecord {
    /// What `RecordSocket.receive` takes at once.
    private static let chunk = 4096

    static func send(_ workload: Workload, over socket: borrowing RecordSocket) throws(Errno) {
        var bytes = number(workload.arguments.count)
        for text in workload.arguments { bytes += Array(text.utf8) + [0] }
        for text in workload.environment { bytes += Array(text.utf8) + [0] }
        let whole = number(bytes.count) + bytes
        var first = 0
        while first < whole.count {
            let next = min(first + chunk, whole.count)
            try socket.send(Array(whole[first..<next]))
            first = next
        }
    }

    /// nil when the other end was closed.
    static func receive(from socket: borrowing RecordSocket) throws(Errno) -> (
        arguments: [String], environment: [String]
    )? {
        var bytes = try socket.receive().bytes
        if bytes.count < 8 { return nil }
        let end = 4 + read(bytes, at: 0)
        while bytes.count < end {
            let more = try socket.receive().bytes
            if more.isEmpty { return nil }
            bytes += more
        }
        let count = read(bytes, at: 4)
        var texts: [String] = []
        var first = 8
        for index in 8..<end where bytes[index] == 0 {
            texts.append(String(decoding: bytes[first..<index], as: UTF8.self))
            first = index + 1
        }
        return (Array(texts.prefix(count)), Array(texts.dropFirst(count)))
    }

    private static func number(_ value: Int) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func read(_ bytes: [UInt8], at index: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[index + $1]) << (8 * $1) }
    }
}
