internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

/// Which file of services is meant, and what its boxes are called.
struct ProjectFlags: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: .init("The file (default: swiftbox.yaml, compose.yaml or docker-compose.yml).", valueName: "file"),
        completion: .file())
    var file: String?
    @Option(
        name: [.customShort("p", allowingJoined: true), .long],
        help: .init("What boxes' names begin with (default: the file's name, else its directory's).", valueName: "name")
    )
    var projectName: String?
    @OptionGroup var hostFlags: HostFlags

    private static let usual = [
        "swiftbox.yaml", "swiftbox.yml", "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
    ]

    /// - Throws: all that is wrong with the file.
    func project() throws -> Project {
        guard let path = file ?? Self.usual.first(where: { File.exists($0) }) else {
            throw BoxError(
                .notFound, "there is no file of services here", field: "--file",
                remedy: "-f FILE, or one of \(Self.usual.joined(separator: ", "))")
        }
        let project = try SpecText.readProject(path)
        if !project.file.problems.isEmpty { throw SpecProblems(project.file.problems) }
        let name = projectName ?? project.file.name ?? Self.plain(File.split(project.directory).name)
        try BoxName.check(name, field: "--project-name")
        return Project(name: name, file: project.file)
    }

    /// A directory's name as a box's may begin.
    private static func plain(_ name: String) -> String {
        let kept = name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        let start = kept.drop { $0 == "-" || $0 == "_" }
        return start.isEmpty ? "project" : String(start)
    }
}

extension SpecText {
    static func readProject(_ path: String) throws(BoxError) -> (file: ProjectFile, directory: String) {
        let bytes = try bytes(path, "--file")
        let working = try explaining({ BoxError(.kernel, "cannot tell the working directory", errno: $0) }) {
            () throws(Errno) in try OwnProcess.workingDirectory()
        }
        let directory = File.split(path.hasPrefix("/") ? path : working + "/" + path).parent
        return (ProjectFile(bytes, path: path, directory: directory), directory)
    }
}

/// Services that belong together, and their boxes.
struct Project {
    static let projectLabel = "swiftbox.project"
    static let serviceLabel = "swiftbox.service"
    /// Of what the box was asked for: another one is made when that has changed.
    static let digestLabel = "swiftbox.digest"

    let name: String
    let file: ProjectFile

    func boxName(_ service: ProjectFile.Service) -> String { service.file.options.name ?? "\(name)-\(service.name)" }

    /// Boxes that the daemon has of a project, running or not.
    static func boxes(_ client: DaemonClient, _ name: String) throws(BoxError) -> [ProjectBox] {
        let label = Node(.object([Member("label", Node(.array([Node(.string("\(projectLabel)=\(name)"))])))]))
        let filters = String(decoding: JSON.write(label), as: UTF8.self)
        let boxes = try client.ask(.get("/containers/json", [("all", "1"), ("filters", filters)])).elements
        return boxes.map { ProjectBox($0) }
    }

    /// The request of a service's box, with what marks it.
    func request(_ service: ProjectFile.Service) throws(BoxError) -> (BoxRequest, SpecContext, digest: String) {
        do throws(BoxError) {
            var options = service.file.options
            options.name = nil
            var plain = options
            plain.rootfs = nil
            let context = try SpecContext.ofHost(id: "000000000000", options: plain)
            var request = BoxRequest(options: options, daemon: service.file.daemon)
            let digest = Self.digest(JSON.write(try request.document(context)))
            request.labels = [
                (Self.projectLabel, name), (Self.serviceLabel, service.name), (Self.digestLabel, digest),
            ]
            return (request, context, digest)
        } catch {
            throw service.file.locating(error)
        }
    }

    /// FNV-1a, 64 bits: tells a change, and is no proof against malice.
    private static func digest(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

/// A box of a project, as a list of the daemon's has it.
struct ProjectBox {
    let id: String
    let service: String
    let digest: String
    let isRunning: Bool
    let created: Int64

    init(_ box: Node) {
        id = box["Id"]?.text ?? ""
        let labels = box["Labels"]
        service = labels?[Project.serviceLabel]?.text ?? ""
        digest = labels?[Project.digestLabel]?.text ?? ""
        isRunning = ["running", "paused", "restarting"].contains(box["State"]?.text ?? "")
        created = box["Created"]?.number ?? 0
    }
}
