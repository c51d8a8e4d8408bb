internal import ArgumentParser
internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem
// Not used: the static link of ArgumentParser needs it named in the program's own source.
internal import FoundationEssentials

/// The command line of swiftbox.
struct Swiftbox: ParsableCommand {
    static let version = Release.version
    static let configuration = CommandConfiguration(
        commandName: "swiftbox",
        abstract: "Run programs in boxes: namespaces, layered root file systems, limits and system-call filters.",
        version: "swiftbox version \(version)",
        groupedSubcommands: [
            CommandGroup(
                name: "Boxes",
                subcommands: [RunCommand.self, PlanCommand.self, SpecCommand.self, ReportCommand.self]),
            CommandGroup(
                name: "Boxes of the daemon",
                subcommands: [
                    CreateCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, KillCommand.self,
                    PauseCommand.self, UnpauseCommand.self, WaitCommand.self, RenameCommand.self, UpdateCommand.self,
                    RemoveCommand.self, PruneCommand.self,
                ]),
            CommandGroup(
                name: "Inside and around them",
                subcommands: [
                    PsCommand.self, InspectCommand.self, ExecCommand.self, AttachCommand.self, LogsCommand.self,
                    TopCommand.self, StatsCommand.self, EventsCommand.self, CopyCommand.self, DiffCommand.self,
                ]),
            CommandGroup(name: "Several boxes", subcommands: [UpCommand.self, DownCommand.self]),
            CommandGroup(
                name: "Images",
                subcommands: [
                    ImportCommand.self, ImagesCommand.self, TagCommand.self, RemoveImageCommand.self,
                ]),
            CommandGroup(
                name: "Host",
                subcommands: [
                    DoctorCommand.self, InfoCommand.self, VersionCommand.self, CompletionsCommand.self,
                ]),
        ])
}

@main
enum Program {
    /// Not isolated and not async, so no concurrency runtime starts and the process keeps its one thread.
    nonisolated static func main() {
        StandardStreams.openMissing()
        do throws(Errno) {
            Processes.exit(run(try Caller.arguments()))
        } catch {
            Processes.exit(Report.failure(BoxError(.invalidSpec, "an argument is not UTF-8", errno: error)))
        }
    }

    /// Before this process becomes a box's parent; comes back in a program that was started again, or not at all.
    private static func enter(_ arguments: [String]) throws {
        if !arguments.contains("--help") { try RootlessEntry.enter() }
        try SealedProgram.enter()
    }

    private static func run(_ typed: TypedRun, _ arguments: [String]) throws -> Int32 {
        if typed.daemonReason == nil { try enter(arguments) }
        return try typed.runBox()
    }

    /// The exit status of swiftbox for these arguments.
    private static func run(_ arguments: [String]) -> CInt {
        do {
            if arguments.first == RunCommand.configuration.commandName {
                if let typed = QuickReader.read(arguments.dropFirst()) { return CInt(try run(typed, arguments)) }
                // By its words, before the parser: it starts the program again.
                if !TypedRun.mayUseDaemon(arguments) { try enter(arguments) }
            }
            switch try Swiftbox.parseAsRoot(arguments) {
            case let command as RunCommand: return CInt(try run(try command.typed(), arguments))
            case var command:
                try command.run()
                return 0
            }
        } catch let error as BoxError {
            return Report.failure(error)
        } catch let problems as SpecProblems {
            return Report.failure(problems)
        } catch let exit as ExitCode {
            return exit.rawValue
        } catch {
            return Report.parserAnswer(error)
        }
    }
}
