internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a box has said, its errors on standard error.")

    @Flag(name: .shortAndLong, help: "Go on with what it says from now on.") var follow = false
    @Option(
        name: [.customShort("n", allowingJoined: true), .long],
        help: .init("Only the last lines, or all.", valueName: "count"))
    var tail = "all"
    @Option(help: .init("Not before: 10m ago, an RFC 3339 time, or seconds since 1970.", valueName: "time"))
    var since: String?
    @Option(help: .init("Not after.", valueName: "time")) var until: String?
    @Flag(name: .shortAndLong, help: "The time before each line.") var timestamps = false
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Its name or id.") var box: String

    func run() throws {
        if tail != "all" && UInt(tail) == nil {
            throw BoxError(.invalidSpec, "--tail \(tail): must be a number or all", field: "--tail")
        }
        var query = [("stdout", "1"), ("stderr", "1"), ("tail", tail)] + (try TimeSpan.query(since, until))
        if follow { query.append(("follow", "1")) }
        if timestamps { query.append(("timestamps", "1")) }
        let (head, connection) = try hostFlags.client().open(
            .get("/containers/\(try DaemonClient.segment(box))/logs", query))
        var frames = OutputFrames(head)
        while let bytes = try connection.next() {
            for frame in frames.take(bytes) {
                try explaining({ BoxError(.kernel, "cannot write the log", errno: $0) }) { () throws(Errno) in
                    try File.write(Array(frame.bytes), to: frame.stream)
                }
            }
        }
    }
}

/// `--since` and `--until` as the API takes them.
enum TimeSpan {
    static func query(_ since: String?, _ until: String?) throws(BoxError) -> [(String, String)] {
        let now = try explaining({ BoxError(.kernel, "cannot tell the time", errno: $0) }) { () throws(Errno) in
            try Kernel.realtimeNanoseconds()
        }
        var query: [(String, String)] = []
        for (name, text) in [("since", since), ("until", until)] {
            if let text { query.append((name, try Moment.seconds(text, now: now, flag: "--\(name)"))) }
        }
        return query
    }
}

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happens to boxes and images, as it happens.",
        discussion:
            "Filters: container, event, image, label, type. Templates are of Docker's event: .Action .Actor.ID …")

    @Option(help: .init("From then on.", valueName: "time")) var since: String?
    @Option(help: .init("Up to then.", valueName: "time")) var until: String?
    @OptionGroup var formatFlags: FormatFlags
    @OptionGroup var filterFlags: FilterFlags
    @OptionGroup var hostFlags: HostFlags

    func run() throws {
        let format = try formatFlags.parsed()
        let query = try TimeSpan.query(since, until) + filterFlags.query()
        let connection = try hostFlags.client().open(.get("/events", query)).connection
        var lines = JSONLines()
        while let bytes = try connection.next() {
            for event in try lines.take(bytes) {
                switch format {
                case .json: StandardStreams.printOut(String(decoding: JSON.write(event), as: UTF8.self))
                case .template(let template): StandardStreams.printOut(try template.text(of: event))
                case .table: StandardStreams.printOut(Self.line(event))
                }
            }
        }
    }

    private static func line(_ event: Node) -> String {
        let nanoseconds = event["timeNano"]?.number ?? 0
        let attributes = event["Actor"]?["Attributes"]?.members ?? []
        let inside = attributes.map { "\($0.key)=\($0.node.text ?? "")" }.joined(separator: ", ")
        let id = String((event["Actor"]?["ID"]?.text ?? "").prefix(12))
        let text =
            "\(Timestamp.text(nanoseconds: nanoseconds)) \(event["Type"]?.text ?? "") \(event["Action"]?.text ?? "") \(id)"
        return Table.visible(inside.isEmpty ? text : "\(text) (\(inside))")
    }
}
