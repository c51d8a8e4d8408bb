internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make an image of a tar archive of a root file system; print its id.",
        discussion:
            "A change is a line of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER or WORKDIR.")

    @Option(
        name: [.customShort("c", allowingJoined: true), .customLong("change")],
        help: .init("What the image says of its boxes; repeatable.", valueName: "line"))
    var changes: [String] = []
    @Option(name: .shortAndLong, help: .init("A comment.", valueName: "text")) var message: String?
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "The archive, plain or compressed; - is standard input.", completion: .file()) var file: String
    @Argument(help: "The image's name, NAME[:TAG].") var reference: String?

    func run() throws {
        let source = try explaining({ BoxError(.kernel, "\(file): cannot be read", errno: $0) }) {
            () throws(Errno) in
            file == "-" ? try Descriptor(owning: 0).duplicate() : try File.open(file, FileFlags.readOnly)
        }
        var query = changes.map { ("changes", $0) }
        if let reference { query.append(("reference", reference)) }
        if let message { query.append(("message", message)) }
        let raw = source.raw
        let answer = try hostFlags.client().upload(
            .post("/swiftbox/images/import", query), type: "application/x-tar"
        ) { () throws(BoxError) in
            let bytes = try explaining({ BoxError(.kernel, "\(file): cannot be read", errno: $0) }) {
                () throws(Errno) in try File.readSome(raw, atMost: 1 << 18)
            }
            return bytes.isEmpty ? nil : bytes
        }
        try source.close()
        for warning in answer["Warnings"]?.elements ?? [] { Report.warning(warning.text ?? "") }
        StandardStreams.printOut(answer["Id"]?.text ?? "")
    }
}

struct ImagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images", abstract: "List the images of the daemon.",
        discussion:
            "Filters: reference, label, dangling, before, since. Fields of templates: .ID .Names .CreatedAt .Size .Labels."
    )

    @Flag(name: .shortAndLong, help: "Only the ids.") var quiet = false
    @Flag(help: "Whole ids.") var noTrunc = false
    @OptionGroup var formatFlags: FormatFlags
    @OptionGroup var filterFlags: FilterFlags
    @OptionGroup var hostFlags: HostFlags

    func run() throws {
        let format = try formatFlags.parsed()
        let images = try hostFlags.client().ask(.get("/images/json", try filterFlags.query())).elements
        let records = images.map { image in
            record([
                ("id", .string(ShortID.image(image["Id"]?.text ?? "", whole: noTrunc))),
                ("names", image["RepoTags"]?.value ?? .array([])),
                ("created_at", .string(Timestamp.text(seconds: image["Created"]?.number ?? 0))),
                ("created_since", .string(Age.since(image["Created"]?.number ?? 0))),
                ("size", image["Size"]?.value ?? .integer(0)), ("labels", image["Labels"]?.value ?? .object([])),
            ])
        }
        if quiet {
            for image in records { StandardStreams.printOut(image["id"]?.text ?? "") }
            return
        }
        let columns: [(title: String, cell: (Node) -> String)] = [
            ("NAME", { $0["names"]?.elements.compactMap(\.text).joined(separator: ", ") ?? "" }),
            ("ID", { $0["id"]?.text ?? "" }), ("CREATED", { $0["created_since"]?.text ?? "" }),
            ("SIZE", { Human.bytes(UInt64(max(0, $0["size"]?.number ?? 0))) }),
        ]
        try Listing(name: "images", records: records, columns: columns).write(format)
    }
}

struct TagCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tag", abstract: "Give an image one more name.")

    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "The image's name or id.") var image: String
    @Argument(help: "The new name, NAME[:TAG].") var reference: String

    func run() throws {
        let (name, tag) = Self.split(reference)
        try hostFlags.client().ask(
            .post("/images/\(try DaemonClient.segment(image))/tag", [("repo", name), ("tag", tag)]))
    }

    /// The tag stands behind the last colon, unless that belongs to a host's port.
    static func split(_ reference: String) -> (String, String) {
        guard let colon = reference.lastIndex(of: ":"), !reference[colon...].contains("/") else {
            return (reference, "latest")
        }
        return (String(reference[..<colon]), String(reference[reference.index(after: colon)...]))
    }
}

struct RemoveImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rmi", abstract: "Take names from images, and remove those without one.")

    @Flag(name: .shortAndLong, help: "Also one that has several names.") var force = false
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var images: [String]

    func run() throws {
        let client = try hostFlags.client()
        var failures: [BoxError] = []
        for image in images {
            do throws(BoxError) {
                let path = "/images/\(try DaemonClient.segment(image))"
                for removed in try client.ask(.delete(path, force ? [("force", "1")] : [])).elements {
                    for member in removed.members {
                        StandardStreams.printOut("\(member.key.lowercased()) \(member.node.text ?? "")")
                    }
                }
            } catch {
                failures.append(error)
            }
        }
        if !failures.isEmpty { throw SpecProblems(failures) }
    }
}
