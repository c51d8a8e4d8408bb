public import NIOCore

/// Bytes that came out of a box.
public struct OutputFrame: Equatable, Sendable {
    /// The numbers are docker's.
    public enum Source: UInt8, Sendable {
        case stdin, stdout, stderr
    }

    /// A terminal's output is `stdout`.
    public var source: Source
    public var bytes: ByteBuffer

    public init(_ source: Source, _ bytes: ByteBuffer) {
        self.source = source
        self.bytes = bytes
    }
}

/// What an attachment is for.
public struct AttachOptions: Equatable, Sendable {
    public var stdin: Bool
    public var stdout: Bool
    public var stderr: Bool
    /// First what is in the log, then what comes.
    public var logs: Bool
    /// What comes; without it only the log.
    public var stream: Bool

    public init(stdin: Bool = false, stdout: Bool = true, stderr: Bool = true, logs: Bool = false, stream: Bool = true)
    {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.logs = logs
        self.stream = stream
    }
}

/// A connection to a box's or an exec session's standard streams. `output` is read by one task; the rest is safe on any.
public struct Attachment: Sendable {
    /// Ends when the process has ended and all was delivered, or after `close`.
    public let output: EngineStream<OutputFrame>
    public let isTerminal: Bool
    let sink: any AttachmentSink

    init(output: EngineStream<OutputFrame>, isTerminal: Bool, sink: any AttachmentSink) {
        self.output = output
        self.isTerminal = isTerminal
        self.sink = sink
    }

    /// Returns when there is room for more: the process may not be reading.
    public func write(_ bytes: ByteBuffer) async throws { try await sink.write(bytes) }

    /// The end of the process's standard input.
    public func closeInput() async { await sink.closeInput() }

    public func resize(rows: UInt16, columns: UInt16) async throws {
        try await sink.resize(rows: rows, columns: columns)
    }

    /// Leaves; the process is not touched.
    public func close() async { await sink.close() }
}

/// Where what is sent to a process goes.
protocol AttachmentSink: Sendable {
    func write(_ bytes: ByteBuffer) async throws
    func closeInput() async
    func resize(rows: UInt16, columns: UInt16) async throws
    func close() async
}
