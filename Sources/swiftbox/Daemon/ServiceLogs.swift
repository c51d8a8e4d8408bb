internal import BoxClient
internal import BoxOCI
internal import BoxSystem

/// What several boxes say, a line at a time, each with the name of its service before it.
struct ServiceLogs {
    private struct Source {
        let name: String
        let connection: DaemonConnection
        var frames: OutputFrames
        var lines: [CInt: [UInt8]] = [:]
        var isOpen = true
    }

    private var sources: [Source] = []
    private let width: Int
    private let isColored: Bool
    /// Of ANSI: cyan, yellow, green, magenta, blue.
    private static let colors = [36, 33, 32, 35, 34]
    private static let lineLimit = 64 << 10

    init(
        _ client: DaemonClient, _ boxes: [(name: String, id: String)], since: [(String, String)], isColored: Bool
    ) throws(BoxError) {
        self.isColored = isColored
        width = boxes.map(\.name.count).max() ?? 0
        for box in boxes {
            let query = [("stdout", "1"), ("stderr", "1"), ("follow", "1")] + since
            let (head, connection) = try client.open(.get("/containers/\(box.id)/logs", query))
            sources.append(Source(name: box.name, connection: connection, frames: OutputFrames(head)))
        }
    }

    /// Until all have ended, or a signal has come.
    consuming func follow(until signals: StopSignals) throws(BoxError) {
        while sources.contains(where: \.isOpen) {
            var entries = [Poll.Entry(signals.raw)]
            entries += sources.map { Poll.Entry($0.isOpen ? $0.connection.raw : -1) }
            let isWaiting = sources.contains { $0.isOpen && $0.connection.hasWaiting }
            try explaining({ BoxError(.kernel, "cannot wait for the boxes", errno: $0) }) { () throws(Errno) in
                try Poll.wait(&entries, milliseconds: isWaiting ? 0 : -1)
            }
            if entries[0].isReady, try signals.hasCome() { return }
            for index in sources.indices where sources[index].isOpen {
                let entry = entries[index + 1]
                if entry.isReady || entry.isHungUp || sources[index].connection.hasWaiting { try read(index) }
            }
        }
    }

    private mutating func read(_ index: Int) throws(BoxError) {
        guard let bytes = try sources[index].connection.next() else {
            sources[index].isOpen = false
            for (stream, line) in sources[index].lines where !line.isEmpty { try write(line, index, stream) }
            return
        }
        for frame in sources[index].frames.take(bytes) {
            var line = sources[index].lines[frame.stream] ?? []
            for byte in frame.bytes {
                if byte == 10 || line.count >= Self.lineLimit {
                    try write(line, index, frame.stream)
                    line = []
                    if byte == 10 { continue }
                }
                line.append(byte)
            }
            sources[index].lines[frame.stream] = line
        }
    }

    private func write(_ line: [UInt8], _ index: Int, _ stream: CInt) throws(BoxError) {
        let name = sources[index].name
        let padded = name + String(repeating: " ", count: width - name.count) + " | "
        let color = Self.colors[index % Self.colors.count]
        let prefix = isColored ? "\u{1B}[\(color)m\(padded)\u{1B}[0m" : padded
        let text = line.last == 13 ? line.dropLast() : line[...]
        try explaining({ BoxError(.kernel, "cannot write what the boxes say", errno: $0) }) { () throws(Errno) in
            try File.write(Array(prefix.utf8) + text + [10], to: stream)
        }
    }
}
