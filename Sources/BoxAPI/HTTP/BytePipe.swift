internal import NIOCore
internal import Synchronization

/// Bytes on their way from a connection's event loop to the one task that reads them. Safe on any thread.
final class BytePipe: Sendable {
    private struct State {
        var chunks: [ByteBuffer] = []
        var waiting: Int = 0
        var ended: Result<Void, any Error>?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var discards = false
        var drained: (@Sendable () -> Void)?
    }

    /// Bytes; a connection is not read from while more wait.
    static let highWater = 256 << 10

    private let state = Mutex(State())

    /// Called, from any thread, whenever a full pipe has room again.
    func onDrained(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.drained = action } }

    var isFull: Bool { state.withLock { $0.waiting > Self.highWater } }

    func push(_ bytes: ByteBuffer) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            if state.ended != nil || state.discards { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.chunks.append(bytes)
            state.waiting += bytes.readableBytes
            return nil
        }
        reader?.resume(returning: bytes)
    }

    func finish(_ result: Result<Void, any Error> = .success(())) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            if state.ended == nil { state.ended = result }
            let reader = state.reader
            state.reader = nil
            return reader
        }
        switch result {
        case .success: reader?.resume(returning: nil)
        case .failure(let error): reader?.resume(throwing: error)
        }
    }

    /// What comes from now on is of no interest to anybody.
    func discard() {
        let drained = state.withLock { state in
            state.discards = true
            state.chunks = []
            state.waiting = 0
            return state.drained
        }
        drained?()
    }

    /// nil at the end. Throws what the connection failed with, and `CancellationError`.
    func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { take($0) }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    private func take(_ continuation: CheckedContinuation<ByteBuffer?, any Error>) {
        var drained: (@Sendable () -> Void)?
        let answer = state.withLock { state -> Result<ByteBuffer?, any Error>? in
            if !state.chunks.isEmpty {
                let chunk = state.chunks.removeFirst()
                let wasFull = state.waiting > Self.highWater
                state.waiting -= chunk.readableBytes
                if wasFull && state.waiting <= Self.highWater { drained = state.drained }
                return .success(chunk)
            }
            if let ended = state.ended { return ended.map { nil } }
            state.reader = continuation
            return nil
        }
        if let answer { continuation.resume(with: answer) }
        drained?()
    }

    /// All of it.
    /// - Throws: `APIError` 413 when it is longer than `limit` bytes
    func collect(limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let chunk = try await next() {
            if all.count + chunk.readableBytes > limit {
                throw APIError(.payloadTooLarge, "the request's body is longer than \(limit) bytes")
            }
            all.append(contentsOf: chunk.readableBytesView)
        }
        return all
    }
}
