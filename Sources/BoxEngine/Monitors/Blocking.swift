internal import BoxSystem
@preconcurrency internal import Dispatch

/// Work that waits in the kernel, away from the threads that everybody shares.
enum Blocking {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// A pipe whose writing end goes to a child. For one task at a time.
final class ChildPipe: @unchecked Sendable {
    let writing: CInt
    private let reading: CInt
    private var writingIsOpen = true

    init() throws(Errno) { (reading, writing) = try Processes.pipe() }

    deinit {
        _ = Descriptor(owning: reading)
        closeWriting()
    }

    /// When the child has its own.
    func closeWriting() {
        if writingIsOpen { _ = Descriptor(owning: writing) }
        writingIsOpen = false
    }

    /// False when the other end was closed without one.
    func waitForByte() async throws -> Bool {
        try await Blocking.run { [self] in try !File.readSome(reading, atMost: 1).isEmpty }
    }

    /// All up to the end.
    func readAll(limit: Int) async throws -> [UInt8] {
        try await Blocking.run { [self] in try File.readAll(reading, limit: limit) }
    }
}
