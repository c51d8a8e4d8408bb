internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "List the processes of a box, with the host's process ids.",
        usage: "swiftbox top BOX [OPTIONS OF ps(1)]")

    @OptionGroup var formatFlags: FormatFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Its name or id.") var box: String
    @Argument(parsing: .captureForPassthrough, help: .hidden) var options: [String] = []

    func run() throws {
        let format = try formatFlags.parsed()
        let query = options.isEmpty ? [] : [("ps_args", options.joined(separator: " "))]
        let answer = try hostFlags.client().ask(.get("/containers/\(try DaemonClient.segment(box))/top", query))
        let titles = answer["Titles"]?.elements.compactMap(\.text) ?? []
        let rows = (answer["Processes"]?.elements ?? []).map { $0.elements.map { $0.text ?? "" } }
            .filter { $0.count == titles.count }
        if case .table = format {
            StandardStreams.printOut(Table.text(titles, rows))
            return
        }
        let records = rows.map { row in
            record(zip(titles, row).map { ($0.lowercased(), .string($1)) })
        }
        try Listing(name: "processes", records: records, columns: []).write(format)
    }
}

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Show what boxes use, once a second.",
        discussion:
            "Fields of templates: .ID .Name .CPUPercent .Memory .MemoryLimit .MemoryPercent .BlockRead .BlockWrite .Pids."
    )

    @Flag(help: "Once, then end.") var noStream = false
    @Flag(help: "Whole ids.") var noTrunc = false
    @OptionGroup var formatFlags: FormatFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids (default: all that run).") var boxes: [String] = []

    func run() throws {
        let client = try hostFlags.client()
        let format = try formatFlags.parsed()
        var before = try samples(client)
        while true {
            try Pause.milliseconds(1000)
            let now = try samples(client)
            let records = now.map { sample in
                figures(sample, before.first { $0["id"] == sample["id"] })
            }
            if case .table = format, !noStream, Terminal.isTerminal(1) {
                // Home, and away with what was there.
                StandardStreams.printOut("\u{1B}[H\u{1B}[2J" + "\u{1B}[H")
            }
            try Listing(name: "boxes", records: records, columns: columns).write(format)
            if noStream { return }
            before = now
        }
    }

    private func samples(_ client: DaemonClient) throws(BoxError) -> [Node] {
        var names = boxes
        if names.isEmpty { names = try client.ask(.get("/containers/json")).elements.compactMap { $0["Id"]?.text } }
        var samples: [Node] = []
        for name in names {
            do throws(BoxError) {
                let path = "/containers/\(try DaemonClient.segment(name))/stats"
                samples.append(try client.ask(.get(path, [("stream", "0"), ("one-shot", "1")])))
            } catch {
                // One of all may have ended just now; one that was named has to be there.
                if !boxes.isEmpty || ![.notFound, .invalidState].contains(error.kind) { throw error }
            }
        }
        return samples
    }

    private func figures(_ now: Node, _ before: Node?) -> Node {
        func number(_ node: Node?, _ path: String) -> Double { Double(node?.value(at: path)?.number ?? 0) }
        let cpu = number(now, "cpu_stats.cpu_usage.total_usage") - number(before, "cpu_stats.cpu_usage.total_usage")
        let host = number(now, "cpu_stats.system_cpu_usage") - number(before, "cpu_stats.system_cpu_usage")
        let processors = max(1, number(now, "cpu_stats.online_cpus"))
        let percent = before == nil || host <= 0 ? 0 : cpu / host * processors * 100
        let usage = number(now, "memory_stats.usage")
        let limit = number(now, "memory_stats.limit")
        let blocks = now.value(at: "blkio_stats.io_service_bytes_recursive")?.elements ?? []
        func sum(_ operation: String) -> Int64 {
            blocks.filter { $0["op"]?.text == operation }.reduce(0) { $0 + ($1["value"]?.number ?? 0) }
        }
        let id = now["id"]?.text ?? ""
        return record([
            ("id", .string(noTrunc ? id : String(id.prefix(12)))),
            ("name", .string(String((now["name"]?.text ?? "").drop { $0 == "/" }))),
            ("cpu_percent", .double((percent * 100).rounded() / 100)),
            ("memory", now.value(at: "memory_stats.usage")?.value ?? .null),
            ("memory_limit", now.value(at: "memory_stats.limit")?.value ?? .null),
            ("memory_percent", limit > 0 ? .double((usage / limit * 10_000).rounded() / 100) : .null),
            ("block_read", .integer(sum("read"))), ("block_write", .integer(sum("write"))),
            ("pids", now.value(at: "pids_stats.current")?.value ?? .null),
        ])
    }

    private var columns: [(title: String, cell: (Node) -> String)] {
        func percent(_ node: Node?) -> String {
            if case .double(let value)? = node?.value { return Human.decimal(value, 2) + "%" }
            return "-"
        }
        // What this host does not count.
        func bytes(_ node: Node?) -> String { node?.number.map { Human.bytes(UInt64(max(0, $0))) } ?? "-" }
        return [
            ("ID", { $0["id"]?.text ?? "" }), ("NAME", { $0["name"]?.text ?? "" }),
            ("CPU", { percent($0["cpu_percent"]) }),
            ("MEMORY / LIMIT", { "\(bytes($0["memory"])) / \(bytes($0["memory_limit"]))" }),
            ("MEMORY", { percent($0["memory_percent"]) }),
            ("BLOCK READ / WRITE", { "\(bytes($0["block_read"])) / \(bytes($0["block_write"]))" }),
            ("PIDS", { $0["pids"]?.number.map { String($0) } ?? "-" }),
        ]
    }
}
