/// Takes the output of a box apart: docker's frames of an eight-byte header `[stream, 0, 0, 0, length]`, or the raw bytes
/// of a terminal, which are all standard output. Bytes may come in any pieces.
public struct OutputFrames: Sendable {
    /// What one stream said.
    public struct Frame: Equatable, Sendable {
        /// 1 or 2, the descriptor that it was written to; in the answer to a run 3, too: the daemon's own word.
        public let stream: CInt
        public let bytes: ArraySlice<UInt8>
    }

    private static let multiplexed = "application/vnd.docker.multiplexed-stream"
    private static let ofRun = "application/vnd.swiftbox.run-stream"
    private let isRaw: Bool
    private let hasWords: Bool
    private var rest: [UInt8] = []

    public init(isRaw: Bool) {
        self.isRaw = isRaw
        hasWords = false
    }

    /// As the answer's `Content-Type` has it.
    public init(_ head: ResponseHead) {
        let type = head["content-type"]
        hasWords = type == Self.ofRun
        isRaw = type != Self.multiplexed && !hasWords
    }

    public mutating func take(_ bytes: [UInt8]) -> [Frame] {
        if isRaw { return bytes.isEmpty ? [] : [Frame(stream: 1, bytes: bytes[...])] }
        rest += bytes
        var frames: [Frame] = []
        var start = 0
        while rest.count - start >= 8 {
            let length = rest[(start + 4)..<(start + 8)].reduce(0) { $0 << 8 | Int($1) }
            let end = start + 8 + length
            if rest.count < end { break }
            let stream: CInt = rest[start] == 2 || hasWords && rest[start] == 3 ? CInt(rest[start]) : 1
            if length > 0 { frames.append(Frame(stream: stream, bytes: rest[(start + 8)..<end])) }
            start = end
        }
        rest.removeFirst(start)
        return frames
    }
}
