public import BoxDocument
public import Logging
public import NIOCore

/// All boxes, their lives, images and events. `ref` is an id, an unambiguous prefix of one, or a name.
/// Every method throws `EngineError`.
public actor BoxEngine {
    public nonisolated let configuration: EngineConfiguration

    init(_ configuration: EngineConfiguration) { self.configuration = configuration }

    /// Opens the store, adopts what runs, clears what a reboot left, and starts what should run.
    public static func open(_ configuration: EngineConfiguration, logger: Logger) async throws -> BoxEngine {
        throw unavailable
    }

    static var unavailable: EngineError { EngineError(.unsupported, "not available") }

    /// Ends the engine and leaves the boxes running.
    public func shutDown() async {}

    // MARK: Life

    public func create(_ wanted: WantedBox, name: String?) async throws -> (id: String, warnings: [String]) {
        throw Self.unavailable
    }
    public func start(_ ref: String) async throws { throw Self.unavailable }
    /// - Parameter timeout: seconds until SIGKILL; nil is the box's own, negative is for ever
    public func stop(_ ref: String, timeout: Int?, signal: String? = nil) async throws { throw Self.unavailable }
    public func restart(_ ref: String, timeout: Int?, signal: String? = nil) async throws { throw Self.unavailable }
    /// - Parameter signal: name with or without SIG, or number
    public func kill(_ ref: String, signal: String) async throws { throw Self.unavailable }
    public func pause(_ ref: String) async throws { throw Self.unavailable }
    public func unpause(_ ref: String) async throws { throw Self.unavailable }
    public func rename(_ ref: String, to name: String) async throws { throw Self.unavailable }
    public func remove(_ ref: String, force: Bool) async throws { throw Self.unavailable }
    public func prune(filters: [String: [String]]) async throws -> (ids: [String], bytes: Int64) {
        throw Self.unavailable
    }
    public func wait(_ ref: String, for condition: WaitCondition) async throws -> Int32 { throw Self.unavailable }
    public func update(_ ref: String, _ changes: BoxChanges) async throws -> [String] { throw Self.unavailable }

    // MARK: Looking

    /// - Parameter filters: docker's: id, name, label, status, ancestor, before, since, exited, health, network
    public func list(all: Bool, filters: [String: [String]], limit: Int?, size: Bool = false) async throws -> [BoxView]
    { throw Self.unavailable }
    public func inspect(_ ref: String, size: Bool = false) async throws -> BoxView { throw Self.unavailable }
    public func top(_ ref: String, psArguments: String) async throws -> ProcessTableView { throw Self.unavailable }
    public func stats(_ ref: String) async throws -> Statistics { throw Self.unavailable }
    public func changes(_ ref: String) async throws -> [FileChange] { throw Self.unavailable }
    /// The JSON that the last run's end wrote.
    public func exitReport(_ ref: String) async throws -> [UInt8] { throw Self.unavailable }
    /// What a start would do, as `swiftbox plan` prints it.
    public func plan(_ ref: String) async throws -> String { throw Self.unavailable }
    public func logs(_ ref: String, _ options: LogOptions) async throws -> EngineStream<LogRecord> {
        throw Self.unavailable
    }
    /// What happened since (of the last 1024), then what happens, until `until`; nanoseconds since the epoch.
    public func events(
        since: Int64?, until: Int64?, filters: [String: [String]]
    ) async throws -> EngineStream<EngineEvent> { throw Self.unavailable }

    // MARK: Streams

    public func attach(_ ref: String, _ options: AttachOptions) async throws -> Attachment { throw Self.unavailable }
    public func resize(_ ref: String, rows: UInt16, columns: UInt16) async throws { throw Self.unavailable }
    public func execCreate(_ ref: String, _ wanted: WantedExec) async throws -> String { throw Self.unavailable }
    /// - Parameter options: nil is detached, and so is what is returned
    public func execStart(_ id: String, _ options: AttachOptions?) async throws -> Attachment? {
        throw Self.unavailable
    }
    public func execInspect(_ id: String) async throws -> ExecView { throw Self.unavailable }
    public func execResize(_ id: String, rows: UInt16, columns: UInt16) async throws { throw Self.unavailable }

    // MARK: Files

    /// - Returns: docker's `X-Docker-Container-Path-Stat` as a document (name, size, mode, mtime, linkTarget), and a tar
    public func archiveGet(
        _ ref: String, path: String
    ) async throws -> (stat: Node, tar: EngineStream<ByteBuffer>) { throw Self.unavailable }
    public func archiveStat(_ ref: String, path: String) async throws -> Node { throw Self.unavailable }
    public func archivePut(
        _ ref: String, path: String, tar: EngineStream<ByteBuffer>, noOverwriteDirNonDir: Bool, copyUIDGID: Bool
    ) async throws { throw Self.unavailable }
    public func export(_ ref: String) async throws -> EngineStream<ByteBuffer> { throw Self.unavailable }

    // MARK: Images

    /// - Parameter changes: Dockerfile lines: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `LABEL`, `USER`, `WORKDIR`
    /// - Returns: the image's id, `sha256:…`
    public func importImage(
        _ tar: EngineStream<ByteBuffer>, reference: String?, changes: [String], message: String?
    ) async throws -> String { throw Self.unavailable }
    /// `docker load`: an archive of one image with one layer. Returns its references, or its id where it has none.
    public func loadImage(_ tar: EngineStream<ByteBuffer>) async throws -> [String] { throw Self.unavailable }
    public func listImages(filters: [String: [String]]) async throws -> [ImageView] { throw Self.unavailable }
    public func inspectImage(_ reference: String) async throws -> ImageView { throw Self.unavailable }
    public func tagImage(_ reference: String, as newReference: String) async throws { throw Self.unavailable }
    public func removeImage(_ reference: String, force: Bool) async throws -> [ImageRemoval] { throw Self.unavailable }
    public func pruneImages(filters: [String: [String]]) async throws -> (removed: [ImageRemoval], bytes: Int64) {
        throw Self.unavailable
    }

    // MARK: The engine itself

    public func info() async throws -> EngineInfo { throw Self.unavailable }
    public func diskUsage() async throws -> DiskUsage { throw Self.unavailable }
    /// Prometheus' text format, without the daemon's own latencies.
    public func metrics() async -> String { "" }
}
