internal import Foundation

/// Work that waits in the kernel, away from the threads that everybody shares.
enum Blocking {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            WaitingThreads.shared.run { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// As many threads as there is work at a time. One that has nothing to do waits a moment for more, and ends.
private final class WaitingThreads: @unchecked Sendable {
    static let shared = WaitingThreads()
    private static let patience = 1.0

    /// Guards what follows.
    private let condition = NSCondition()
    private var work: [@Sendable () -> Void] = []
    private var idle = 0

    func run(_ body: @escaping @Sendable () -> Void) {
        condition.withLock {
            work.append(body)
            if work.count <= idle { condition.signal() } else { Thread.detachNewThread { [self] in attend() } }
        }
    }

    private func attend() {
        while let body = next() { body() }
    }

    /// nil when patience is over.
    private func next() -> (@Sendable () -> Void)? {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: Self.patience)
            idle += 1
            defer { idle -= 1 }
            while work.isEmpty { if !condition.wait(until: end) { break } }
            return work.isEmpty ? nil : work.removeFirst()
        }
    }
}
