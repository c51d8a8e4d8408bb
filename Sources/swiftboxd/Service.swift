internal import BoxAPI
internal import BoxEngine
internal import BoxOCI
internal import BoxSystem
internal import Logging
internal import NIOCore
internal import Synchronization

/// The daemon's life: from the sockets to the last signal.
final class Service: Sendable {
    private let daemon: Daemon
    private let settings: DaemonConfiguration
    private let notify = ServiceNotification()
    private let level: Mutex<Logger.Level>
    private let parts = Mutex<Parts?>(nil)

    private struct Parts {
        var engine: BoxEngine
        var server: APIServer
    }

    init(_ daemon: Daemon) throws {
        self.daemon = daemon
        settings = try daemon.settings()
        level = Mutex(Logger.Level(rawValue: settings.logLevel) ?? .info)
    }

    private var logger: Logger {
        var logger = Logger(label: "swiftboxd") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level.withLock { $0 }
        return logger
    }

    /// To the end of the daemon; its exit status.
    func run(_ signals: consuming SignalDescriptor) throws -> CInt {
        NIOSingletons.groupLoopCountSuggestion = 1
        NIOSingletons.blockingPoolThreadCountSuggestion = 1
        TaskThreads.take()
        let lock = try takeRoot()
        let sockets = try ListeningSockets(settings)
        let failure = Mutex<(any Error)?>(nil)
        Task {
            do {
                try await open(sockets)
            } catch {
                failure.withLock { $0 = error }
                try Processes.send(15, toPid: Processes.id)
            }
        }
        try wait(signals)
        try sockets.removeFile()
        withExtendedLifetime(lock) {}
        if let error = failure.withLock({ $0 }) { throw error }
        return 0
    }

    /// Only one daemon has the boxes of a root.
    private func takeRoot() throws -> LockedFile {
        let root = settings.engine.root
        let failure: (Errno) -> BoxError = { errno in
            errno == .wouldBlock || errno == .resourceTemporarilyUnavailable
                ? BoxError(
                    .alreadyExists, "another swiftboxd has the boxes of \(root)", field: "--root",
                    remedy: "stop it first, or name another directory with --root")
                : BoxError(.kernel, "cannot lock \(root)", errno: errno)
        }
        return try explaining(failure) { () throws(Errno) in
            try File.makeDirectories(root)
            return try LockedFile(root + "/lock")
        }
    }

    private func open(_ sockets: ListeningSockets) async throws {
        let engine = try await BoxEngine.open(settings.engine, logger: logger)
        let server = try await APIServer.start(
            engine: engine, listeners: sockets.api, metricsListener: sockets.metrics, limits: settings.clients,
            logger: logger)
        parts.withLock { $0 = Parts(engine: engine, server: server) }
        logger.info("ready", metadata: ["socket": "\(settings.socketPath)"])
        notify.send("READY=1\nSTATUS=Keeping boxes")
        // Most of what starting took is not needed again: metadata that the Swift runtime searched, relocations.
        try OwnMemory.forgetProgram()
    }

    /// Until a signal says that it is over.
    private func wait(_ signals: borrowing SignalDescriptor) throws {
        while true {
            var entries = [Poll.Entry(signals.raw)]
            try Poll.wait(&entries)
            while let signal = try signals.next() {
                switch signal {
                case 17: try ChildProcesses.reap()
                case 1: reload()
                case 2, 15:
                    try stop()
                    return
                default: break
                }
            }
        }
    }

    private func reload() {
        notify.send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)")
        do throws(BoxError) {
            let new = try daemon.settings()
            level.withLock { $0 = Logger.Level(rawValue: new.logLevel) ?? .info }
            let fixed = new.changesForNextStart(from: settings)
            if !fixed.isEmpty {
                logger.warning("holds from the next start on: \(fixed.joined(separator: ", "))")
            }
            let engine = parts.withLock { $0?.engine }
            Task {
                await engine?.reconfigure(new.engine)
                logger.info("the configuration was read again")
                notify.send("READY=1")
            }
        } catch {
            logger.error("the configuration stays as it was", metadata: ["error": "\(error)"])
            notify.send("READY=1")
        }
    }

    private static var monotonicMicroseconds: Int64 {
        do throws(Errno) { return try Kernel.monotonicNanoseconds() / 1000 } catch { return 0 }
    }

    /// Answers what was asked, closes the database, leaves the boxes running.
    private func stop() throws {
        notify.send("STOPPING=1")
        guard let parts = parts.withLock({ $0 }) else { return }
        let done = try Processes.pipe()
        Task {
            await parts.server.stop()
            await parts.engine.shutDown()
            _ = Descriptor(owning: done.writing)
        }
        // Nobody is waited for longer than a client may take.
        var entries = [Poll.Entry(done.reading)]
        try Poll.wait(&entries, milliseconds: 5000)
    }
}

/// A file that one process has locked as long as it lives (flock(2)).
final class LockedFile: Sendable {
    private let raw: CInt

    /// EWOULDBLOCK when another has it.
    init(_ path: String) throws(Errno) {
        let file = try File.open(path, FileFlags.create | FileFlags.readWrite, mode: 0o600)
        if try !File.tryLock(file.raw) { throw .wouldBlock }
        raw = file.release()
    }

    deinit { _ = Descriptor(owning: raw) }
}

/// What systemd is told (sd_notify(3)); nothing where nobody asked.
struct ServiceNotification: Sendable {
    private let socket = Caller.environment["NOTIFY_SOCKET"]

    func send(_ text: String) {
        guard let socket, socket.hasPrefix("/") else { return }
        do throws(Errno) {
            let connection = try UnixSocket.connect(socket, .datagram)
            try File.writeValue(text, to: connection.raw)
        } catch {
            StandardStreams.printError("swiftboxd: cannot tell the service manager: \(error)")
        }
    }
}
