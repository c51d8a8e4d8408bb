internal import BoxSystem
internal import Logging

/// A monitor that waits for its box.
struct WaitingMonitor: Sendable {
    let directory: String
    let connection: MonitorConnection
    /// For who attaches.
    let stream: MonitorConnection

    /// Nobody is going to use it: it ends when nobody is connected to it.
    func close() {
        connection.close()
        stream.close()
    }
}

/// Starts monitors, and keeps some ready: each serves one box.
actor MonitorPool {
    private let runtime: String
    /// `/run/swiftbox/monitor` and `/run/swiftbox/runtime`.
    private let directory: String
    private let stateRoot: String
    private let logger: Logger
    private var wanted: Int
    private var ready: [WaitingMonitor] = []
    /// One is elsewhere, and counts.
    private var isLent = false
    private var number = 0
    private var isFilling = false
    private var isClosed = false

    init(runtime: String, directory: String, stateRoot: String, wanted: Int, logger: Logger) {
        self.runtime = runtime
        self.directory = directory
        self.stateRoot = stateRoot
        self.wanted = wanted
        self.logger = logger
    }

    static let preparedPrefix = ".prepared-"

    /// A ready one, or one that is started now. What takes its place waits a moment: the box that is about to start needs
    /// the processor.
    ///
    /// - Parameter forLater: it still is one of those that wait, until `giveBack`
    func take(forLater: Bool = false) async throws -> WaitingMonitor {
        if forLater { isLent = true }
        defer { fill(after: Self.rest) }
        while let taken = ready.popLast() {
            if taken.connection.isOpen { return taken }
            // Killed while it waited.
            remove(taken.directory)
        }
        return try await start()
    }

    private static let rest = Duration.milliseconds(20)

    /// The one that was taken for later is not one of those that wait any more.
    func giveBack() {
        isLent = false
        fill(after: Self.rest)
    }

    private var missing: Int { wanted - ready.count - (isLent ? 1 : 0) }

    /// So many from now on.
    func keep(_ count: Int) {
        wanted = count
        while missing < 0, !ready.isEmpty { ready.removeLast().close() }
        fill()
    }

    private func remove(_ place: String) {
        do {
            try Folders.remove(File.split(place).name, in: directory)
        } catch {
            logger.error("cannot remove a monitor's directory", metadata: ["path": "\(place)", "error": "\(error)"])
        }
    }

    func close() {
        isClosed = true
        ready = []
    }

    /// In the background, one after the other, so that a burst of starts is not slowed down more than need be.
    private func fill(after time: Duration? = nil) {
        if isFilling || isClosed || missing <= 0 { return }
        isFilling = true
        Task {
            defer { isFilling = false }
            do {
                if let time { try await Pause.wait(time) }
                while missing > 0 && !isClosed { ready.append(try await start()) }
            } catch {
                logger.error("cannot prepare a monitor", metadata: ["error": "\(error)"])
            }
        }
    }

    private func start() async throws -> WaitingMonitor {
        number += 1
        // One of an earlier daemon may still be about to remove its own.
        let place = "\(directory)/\(Self.preparedPrefix)\(Processes.id)-\(number)"
        do {
            try File.makeDirectory(place, mode: 0o700)
            let pipe = try ChildPipe()
            // Open until there is a connection: with neither, the monitor ends.
            defer { pipe.closeReading() }
            let arguments = [
                "--root", stateRoot, "monitor", "--directory", place, "--parent-ready-fd", "3",
            ]
            _ = try Children.shared.spawn(
                runtime, arguments, descriptors: [nil, nil, 2, pipe.writing], left: true)
            pipe.closeWriting()
            if try await !pipe.waitForByte() {
                throw EngineError(.internal, "\(runtime) monitor ended before it was ready")
            }
            let socket = place + "/control.sock"
            return WaitingMonitor(
                directory: place, connection: try await MonitorConnection.connect(socket),
                stream: try await MonitorConnection.connect(socket))
        } catch let error as Errno {
            throw EngineError(.internal, "cannot start a monitor (\(runtime)): \(error)")
        }
    }
}
