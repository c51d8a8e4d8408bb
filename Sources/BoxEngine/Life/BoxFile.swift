internal import BoxDocument
internal import BoxOCI
internal import BoxSpec
internal import BoxSystem

/// box.json: what was asked for, with the image's part put in. The truth that a lost index is rebuilt from.
struct BoxFile {
    static let name = "box.json"

    var id: String
    var name: String
    var created: Int64
    var wanted: WantedBox
    var resolved: ResolvedBox

    init(_ box: Box) {
        id = box.id
        name = box.name
        created = box.created
        wanted = box.wanted
        resolved = box.resolved
    }

    var text: String {
        let document = Node(
            .object([
                Member("schema", Node(.integer(1))), Member("id", Node(.string(id))),
                Member("name", Node(.string(name))), Member("created", Node(.integer(created))),
                Member("wanted", wanted.document), Member("image_id", Node(.string(resolved.imageID))),
                Member("options", resolved.options.document),
            ]))
        return String(decoding: JSON.write(document), as: UTF8.self)
    }

    init(json: [UInt8]) throws {
        let document = try JSON.parse(json)
        guard case .string(let id)? = document["id"]?.value, case .string(let name)? = document["name"]?.value,
            case .integer(let created)? = document["created"]?.value, let wanted = document["wanted"],
            case .string(let imageID)? = document["image_id"]?.value, let options = document["options"]
        else { throw EngineError(.internal, "\(Self.name) is not what swiftbox writes") }
        self.id = id
        self.name = name
        self.created = created
        self.wanted = try WantedBox(document: wanted)
        resolved = ResolvedBox(imageID: imageID, options: try RunOptions(document: options))
    }

    var box: Box { Box(id: id, name: name, created: created, wanted: wanted, resolved: resolved) }
}

/// Files that are replaced whole.
enum WholeFile {
    /// By a temporary name; `synced` returns when it is on the disk.
    static func write(_ bytes: [UInt8], to path: String, synced: Bool) throws(Errno) {
        let temporary = path + ".new"
        do throws(Errno) {
            let flags = FileFlags.create | FileFlags.writeOnly | FileFlags.truncate
            let file = try File.open(temporary, flags, mode: 0o600)
            try File.write(bytes, to: file.raw)
            if synced { try File.synchronize(file.raw) }
            try file.close()
            try File.rename(temporary, to: path)
        } catch let cause {
            do throws(Errno) { try File.remove(temporary) } catch { throw cause }
            throw cause
        }
    }
}
