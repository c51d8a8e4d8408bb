internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

struct UpdateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change the limits and the restart policy of boxes, also while they run.")

    @Option(name: [.customShort("m", allowingJoined: true), .long], help: .init("Memory at most.", valueName: "size"))
    var memory: String?
    @Option(help: .init("Memory plus swap at most; -1 without bound.", valueName: "size")) var memorySwap: String?
    @Option(help: .init("What is reclaimed last.", valueName: "size")) var memoryReservation: String?
    @Option(help: .init("Processor time at most, such as 1.5.", valueName: "number")) var cpus: String?
    @Option(help: .init("Share against others, 2 to 262144.", valueName: "number")) var cpuShares: String?
    @Option(help: .init("The processors to run on.", valueName: "list")) var cpusetCpus: String?
    @Option(help: .init("The memory nodes to take from.", valueName: "list")) var cpusetMems: String?
    @Option(
        parsing: .unconditional, help: .init("Processes and threads at most; -1 without bound.", valueName: "number"))
    var pidsLimit: String?
    @Option(help: .init("no, on-failure[:N], always or unless-stopped.", valueName: "policy")) var restart: String?
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var boxes: [String]

    func run() throws {
        var options = RunOptions()
        options.memory = memory
        options.memorySwap = memorySwap
        options.memoryReservation = memoryReservation
        options.cpus = cpus
        options.cpuShares = cpuShares
        options.cpusetCPUs = cpusetCpus
        options.cpusetMems = cpusetMems
        options.pidsLimit = pidsLimit
        let body = try UpdateRequest.document(options, restart: restart)
        let client = try hostFlags.client()
        try Each.perform(boxes) { (box) throws(BoxError) in
            let answer = try client.ask(.post("/containers/\(box)/update", body: body))
            answer["Warnings"]?.elements.compactMap(\.text).forEach(Report.warning)
        }
    }
}
