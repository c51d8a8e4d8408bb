internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print all that is known of boxes or images, as JSON.",
        discussion: """
            The JSON is that of Docker's API. With --format '{{.State.Pid}}', a field of it; {{json .State}} as JSON. \
            --plan prints the steps that start the box.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable { case box, image }

    @Option(help: "box or image (default: whichever there is).") var type: Kind?
    @Option(help: .init("json, or a template such as '{{.State.Status}}'.", valueName: "format")) var format: String?
    @Flag(name: .shortAndLong, help: "Also the size of a box's changes.") var size = false
    @Flag(help: "The steps that start the box, instead.") var plan = false
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Names or ids.") var names: [String]

    func run() throws {
        let client = try hostFlags.client()
        if plan {
            for name in names {
                let text = try client.bytes(.get("/swiftbox/boxes/\(try DaemonClient.segment(name))/plan"))
                StandardStreams.printOut(String(decoding: text, as: UTF8.self))
            }
            return
        }
        let template: Template? = format == nil || format == "json" ? nil : try Template(format ?? "")
        var found: [Node] = []
        var failures: [BoxError] = []
        for name in names {
            do throws(BoxError) {
                found.append(try find(client, name))
            } catch {
                failures.append(error)
            }
        }
        if let template {
            for node in found { StandardStreams.printOut(try template.text(of: node)) }
        } else {
            StandardStreams.printOut(String(decoding: JSON.write(Node(.array(found)), pretty: true), as: UTF8.self))
        }
        if !failures.isEmpty { throw SpecProblems(failures) }
    }

    private func find(_ client: DaemonClient, _ name: String) throws(BoxError) -> Node {
        let segment = try DaemonClient.segment(name)
        if type != .image {
            do throws(BoxError) {
                return try client.ask(.get("/containers/\(segment)/json", size ? [("size", "1")] : []))
            } catch {
                if error.kind != .notFound || type == .box || error.message.hasPrefix("no daemon") { throw error }
            }
        }
        do throws(BoxError) {
            return try client.ask(.get("/images/\(segment)/json"))
        } catch {
            if error.kind != .notFound || type == .image { throw error }
            throw BoxError(.notFound, "there is neither a box nor an image \(JSON.quoted(name))")
        }
    }
}

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "List what a box has changed in its root: A added, C changed, D deleted.")

    @OptionGroup var formatFlags: FormatFlags
    @OptionGroup var hostFlags: HostFlags
    @Argument(help: "Its name or id.") var box: String

    func run() throws {
        let format = try formatFlags.parsed()
        let answer = try hostFlags.client().ask(.get("/containers/\(try DaemonClient.segment(box))/changes"))
        let kinds = ["C", "A", "D"]
        let changes = answer.elements.map { change in
            let kind = Int(change["Kind"]?.number ?? 0)
            return record([
                ("kind", .string(kinds.indices.contains(kind) ? kinds[kind] : "?")),
                ("path", .string(change["Path"]?.text ?? "")),
            ])
        }
        if case .table = format {
            for change in changes {
                StandardStreams.printOut("\(change["kind"]?.text ?? "") \(Table.visible(change["path"]?.text ?? ""))")
            }
            return
        }
        try Listing(name: "changes", records: changes, columns: []).write(format)
    }
}

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Say what the daemon has and what it can do here.")

    @Option(help: .init("json, or a template.", valueName: "format")) var format: String?
    @OptionGroup var hostFlags: HostFlags

    func run() throws {
        let info = try hostFlags.client().ask(.get("/info"))
        if format == "json" {
            StandardStreams.printOut(String(decoding: JSON.write(info, pretty: true), as: UTF8.self))
            return
        }
        if let format {
            StandardStreams.printOut(try Template(format).text(of: info))
            return
        }
        let lines = [
            ("version", "ServerVersion"), ("boxes", "Containers"), ("  running", "ContainersRunning"),
            ("  paused", "ContainersPaused"), ("  stopped", "ContainersStopped"), ("images", "Images"),
            ("library", "DockerRootDir"), ("log driver", "LoggingDriver"), ("cgroups", "CgroupVersion"),
            ("cgroup manager", "CgroupDriver"), ("kernel", "KernelVersion"), ("system", "OperatingSystem"),
            ("processors", "NCPU"),
        ]
        for (name, key) in lines {
            StandardStreams.printOut("\(name): \(Table.visible(info[key].map(Template.plain) ?? "-"))")
        }
        if let memory = info["MemTotal"]?.number {
            StandardStreams.printOut("memory: \(Human.bytes(UInt64(max(0, memory))))")
        }
        for warning in info["Warnings"]?.elements ?? [] { Report.warning(warning.text ?? "") }
    }
}
