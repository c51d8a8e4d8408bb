internal import BoxSystem
internal import NIOCore
internal import Synchronization

/// A program of ours whose output, or whose input, is a stream of bytes. No faster than the slower end.
final class RuntimeStream: Sendable {
    private static let mostComplaint = 1 << 20
    private let pid: CInt
    /// What it says on its standard error; a file in memory, so that nobody has to read it meanwhile.
    private let complaint: CInt
    private let input: ChildPipe?
    private let output: ChildPipe?
    private let what: String
    private let hasEnded = Atomic(false)

    enum Direction { case reading, writing }

    /// - Parameter what: for errors: "cannot `what`: …"
    init(_ path: String, _ arguments: [String], _ direction: Direction, _ what: String) throws {
        self.what = what
        do {
            let pipe = try ChildPipe()
            let errors = try File.makeMemoryFile("complaint")
            let isReading = direction == .reading
            pid = try Children.shared.spawn(
                path, arguments,
                descriptors: isReading ? [nil, pipe.writing, errors.raw] : [pipe.reading, nil, errors.raw])
            if isReading { pipe.closeWriting() } else { pipe.closeReading() }
            (input, output) = isReading ? (nil, pipe) : (pipe, nil)
            complaint = errors.release()
        } catch {
            throw EngineError(error, what)
        }
    }

    deinit {
        _ = Descriptor(owning: complaint)
        if !hasEnded.load(ordering: .relaxed) { Children.shared.leave(pid) }
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

    /// The end of its input; returns when it has ended. Once.
    ///
    /// - Returns: what it warned of, a line each
    @discardableResult
    func finish() async throws -> [String] {
        input?.closeWriting()
        hasEnded.store(true, ordering: .relaxed)
        let end = await Children.shared.wait(pid)
        let said: String
        do {
            try File.rewind(complaint)
            said = String(decoding: try File.readAll(complaint, limit: Self.mostComplaint), as: UTF8.self)
        } catch {
            throw EngineError(error, what)
        }
        if end.status != 0 {
            throw EngineError(.init(archiveStatus: end.status), "cannot \(what): \(RuntimeProgram.message(said))")
        }
        return said.split(separator: "\n").map { RuntimeProgram.warning(String($0)) }
    }

    /// Nobody reads on.
    func abandon() {
        output?.closeReading()
        input?.closeWriting()
    }
}

extension EngineError.Kind {
    /// Of an exit status of `swiftbox-runtime archive`.
    init(archiveStatus status: Int32) {
        self =
            switch status {
            case 2: .notFound
            case 3: .unsupported
            case 4: .invalid
            case 5: .conflict
            default: .internal
            }
    }
}
