internal import BoxSystem
internal import Synchronization

/// A pipe of which one end goes to a child. For one task at a time; closing is safe from any.
final class ChildPipe: Sendable {
    let reading: CInt
    let writing: CInt
    private let isOpen = Mutex((reading: true, writing: true))

    init() throws(Errno) { (reading, writing) = try Processes.pipe() }

    deinit {
        closeReading()
        closeWriting()
    }

    /// When the child has its own, or nobody reads any more.
    func closeReading() {
        isOpen.withLock { isOpen in
            if isOpen.reading { _ = Descriptor(owning: reading) }
            isOpen.reading = false
        }
    }

    /// When the child has its own, or all is written.
    func closeWriting() {
        isOpen.withLock { isOpen in
            if isOpen.writing { _ = Descriptor(owning: writing) }
            isOpen.writing = false
        }
    }

    /// False when the other end was closed without one.
    func waitForByte() async throws -> Bool { try await !readSome(1).isEmpty }

    /// Empty at the end.
    func readSome(_ count: Int) async throws -> [UInt8] {
        try await Blocking.run { [self] in try File.readSome(reading, atMost: count) }
    }

    /// All up to the end.
    func readAll(limit: Int) async throws -> [UInt8] {
        try await Blocking.run { [self] in try File.readAll(reading, limit: limit) }
    }

    func write(_ bytes: [UInt8]) async throws {
        try await Blocking.run { [self] in try File.write(bytes, to: writing) }
    }
}
