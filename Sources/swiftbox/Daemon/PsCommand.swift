internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the boxes of the daemon.",
        discussion: """
            Filters: id, name, label, status (created, running, paused, restarting, exited, dead), exited, health, \
            ancestor, before, since. Fields of templates: .ID .Name .Image .Command .CreatedAt .State .Status .Labels.
            """,
        aliases: ["ls", "list"])

    @Flag(name: .shortAndLong, help: "Also those that do not run.") var all = false
    @Flag(name: .shortAndLong, help: "Only the ids.") var quiet = false
    @Flag(help: "Whole ids and commands.") var noTrunc = false
    @Option(
        name: [.customShort("n", allowingJoined: true), .customLong("last")],
        help: "The last so many made, running or not.")
    var last: Int?
    @Flag(name: .shortAndLong, help: "Also the size of their changes.") var size = false
    @OptionGroup var formatFlags: FormatFlags
    @OptionGroup var filterFlags: FilterFlags
    @OptionGroup var hostFlags: HostFlags

    func run() throws {
        let format = try formatFlags.parsed()
        var query = try filterFlags.query()
        if all { query.append(("all", "1")) }
        if size { query.append(("size", "1")) }
        if let last { query.append(("limit", String(last))) }
        let boxes = try hostFlags.client().ask(.get("/containers/json", query)).elements.map(record)
        if quiet {
            for box in boxes { StandardStreams.printOut(box["id"]?.text ?? "") }
            return
        }
        var columns: [(title: String, cell: (Node) -> String)] = [
            ("ID", { $0["id"]?.text ?? "" }), ("NAME", { $0["name"]?.text ?? "" }),
            ("IMAGE", { $0["image"]?.text ?? "" }),
            ("COMMAND", { noTrunc ? $0["command"]?.text ?? "" : Table.shortened($0["command"]?.text ?? "", 30) }),
            ("CREATED", { $0["created_since"]?.text ?? "" }), ("STATUS", { $0["status"]?.text ?? "" }),
        ]
        if size {
            columns.append(("SIZE", { Human.bytes(UInt64(max(0, $0["size"]?.number ?? 0))) }))
        }
        try Listing(name: "boxes", records: boxes, columns: columns).write(format)
    }

    private func record(_ box: Node) -> Node {
        let id = box["Id"]?.text ?? ""
        let created = box["Created"]?.number ?? 0
        let name = box["Names"]?.elements.first?.text.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 } ?? ""
        var members: [(String, Node.Value)] = [
            ("id", .string(noTrunc ? id : String(id.prefix(12)))), ("name", .string(name)),
            ("image", .string(ShortID.image(box["Image"]?.text ?? "", whole: noTrunc))),
            ("command", .string(box["Command"]?.text ?? "")), ("created_at", .string(Timestamp.text(seconds: created))),
            ("created_since", .string(Age.since(created))), ("state", .string(box["State"]?.text ?? "")),
            ("status", .string(box["Status"]?.text ?? "")), ("labels", box["Labels"]?.value ?? .object([])),
        ]
        if let size = box["SizeRw"] { members.append(("size", size.value)) }
        return swiftbox.record(members)
    }
}

/// Ids as people read them.
enum ShortID {
    /// A box's or an image's: twelve digits.
    static func image(_ text: String, whole: Bool) -> String {
        if whole || !text.hasPrefix("sha256:") { return text }
        return String(text.dropFirst(7).prefix(12))
    }
}

enum Age {
    /// `5 minutes ago` for a moment in seconds since 1970; `` where this host cannot tell the time.
    static func since(_ moment: Int64) -> String {
        do throws(Errno) {
            let now = try Kernel.realtimeNanoseconds() / 1_000_000_000
            return Human.duration(seconds: max(0, now - moment)) + " ago"
        } catch {
            return ""
        }
    }
}
