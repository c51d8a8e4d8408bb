internal import ArgumentParser
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print, step by step, what run would do with the same flags.",
        usage: """
            swiftbox plan [--format json] [FLAGS OF run] [--] COMMAND [ARGUMENTS]
            swiftbox plan A.yaml --diff B.yaml [--format json]
            """,
        discussion: """
            Each step with the process that does it (runtime: swiftbox itself, init: the box's first process before \
            it becomes the command), the reason why it is there and the field of the OCI configuration behind it. \
            Nothing is made and no right is needed. Takes all flags of run: swiftbox run --help. \
            With --diff, what changes from one spec file to another: + comes, - goes, ~ does otherwise; exit status 1 \
            when anything does.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "text or json.") var format = Format.text
    @Option(help: .init("Compare with the plan of this spec file.", valueName: "file"), completion: .file())
    var diff: String?
    @OptionGroup(visibility: .hidden) var flags: RunFlags

    func run() throws {
        if let (old, new) = compared { return try compare(old, new) }
        let request = try flags.typed(help: Self.self).request()
        do {
            let plan = try LaunchPlan.preview(request)
            StandardStreams.printOut(format == .json ? plan.json : plan.text)
        } catch {
            throw request.naming(error)
        }
    }

    /// `plan A --diff B`, where A ends the flags as a COMMAND would, or `plan -f A --diff B`.
    private var compared: (String, String)? {
        let words = flags.words
        if words.count >= 3, words[1] == "--diff" { return (words[0], words[2]) }
        guard let diff, let old = flags.rootFlags.file ?? words.first else { return nil }
        return (old, diff)
    }

    private func compare(_ old: String, _ new: String) throws {
        let difference = PlanDifference(from: try Self.plan(old), to: try Self.plan(new))
        let isJSON = format == .json || flags.words.suffix(2) == ["--format", "json"]
        if isJSON {
            StandardStreams.printOut(difference.json(from: old, to: new))
        } else if !difference.changes.isEmpty {
            StandardStreams.printOut("--- \(old)\n+++ \(new)\n\(difference.text)")
        }
        if !difference.changes.isEmpty { throw ExitCode(1) }
    }

    /// Of a file alone; a box without a name gets the same one each time, so that it is no difference.
    private static func plan(_ path: String) throws -> LaunchPlan {
        let isNamed = try SpecText.read(path).options.name != nil
        var typed = TypedRun()
        typed.file = path
        if !isNamed { typed.options.name = "box" }
        let request = try typed.request()
        do {
            return try LaunchPlan.preview(request)
        } catch {
            throw request.naming(error)
        }
    }
}
