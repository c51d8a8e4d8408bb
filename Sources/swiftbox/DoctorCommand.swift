internal import ArgumentParser
internal import BoxDoctor
internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look at this host, item by item: what works, what does not, and what to do.",
        discussion: """
            ✔ works, ! boxes run and something of them does not work, ✖ boxes do not run. The exit status is 1 when \
            there is a ✖. Nothing is changed; --sweep clears what killed runs have left: directories and cgroups.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "text or json.") var format = Format.text
    @Flag(help: "Clear what killed runs have left.") var sweep = false
    @Option(
        help: .init("Where the state of boxes is kept (default: /run/swiftbox/runtime).", valueName: "dir"),
        completion: .directory)
    var root = "/run/swiftbox/runtime"

    func run() throws {
        if sweep {
            for line in try Sweeping.sweep(root: root) { StandardStreams.printOut(line) }
            return
        }
        let findings = Judgement.findings(try Facts.probe(stateRoot: root))
        StandardStreams.printOut(format == .json ? Self.json(findings) : Self.text(findings))
        if findings.contains(where: { $0.status == .fail }) { throw ExitCode(1) }
    }

    private static func text(_ findings: [Finding]) -> String {
        let isColored = Terminal.isTerminal(1) && (Caller.variable("NO_COLOR") ?? "").isEmpty
        return findings.map { finding in
            let (mark, color) =
                switch finding.status {
                case .ok: ("✔", 32)
                case .warn: ("!", 33)
                case .fail: ("✖", 31)
                }
            let shown = isColored ? "\u{1B}[\(color)m\(mark)\u{1B}[0m" : mark
            let details = [("without it", finding.affects), ("try", finding.remedy)].compactMap { name, text in
                finding.status == .ok ? nil : text.map { "\n    \(name): \($0)" }
            }
            return "\(shown) \(finding.id): \(finding.found)" + details.joined()
        }.joined(separator: "\n")
    }

    /// `schema` grows when a reader would have to change.
    private static func json(_ findings: [Finding]) -> String {
        let text = { (text: String?) in text.map { Node(.string($0)) } ?? Node(.null) }
        let items = findings.map { finding in
            Node(
                .object([
                    Member("id", text(finding.id)), Member("status", text(finding.status.rawValue)),
                    Member("found", text(finding.found)), Member("affects", text(finding.affects)),
                    Member("try", text(finding.remedy)),
                ]))
        }
        let document = Node(.object([Member("schema", Node(.integer(1))), Member("items", Node(.array(items)))]))
        return String(decoding: JSON.write(document, pretty: true), as: UTF8.self)
    }
}
