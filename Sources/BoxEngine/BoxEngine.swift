internal import BoxStore
internal import BoxSystem
internal import Logging

/// All boxes, their lives, images and events. `ref` is an id, an unambiguous prefix of one, or a name.
/// Every method throws `EngineError`.
public actor BoxEngine {
    public private(set) var configuration: EngineConfiguration
    nonisolated let logger: Logger
    nonisolated let places: Places
    let store: BoxStore
    let pool: MonitorPool
    let hub = EventHub()
    var boxes: [String: Box] = [:]
    var names: [String: String] = [:]
    var execs: [String: ExecSession] = [:]
    var images = ImageIndex()
    /// Exec sessions of an earlier daemon, until they end.
    var strays: [String: MonitorConnection] = [:]
    var prepared: PreparedBox?
    var preparation: Task<Void, Never>?
    var isPreparing = false
    /// What could not be prepared, last.
    var unpreparable: BoxKind?
    var nextWaiter = 0
    var isClosing = false

    init(_ configuration: EngineConfiguration, _ store: BoxStore, logger: Logger) {
        self.configuration = configuration
        self.store = store
        self.logger = logger
        places = Places(root: configuration.root, run: configuration.run)
        pool = MonitorPool(
            runtime: configuration.runtime, directory: places.monitors, stateRoot: places.stateRoot,
            wanted: configuration.preparedMonitors, logger: logger)
    }

    /// Ends the engine and leaves the boxes running.
    public func shutDown() async {
        isClosing = true
        for box in boxes.values {
            box.healthTask?.cancel()
            box.restartTask?.cancel()
        }
        preparation?.cancel()
        await dropPrepared()
        await pool.close()
        do {
            try store.close()
        } catch {
            logger.error("cannot close the database", metadata: ["error": "\(error)"])
        }
    }

    /// What may change while the daemon runs: limits, defaults and policy, not the places.
    public func reconfigure(_ new: EngineConfiguration) async {
        var changed = new
        changed.root = configuration.root
        changed.run = configuration.run
        changed.runtime = configuration.runtime
        configuration = changed
        await dropPrepared()
        unpreparable = nil
        await pool.keep(changed.preparedMonitors)
        emit(.daemon, "reload", id: "", [:])
    }

    // MARK: Finding

    /// By id, by name, by an unambiguous beginning of an id.
    func find(_ ref: String) throws(EngineError) -> Box {
        let name = ref.hasPrefix("/") ? String(ref.dropFirst()) : ref
        if let box = boxes[name] { return box }
        if let box = names[name].flatMap({ boxes[$0] }) { return box }
        let candidates = name.isEmpty ? [] : boxes.keys.filter { $0.hasPrefix(name) }
        if candidates.count > 1 {
            throw EngineError(.invalid, "\(name) is the beginning of \(candidates.count) boxes' ids")
        }
        guard let id = candidates.first, let box = boxes[id] else {
            throw EngineError(.notFound, "no such container: \(name)")
        }
        return box
    }

    /// Nobody else changes the box until `release`.
    func occupy(_ box: Box) async {
        if box.take() { return }
        await withCheckedContinuation { box.enqueue($0) }
    }

    // MARK: Keeping

    /// The row of a box, in the index. What a box that is removed at its end was like, nobody asks later.
    func save(_ box: Box) throws(EngineError) {
        do {
            try store.save(box.row)
        } catch {
            throw EngineError(error, "record the box \(box.name)")
        }
    }

    /// Where the caller cannot be told any more: what happened has happened.
    func saveAfterwards(_ box: Box) -> Bool {
        do throws(EngineError) {
            try save(box)
            return true
        } catch {
            logger.error("cannot record a box", metadata: ["box": "\(box.id)", "error": "\(error)"])
            return false
        }
    }

    func emit(_ subject: EngineEvent.Subject, _ action: String, id: String, _ attributes: [String: String]) {
        hub.emit(
            EngineEvent(subject: subject, action: action, id: id, attributes: attributes, time: Moment.now))
    }

    func emit(_ action: String, _ box: Box, _ more: [String: String] = [:]) {
        var attributes = box.wanted.labels
        attributes["name"] = box.name
        attributes["image"] = box.wanted.image ?? ""
        emit(.container, action, id: box.id, attributes.merging(more) { $1 })
    }
}

/// Where everything is.
struct Places: Sendable {
    let root: String
    let run: String

    var boxes: String { root + "/boxes" }
    var images: String { root + "/images" }
    var database: String { root + "/swiftbox.db" }
    var stateRoot: String { run + "/runtime" }
    var monitors: String { run + "/monitor" }

    func box(_ id: String) -> String { "\(boxes)/\(id)" }
    func log(_ id: String) -> String { "\(boxes)/\(id)/log.json" }
    func report(_ id: String) -> String { "\(boxes)/\(id)/report.json" }
    func upper(_ id: String) -> String { "\(boxes)/\(id)/upper" }
    func config(_ id: String) -> String { "\(boxes)/\(id)/config.json" }
    func monitor(_ id: String) -> String { "\(monitors)/\(id)" }
    func image(_ id: String) -> String { "\(images)/\(id)" }

    func makeAll() throws(Errno) {
        for path in [root, boxes, images, run, stateRoot, monitors] { try File.makeDirectories(path) }
        // What is in it is nobody else's.
        for path in [boxes, images, monitors] {
            try File.changeMode(path, mode: 0o700, at: FileFlags.currentDirectory)
        }
    }
}
