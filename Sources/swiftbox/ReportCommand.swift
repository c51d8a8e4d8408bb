internal import ArgumentParser
internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Read the reports that run --report has written.", subcommands: [Show.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what happened and why, then how near the box came to its limits.")

        @Argument(help: "The report; - is standard input.", completion: .file()) var file: String

        func run() throws {
            let report = try Self.read(file)
            let isColored = Terminal.isTerminal(1) && (Caller.variable("NO_COLOR") ?? "").isEmpty
            StandardStreams.printOut(ReportText(report, isColored: isColored).lines.joined(separator: "\n"))
        }

        private static func read(_ path: String) throws(BoxError) -> Node {
            let unreadable: (Errno) -> BoxError = { BoxError(.kernel, "\(path): cannot be read", errno: $0) }
            let bytes = try explaining(unreadable) { () throws(Errno) in
                path == "-" ? try File.readAll(0) : try File.contents(of: path)
            }
            let report: Node
            do throws(DocumentError) {
                report = try JSON.parse(bytes)
            } catch {
                var failure = BoxError(.invalidSpec, error.message, position: error.position)
                failure.file = path
                throw failure
            }
            guard case .integer(let schema)? = report["schema"]?.value, report["status"] != nil else {
                throw BoxError(.invalidSpec, "\(path) is no report of swiftbox")
            }
            if schema > ExitReport.schema {
                throw BoxError(
                    .unsupported,
                    "\(path) has the schema \(schema), and this swiftbox reads up to \(ExitReport.schema)",
                    remedy: "a newer swiftbox")
            }
            return report
        }
    }
}
