internal import Logging

/// A box that was made and started in one go.
public struct BoxRun: Sendable {
    public let id: String
    public let warnings: [String]
    /// Of a box that is attached to.
    public let attachment: Attachment?
    fileprivate let ending: Task<(status: Int32, warnings: [String]), any Error>?

    /// The exit status and what there is to say of the end, when the box has ended; of a box that is attached to. Throws
    /// `CancellationError` with its task.
    public func end() async throws -> (status: Int32, warnings: [String]) {
        guard let ending else { return (0, []) }
        return try await withTaskCancellationHandler {
            try await ending.value
        } onCancel: {
            ending.cancel()
        }
    }
}

extension BoxEngine {
    /// Makes a box and starts it; with `options` attached to, from before anything of its output can be missed. One that
    /// does not start is removed: nobody has its id.
    ///
    /// - Throws: `EngineError`, with the status that a shell would give where it is the command that cannot be run
    public func run(_ wanted: WantedBox, name: String?, attach options: AttachOptions?) async throws -> BoxRun {
        let (box, spec, warnings) = try make(wanted, name: name, isStarted: true)
        await occupy(box)
        defer { box.release() }
        var end: Task<(status: Int32, warnings: [String]), any Error>?
        do {
            var attachment: Attachment?
            if let options {
                attachment = try await attach(occupied: box, nil, options)
                end = await expectEnd(of: box)
            }
            try await start(box, restarts: 0, compiled: spec)
            prepareNext(like: box)
            return BoxRun(id: box.id, warnings: warnings + box.warnings, attachment: attachment, ending: end)
        } catch {
            end?.cancel()
            var failure = EngineError(error, "run the box \(box.name)")
            if box.exitCode != 0 { failure.exitStatus = box.exitCode }
            if boxes[box.id] != nil { discard(box) }
            throw failure
        }
    }

    /// Returns when the end cannot be missed any more.
    private func expectEnd(of box: Box) async -> Task<(status: Int32, warnings: [String]), any Error> {
        let (registered, mark) = AsyncStream<Never>.makeStream()
        let end = Task {
            defer { mark.finish() }
            let status = try await wait(box.id, for: .nextExit) { mark.finish() }
            return (status: status, warnings: box.endWarnings)
        }
        for await _ in registered {}
        return end
    }
}
