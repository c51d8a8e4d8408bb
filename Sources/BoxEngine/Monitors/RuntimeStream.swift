internal import BoxSystem
internal import NIOCore

/// A program of ours whose output, or whose input, is a stream of bytes. No faster than the slower end.
final class RuntimeStream: Sendable {
    private let pid: CInt
    /// Read from the start: a program whose complaints nobody takes waits for ever.
    private let complaint: Task<[UInt8], any Error>
    private let input: ChildPipe?
    private let output: ChildPipe?
    private let what: String

    enum Direction { case reading, writing }

    /// - Parameter what: for errors: "cannot `what`: …"
    init(_ path: String, _ arguments: [String], _ direction: Direction, _ what: String) throws {
        self.what = what
        do {
            let pipe = try ChildPipe()
            let errors = try ChildPipe()
            let isReading = direction == .reading
            pid = try Children.shared.spawn(
                path, arguments,
                descriptors: isReading ? [nil, pipe.writing, errors.writing] : [pipe.reading, nil, errors.writing])
            errors.closeWriting()
            complaint = Task { try await errors.readAll(limit: 1 << 20) }
            if isReading { pipe.closeWriting() } else { pipe.closeReading() }
            (input, output) = isReading ? (nil, pipe) : (pipe, nil)
        } catch {
            throw EngineError(error, what)
        }
    }

    /// nil at the end.
    /// - Throws: what the program complained of, when it failed
    func next() async throws -> ByteBuffer? {
        guard let output else { return nil }
        do {
            let bytes = try await output.readSome(1 << 16)
            if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
        } catch {
            throw EngineError(error, what)
        }
        try await finish()
        return nil
    }

    /// Returns when the program has taken them.
    func write(_ bytes: ByteBuffer) async throws {
        guard let input else { return }
        do {
            try await input.write(Array(bytes.readableBytesView))
        } catch {
            // It has ended: what it complained of says more than a broken pipe.
            try await finish()
            throw EngineError(error, what)
        }
    }

    /// The end of its input; returns when it has ended.
    func finish() async throws {
        input?.closeWriting()
        let said = String(decoding: try await complaint.value, as: UTF8.self)
        let end = await Children.shared.wait(pid)
        if end.status != 0 {
            throw EngineError(.init(complaint: said), "cannot \(what): \(RuntimeProgram.message(said))")
        }
    }

    /// Nobody reads on.
    func abandon() {
        output?.closeReading()
        input?.closeWriting()
    }
}

extension EngineError.Kind {
    /// Of a program's complaint, as far as its words tell.
    init(complaint: String) {
        let isMissing = complaint.contains("No such file or directory") || complaint.contains("does not exist")
        self = isMissing ? .notFound : .internal
    }
}
