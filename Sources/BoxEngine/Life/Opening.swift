internal import BoxStore
internal import BoxSystem
public import Logging

extension BoxEngine {
    /// Opens the store, adopts what runs, clears what a reboot left, and starts what should run.
    public static func open(_ configuration: EngineConfiguration, logger: Logger) async throws -> BoxEngine {
        let places = Places(root: configuration.root, run: configuration.run)
        do {
            try places.makeAll()
            let store = try BoxStore(path: places.database, logger: logger)
            let engine = BoxEngine(configuration, store, logger: logger)
            try await engine.load()
            return engine
        } catch {
            throw EngineError(error, "open \(configuration.root)")
        }
    }

    private func load() async throws {
        try loadImages()
        let hasRebooted = try noteBoot()
        let rows = try store.boxes()
        var known: Set<String> = []
        for row in rows {
            guard let box = load(row) else { continue }
            known.insert(box.id)
            add(box)
        }
        loadUnknown(except: known)
        await adopt(hasRebooted: hasRebooted)
        await startWhatShouldRun()
        await pool.keep(configuration.preparedMonitors)
    }

    /// Whether the host was started anew since the daemon last ran.
    private func noteBoot() throws -> Bool {
        let boot = String(try File.text(of: "/proc/sys/kernel/random/boot_id").prefix { $0 != "\n" })
        let before = try store.fact("boot_id")
        if before != boot { try store.setFact("boot_id", boot) }
        return before != nil && before != boot
    }

    private func add(_ box: Box) {
        boxes[box.id] = box
        names[box.name] = box.id
    }

    /// A row whose folder is gone is one that was being removed.
    private func load(_ row: BoxRow) -> Box? {
        do {
            if !File.exists("\(places.box(row.id))/\(BoxFile.name)") {
                try store.removeBox(row.id)
                return nil
            }
            let box = try BoxFile(json: Array(row.wanted.utf8)).box
            box.take(row)
            return box
        } catch {
            logger.error("a box cannot be read", metadata: ["box": "\(row.id)", "error": "\(error)"])
            return nil
        }
    }

    /// Folders that the database does not know: all of them, when it was lost.
    private func loadUnknown(except known: Set<String>) {
        for name in Self.names(in: places.boxes, logger) where name.hasPrefix(Folders.leaving) {
            Folders.removeSoon(name, in: places.boxes, logger)
        }
        if let why = store.wasRebuilt, !folders().isEmpty {
            logger.warning("the database is rebuilt from the boxes' folders", metadata: ["why": "\(why)"])
        }
        for id in folders() where !known.contains(id) {
            do {
                let box = try BoxFile(json: try File.contents(of: "\(places.box(id))/\(BoxFile.name)")).box
                if box.id != id { throw EngineError(.internal, "box.json is of another box, \(box.id)") }
                if names[box.name] != nil { box.name += "_" + id.prefix(12) }
                if File.exists(places.report(id)) { box.state = .exited }
                add(box)
                try store.save(box.row)
            } catch {
                if (error as? Errno) == .noSuchFileOrDirectory {
                    // Never acknowledged, or half removed.
                    removeLeftFolder(id)
                } else {
                    logger.error("a box's folder cannot be read", metadata: ["box": "\(id)", "error": "\(error)"])
                }
            }
        }
    }

    private func removeLeftFolder(_ id: String) {
        do {
            try Folders.remove(id, in: places.boxes)
        } catch {
            logger.error("cannot remove a folder", metadata: ["box": "\(id)", "error": "\(error)"])
        }
    }

    private func folders() -> [String] { Self.names(in: places.boxes, logger).filter { $0.count == 64 } }

    static func names(in path: String, _ logger: Logger) -> [String] {
        do {
            let directory = try File.open(path, FileFlags.readOnly | FileFlags.directory)
            return try File.list(directory.raw)
        } catch {
            logger.error("cannot read a directory", metadata: ["path": "\(path)", "error": "\(error)"])
            return []
        }
    }

    // MARK: What should run

    private func startWhatShouldRun() async {
        for box in boxes.values where shouldRun(box) { restart(box, after: 0) }
    }

    /// Docker's rule: `always` even when the user had stopped it, before this start of the daemon.
    private func shouldRun(_ box: Box) -> Bool {
        if box.isAlive || box.state == .created { return false }
        return switch box.wanted.restart {
        case .no: false
        case .always: true
        case .unlessStopped: !box.stoppedByUser
        case .onFailure(let maximum):
            !box.stoppedByUser && box.exitCode != 0 && (maximum == 0 || box.restartCount < maximum)
        }
    }
}
