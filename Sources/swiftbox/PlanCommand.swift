internal import ArgumentParser
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print, step by step, what run would do with the same flags.",
        usage: "swiftbox plan [--format json] [FLAGS OF run] [--] COMMAND [ARGUMENTS]",
        discussion: """
            Each step with the process that does it (runtime: swiftbox itself, init: the box's first process before \
            it becomes the command), the reason why it is there and the field of the OCI configuration behind it. \
            Nothing is made and no right is needed. Takes all flags of run: swiftbox run --help.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "text or json.") var format = Format.text
    @OptionGroup(visibility: .hidden) var flags: RunFlags

    func run() throws {
        let request = try flags.request(help: Self.self)
        do {
            let plan = try LaunchPlan.preview(request)
            StandardStreams.printOut(format == .json ? plan.json : plan.text)
        } catch {
            throw request.naming(error)
        }
    }
}
