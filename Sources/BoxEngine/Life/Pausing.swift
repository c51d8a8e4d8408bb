internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

extension BoxEngine {
    /// Every process of the box stands still when it returns.
    public func pause(_ ref: String) async throws {
        let box = try find(ref)
        await occupy(box)
        defer { box.release() }
        guard box.state == .running else {
            throw EngineError(.conflict, "the box \(box.name) is \(box.state.rawValue), not running")
        }
        let (id, root) = (box.id, places.stateRoot)
        try await Self.translating("pause the box \(box.name)") {
            try await Blocking.run { try Freezing.pause(id: id, stateRoot: root) }
        }
        if box.state == .running { box.state = .paused }
        _ = saveAfterwards(box)
        emit("pause", box)
    }

    public func unpause(_ ref: String) async throws {
        let box = try find(ref)
        await occupy(box)
        defer { box.release() }
        guard box.state == .paused else {
            throw EngineError(.conflict, "the box \(box.name) is not paused")
        }
        try await thaw(box)
        _ = saveAfterwards(box)
        emit("unpause", box)
    }

    /// A box that stands still can be told nothing.
    func thaw(_ box: Box) async throws {
        let (id, root) = (box.id, places.stateRoot)
        try await Self.translating("unpause the box \(box.name)") {
            try await Blocking.run { try Freezing.resume(id: id, stateRoot: root) }
        }
        if box.state == .paused { box.state = .running }
    }

    static func translating<Value: Sendable>(
        _ what: String, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw EngineError(error, what)
        }
    }
}
