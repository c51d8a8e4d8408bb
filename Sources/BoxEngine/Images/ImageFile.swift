internal import BoxDocument
internal import BoxOCI

/// image.json: what is known of an imported root file system, but its tags.
struct ImageFile {
    static let name = "image.json"

    var view: ImageView

    var text: String {
        func strings(_ texts: [String]) -> Node { Node(.array(texts.map { Node(.string($0)) })) }
        let config = view.config
        var members = [
            Member("Cmd", strings(config.command)), Member("Entrypoint", strings(config.entrypoint)),
            Member("Env", strings(config.env)), Member("WorkingDir", Node(.string(config.workingDirectory))),
            Member("User", Node(.string(config.user))), Member("ExposedPorts", strings(config.exposedPorts)),
            Member(
                "Labels",
                Node(
                    .object(
                        config.labels.sorted { $0.key < $1.key }.map { Member($0.key, Node(.string($0.value))) }))),
        ]
        if let signal = config.stopSignal { members.append(Member("StopSignal", Node(.string(signal)))) }
        let document = Node(
            .object([
                Member("schema", Node(.integer(1))), Member("id", Node(.string(view.id))),
                Member("created", Node(.string(view.created))), Member("size", Node(.integer(view.size))),
                Member("comment", Node(.string(view.comment))), Member("layers", strings(view.layers)),
                Member("references", strings(view.references)), Member("config", Node(.object(members))),
            ]))
        return String(decoding: JSON.write(document), as: UTF8.self)
    }

    init(_ view: ImageView) { self.view = view }

    init(json: [UInt8]) throws {
        var view = ImageView(
            id: "", references: [], created: "", createdSeconds: 0, size: 0, config: ImageConfig(), layers: [],
            comment: "")
        for field in try Field(try JSON.parse(json)).members() {
            switch field.name {
            case "id": view.id = try field.string()
            case "created": view.created = try field.string()
            case "size": view.size = try field.integer()
            case "comment": view.comment = try field.string()
            case "layers": view.layers = try field.strings()
            case "references": view.references = try field.strings()
            case "config": view.config = try ImageConfig(reading: field)
            default: break
            }
        }
        if view.id.isEmpty { throw EngineError(.internal, "\(Self.name) has no id") }
        view.createdSeconds = (Moment.nanoseconds(view.created) ?? 0) / 1_000_000_000
        self.view = view
    }
}

extension ImageConfig {
    /// Docker's and OCI's `config`; what it says beside is of no meaning for a box here.
    init(reading value: Field) throws {
        self.init()
        for field in try value.members() {
            // Go's encoder writes null for an empty list.
            if case .null = field.node.value { continue }
            switch field.name {
            case "Cmd": command = try field.strings()
            case "Entrypoint": entrypoint = try field.strings()
            case "Env": env = try field.strings()
            case "WorkingDir": workingDirectory = try field.string()
            case "User": user = try field.string()
            case "StopSignal": stopSignal = try field.text()
            case "Labels": for pair in try field.pairs() { labels[pair.name] = pair.value }
            case "ExposedPorts":
                if case .array = field.node.value {
                    exposedPorts = try field.strings()
                } else {
                    for port in try field.members() { exposedPorts.append(port.name) }
                }
            default: break
            }
        }
    }
}
