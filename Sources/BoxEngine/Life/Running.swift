internal import BoxDocument
internal import Logging
internal import NIOCore

/// A box that was made and started in one go.
public struct BoxRun: Sendable {
    public let id: String
    public let warnings: [String]
    /// Of a box that is attached to.
    public let attachment: Attachment?
    fileprivate let ending: AsyncStream<(status: Int32, warnings: [String])>?

    /// The exit status and what there is to say of the end, when the box has ended; of a box that is attached to. Throws
    /// `CancellationError` with its task.
    public func end() async throws -> (status: Int32, warnings: [String]) {
        guard let ending else { return (0, []) }
        for await end in ending { return end }
        throw CancellationError()
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
        do {
            let attachment: (Attachment, EventLoopFuture<Node>)?
            if let options { attachment = try await beginAttach(occupied: box, nil, options) } else { attachment = nil }
            let end = options == nil ? nil : expectEnd(of: box)
            try await start(box, restarts: 0, compiled: spec)
            // The monitor had it before the start; if it is gone by now, there is nothing to carry.
            do { _ = try await attachment?.1.get() } catch { logger.warning("cannot attach: \(error)") }
            prepareNext(like: box)
            return BoxRun(id: box.id, warnings: warnings + box.warnings, attachment: attachment?.0, ending: end)
        } catch {
            var failure = EngineError(error, "run the box \(box.name)")
            if box.exitCode != 0 { failure.exitStatus = box.exitCode }
            if boxes[box.id] != nil { discard(box) }
            throw failure
        }
    }
}
