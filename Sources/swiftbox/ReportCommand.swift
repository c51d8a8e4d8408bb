internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Read the reports of runs: of run --report, or of the daemon.",
        subcommands: [Show.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what happened and why, then how near the box came to its limits.")

        @Option(help: .init("The last run of this box of the daemon's, instead.", valueName: "name")) var box: String?
        @Flag(help: "The JSON itself.") var json = false
        @OptionGroup var hostFlags: HostFlags
        @Argument(help: "The report; - is standard input.", completion: .file()) var file: String?

        func run() throws {
            let report: Node
            switch (file, box) {
            case (let file?, nil): report = try Self.read(file)
            case (nil, let box?): report = try Self.ofDaemon(box, try hostFlags.client())
            default:
                throw BoxError(.invalidSpec, "either a FILE or --box NAME", field: "--box")
            }
            if json {
                StandardStreams.printOut(String(decoding: JSON.write(report, pretty: true), as: UTF8.self))
                return
            }
            let isColored = Terminal.isTerminal(1) && (Caller.variable("NO_COLOR") ?? "").isEmpty
            StandardStreams.printOut(ReportText(report, isColored: isColored).lines.joined(separator: "\n"))
        }

        private static func ofDaemon(_ box: String, _ client: DaemonClient) throws(BoxError) -> Node {
            let path = "/swiftbox/boxes/\(try DaemonClient.segment(box))/report"
            return try parse(try client.bytes(.get(path)), "the report of \(box)")
        }

        private static func read(_ path: String) throws(BoxError) -> Node {
            let unreadable: (Errno) -> BoxError = { BoxError(.kernel, "\(path): cannot be read", errno: $0) }
            let bytes = try explaining(unreadable) { () throws(Errno) in
                path == "-" ? try File.readAll(0) : try File.contents(of: path)
            }
            return try parse(bytes, path)
        }

        private static func parse(_ bytes: [UInt8], _ path: String) throws(BoxError) -> Node {
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
