internal import BoxSystem
internal import NIOCore
internal import Synchronization

/// Tars come plain or through gzip, xz, bzip2 or zstd: the host's program undoes that, in a process of its own.
enum Decompression {
    private static let formats: [(magic: [UInt8], program: String)] = [
        ([0x1f, 0x8b], "gzip"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"), ([0x42, 0x5a, 0x68], "bzip2"),
        ([0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    ]

    static func plain(_ stream: EngineStream<ByteBuffer>) async throws -> EngineStream<ByteBuffer> {
        let source = PeekedStream(stream)
        let head = try await source.peek(6)
        guard let format = formats.first(where: { head.starts(with: $0.magic) }) else {
            return EngineStream { try await source.next() }
        }
        guard let path = ["/usr/bin/", "/bin/"].map({ $0 + format.program }).first(where: { File.exists($0) }) else {
            throw EngineError(
                .unsupported, "the archive is compressed by \(format.program), which is not installed here")
        }
        let filter = try FilterProgram(path, source)
        return EngineStream { try await filter.next() }
    }
}

/// A stream whose first bytes were looked at.
private actor PeekedStream {
    private let stream: EngineStream<ByteBuffer>
    private var first = ByteBuffer()

    init(_ stream: EngineStream<ByteBuffer>) { self.stream = stream }

    func peek(_ count: Int) async throws -> [UInt8] {
        while first.readableBytes < count, var more = try await stream.fetchNext() { first.writeBuffer(&more) }
        return Array(first.readableBytesView.prefix(count))
    }

    func next() async throws -> ByteBuffer? {
        if first.readableBytes > 0 {
            defer { first = ByteBuffer() }
            return first
        }
        return try await stream.fetchNext()
    }
}

/// `PROGRAM -dc`, fed by one task and read by another.
private final class FilterProgram: Sendable {
    private let output: ChildPipe
    private let pid: CInt
    private let name: String
    private let feeding: Task<Void, any Error>
    private let hasEnded = Atomic(false)

    init(_ path: String, _ source: PeekedStream) throws {
        name = File.split(path).name
        do {
            let input = try ChildPipe()
            let output = try ChildPipe()
            pid = try Children.shared.spawn(path, ["-dc"], descriptors: [input.reading, output.writing, nil])
            input.closeReading()
            output.closeWriting()
            self.output = output
            feeding = Task {
                defer { input.closeWriting() }
                while let bytes = try await source.next() { try await input.write(Array(bytes.readableBytesView)) }
            }
        } catch {
            throw EngineError(error, "start \(path)")
        }
    }

    deinit {
        feeding.cancel()
        if !hasEnded.load(ordering: .relaxed) { Children.shared.leave(pid) }
    }

    func next() async throws -> ByteBuffer? {
        let bytes = try await output.readSome(1 << 16)
        if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
        do {
            // A sender that left is no end of the archive.
            try await feeding.value
        } catch is Errno {
            // The program took no more: it has found an end, or says what is wrong.
        }
        hasEnded.store(true, ordering: .relaxed)
        if await Children.shared.wait(pid).status != 0 {
            throw EngineError(.invalid, "\(name) cannot read the archive")
        }
        return nil
    }
}
