internal import ArgumentParser
internal import BoxEngine
internal import BoxOCI
internal import BoxSystem
internal import Logging

/// The command line of swiftboxd.
struct Daemon: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftboxd",
        abstract: "Keep boxes: start, supervise and log them, and speak Docker's API on a unix socket.",
        discussion: "SIGHUP reads the configuration again; SIGTERM ends the daemon and leaves the boxes running.",
        version: "swiftboxd version \(Release.version)\(Release.commit.map { ", commit \($0)" } ?? "")")

    static let defaultConfiguration = "/etc/swiftbox/swiftboxd.yaml"

    @Option(
        help: ArgumentHelp(
            "The configuration file (\(defaultConfiguration), where there is one).", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("Where boxes, images and the database are.", valueName: "directory"))
    var root: String?
    @Option(help: ArgumentHelp("Where state, monitors and the socket are.", valueName: "directory"))
    var run: String?
    @Option(help: ArgumentHelp("The socket of the API.", valueName: "path"))
    var socket: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    /// The file, and the flags on top of it.
    func settings() throws(BoxError) -> DaemonConfiguration {
        var settings = DaemonConfiguration()
        do throws(BoxError) {
            settings = try DaemonConfiguration.read(config ?? Self.defaultConfiguration)
        } catch {
            if config != nil || error.kind != .notFound { throw error }
        }
        settings.engine.root = try absolute(root, "--root") ?? settings.engine.root
        settings.engine.run = try absolute(run, "--run") ?? settings.engine.run
        settings.socket = try absolute(socket, "--socket") ?? settings.socket
        if let logLevel {
            if Logger.Level(rawValue: logLevel) == nil {
                throw BoxError(.invalidSpec, "\(logLevel) is no level", field: "--log-level")
            }
            settings.logLevel = logLevel
        }
        if settings.engine.runtime.isEmpty { settings.engine.runtime = try Self.runtimeBeside() }
        return settings
    }

    private func absolute(_ path: String?, _ flag: String) throws(BoxError) -> String? {
        guard let path else { return nil }
        if path.hasPrefix("/") && path.utf8.count > 1 { return path }
        throw BoxError(.invalidSpec, "must be an absolute path, found \(path)", field: flag)
    }

    private static func runtimeBeside() throws(BoxError) -> String {
        let own = try explaining({ BoxError(.kernel, "cannot tell where swiftboxd is", errno: $0) }) {
            () throws(Errno) in try File.readLink("/proc/self/exe")
        }
        return File.split(own).parent + "/swiftbox-runtime"
    }
}

@main
enum Program {
    /// Signals are blocked before there is a second thread; this one waits for them to the end.
    static func main() {
        StandardStreams.openMissing()
        do {
            let signals = try SignalDescriptor([1, 2, 13, 15, 17])
            let daemon = try Daemon.parse()
            Processes.exit(try Service(daemon).run(signals))
        } catch let error as BoxError {
            StandardStreams.printError("swiftboxd: \(error)")
            Processes.exit(1)
        } catch let error as EngineError {
            StandardStreams.printError("swiftboxd: \(error)")
            Processes.exit(1)
        } catch {
            Daemon.exit(withError: error)
        }
    }
}
