internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem
internal import Logging

/// A box that is there before anybody has asked for it, waiting for its command. Nobody is told of it before.
struct PreparedBox {
    let id: String
    let kind: BoxKind
    let spec: Spec
    let context: SpecContext
    let monitor: WaitingMonitor
}

/// What boxes have in common that one prepared box can serve: all but what `BoxSpec.compile(_:like:context:)` makes anew.
struct BoxKind: Equatable {
    private(set) var resolved: ResolvedBox
    private let openStdin: Bool

    init(_ resolved: ResolvedBox, _ wanted: WantedBox) {
        self.resolved = resolved
        self.resolved.options.entrypoint = nil
        self.resolved.options.entrypointArguments = []
        self.resolved.options.command = []
        self.resolved.options.env = []
        openStdin = wanted.openStdin
    }
}

/// The box that the next `run` is likely to want: one like the last. There is one at most, and while it waits it takes the
/// place of a prepared monitor.
extension BoxEngine {
    /// After the box before has started, and when no other has for a moment: a crowd needs the processors itself.
    private static let rest = Duration.milliseconds(60)

    private static let patience = Duration.seconds(2)

    /// The prepared box, for good; nil when there is none of that kind.
    func takePrepared(_ kind: BoxKind) -> PreparedBox? {
        guard let box = prepared, box.kind == kind, box.monitor.connection.isOpen else { return nil }
        prepared = nil
        Task { await pool.giveBack() }
        return box
    }

    func prepareNext(like box: Box) {
        preparation?.cancel()
        preparation = nil
        let kind = BoxKind(box.resolved, box.wanted)
        // Of other roots nobody can know that they will be the same.
        if configuration.preparedMonitors == 0 || isClosing || !box.resolved.imageID.hasPrefix("sha256:")
            || prepared?.kind == kind || unpreparable == kind
        {
            return
        }
        let (wanted, resolved) = (box.wanted, box.resolved)
        preparation = Task {
            do {
                try await Pause.wait(Self.rest)
            } catch {
                return
            }
            await prepare(kind, wanted, resolved)
        }
    }

    private func prepare(_ kind: BoxKind, _ wanted: WantedBox, _ resolved: ResolvedBox) async {
        if isPreparing || isClosing { return }
        isPreparing = true
        defer { isPreparing = false }
        await dropPrepared()
        do {
            let box = Box(id: try BoxNames.newID(), name: "", created: 0, wanted: wanted, resolved: resolved)
            do {
                try makeFolder(box)
                let (spec, context) = try compileToKeep(box)
                try write(spec, box)
                prepared = PreparedBox(
                    id: box.id, kind: kind, spec: spec, context: context, monitor: try await makePrepared(box))
            } catch {
                removeFolder(box)
                throw error
            }
            let id = box.id
            prepared?.monitor.connection.listen { [weak self] event in
                if case .closed = event { Task { await self?.lostPrepared(id) } }
            }
            logger.debug("a box is prepared", metadata: ["box": "\(box.id)"])
            // It went meanwhile.
            if images.view(resolved.imageID) == nil || isClosing { await dropPrepared() }
        } catch {
            // What the monitor says is so of every box that is like it; a full disk, or its end, is not.
            if (error as? EngineError)?.cause != nil { unpreparable = kind }
            logger.debug("no box can be prepared", metadata: ["error": "\(error)"])
        }
    }

    private func makePrepared(_ box: Box) async throws -> WaitingMonitor {
        let monitor = try await pool.take(forLater: true)
        do {
            // As it will be asked to launch it.
            try await monitor.connection.ask("prepare", launchRequest(box))
            return monitor
        } catch {
            monitor.close()
            await pool.giveBack()
            throw error
        }
    }

    /// Its monitor was killed.
    private func lostPrepared(_ id: String) async {
        guard let box = prepared, box.id == id else { return }
        prepared = nil
        await pool.giveBack()
        await clearLost(id)
        removeMonitorDirectory(File.split(box.monitor.directory).name)
        Folders.removeSoon(id, in: places.boxes, logger)
    }

    /// Nobody is going to use it: it goes with all that there is of it.
    func dropPrepared() async {
        guard let box = prepared else { return }
        prepared = nil
        await pool.giveBack()
        // A monitor that somebody has stopped keeps nobody from ending; it sees to its box when it goes on.
        let monitor = box.monitor
        let late = Task {
            try await Pause.wait(Self.patience)
            monitor.close()
        }
        do {
            try await monitor.connection.ask("abandon")
        } catch {
            logger.warning("a prepared box does not go", metadata: ["error": "\(error)"])
        }
        late.cancel()
        monitor.close()
        Folders.removeSoon(box.id, in: places.boxes, logger)
    }
}
