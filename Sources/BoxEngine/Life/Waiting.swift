extension BoxEngine {
    /// The exit status, when the condition holds.
    /// - Parameter registered: called once nothing that happens to the box can be missed any more; not where the answer
    ///   is there already
    public func wait(
        _ ref: String, for condition: WaitCondition, registered: @Sendable () -> Void = {}
    ) async throws -> Int32 {
        let box = try find(ref)
        if condition == .notRunning && !box.isAlive && box.state != .restarting { return box.exitCode }
        return try await wait(box, condition, registered)
    }

    /// Of a box that runs.
    func waitForEnd(_ box: Box) async throws -> Int32 {
        if !box.isAlive { return box.exitCode }
        return try await wait(box, .nextExit)
    }

    /// The next exit status with what there is to say of it. The waiter is there when this returns.
    func expectEnd(of box: Box) -> AsyncStream<(status: Int32, warnings: [String])> {
        let (ends, told) = AsyncStream<(status: Int32, warnings: [String])>.makeStream()
        nextWaiter += 1
        box.waiters.append(
            Box.Waiter(number: nextWaiter, condition: .nextExit) { end in
                if case .success(let status) = end { told.yield((status, box.endWarnings)) }
                told.finish()
            })
        return ends
    }

    private func wait(
        _ box: Box, _ condition: WaitCondition, _ registered: @Sendable () -> Void = {}
    ) async throws -> Int32 {
        nextWaiter += 1
        let number = nextWaiter
        let id = box.id
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    box.waiters.append(
                        Box.Waiter(number: number, condition: condition) { continuation.resume(with: $0) })
                    registered()
                }
            }
        } onCancel: {
            Task { await self.stopWaiting(id, number) }
        }
    }

    /// The caller has gone.
    private func stopWaiting(_ id: String, _ number: Int) {
        guard let box = boxes[id], let index = box.waiters.firstIndex(where: { $0.number == number }) else { return }
        box.waiters.remove(at: index).tell(.failure(CancellationError()))
    }
}
