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
        subcommands: [
            RunCommand.self, PlanCommand.self, SpecCommand.self, DoctorCommand.self, ReportCommand.self,
            VersionCommand.self,
            CompletionsCommand.self,
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

    /// The exit status of swiftbox for these arguments.
    private static func run(_ arguments: [String]) -> CInt {
        do {
            // By its word, before the parser: it starts the program again.
            if arguments.first == RunCommand.configuration.commandName {
                if !arguments.contains("--help") { try RootlessEntry.enter() }
                try SealedProgram.enter()
            }
            switch try Swiftbox.parseAsRoot(arguments) {
            case let command as RunCommand: return CInt(try command.runBox())
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
