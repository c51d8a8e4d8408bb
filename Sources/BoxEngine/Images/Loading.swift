internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem
public import NIOCore

extension BoxEngine {
    /// `docker load`: an archive of one image with one layer, as `docker save` makes it or as an OCI layout.
    ///
    /// - Returns: its references, or its id where it has none; and what of it is left out
    public func loadImage(
        _ tar: EngineStream<ByteBuffer>
    ) async throws -> (references: [String], warnings: [String]) {
        let outer = try newImport()
        defer { removeImport(outer) }
        do {
            _ = try await unpack(tar, into: "\(outer.path)/rootfs")
            let archive = ImageArchive(outer.path + "/rootfs")
            let image = try await archive.image()
            let tags = try image.tags.map { try ImageReference.check($0) }
            var (contents, warnings) = try Self.contents(try await archive.file(image.config))
            let folder = try newImport()
            do {
                let layer = try archive.open(image.layer)
                let (digest, omitted) = try await unpack(
                    EngineStream { try await layer.next() }, into: "\(folder.path)/rootfs")
                if !contents.layer.isEmpty && contents.layer != digest {
                    throw EngineError(.invalid, "the layer of the image is not the one that its configuration names")
                }
                contents.layer = digest
                warnings += omitted
                let id = try await finish(folder, contents)
                for name in tags { try tag(name, id) }
                emit(.image, "load", id: id, ["name": tags.first ?? id])
                return (tags.isEmpty ? [id] : tags, warnings)
            } catch {
                removeImport(folder)
                throw error
            }
        } catch {
            throw EngineError(error, "load the image")
        }
    }

    /// Docker's and OCI's image configuration; and which of it boxes here do not have.
    private static func contents(_ json: [UInt8]) throws -> (ImageContents, warnings: [String]) {
        let document = try JSON.parse(json)
        var contents = ImageContents(config: ImageConfig(), layer: "", comment: "")
        var warnings: [String] = []
        try check(document["os"], is: ["linux"])
        try check(document["architecture"], is: architectures)
        if let config = document["config"], case .object(let members) = config.value {
            contents.config = try ImageConfig(reading: Field(config))
            for key in ["Volumes", "Healthcheck", "OnBuild", "Shell"]
            where members.contains(where: { $0.key == key && !$0.node.isEmpty }) {
                warnings.append("\(key) of the image's configuration has no meaning here and is left out")
            }
        }
        if case .string(let created)? = document["created"]?.value, Moment.nanoseconds(created) != nil {
            contents.created = created
        }
        if case .array(let layers)? = document["rootfs"]?["diff_ids"]?.value,
            case .string(let digest)? = layers.first?.value
        {
            contents.layer = digest
        }
        return (contents, warnings)
    }

    #if arch(x86_64)
        private static let architectures = ["amd64", "386"]
    #else
        private static let architectures = ["arm64"]
    #endif

    private static func check(_ node: Node?, is known: [String]) throws {
        guard case .string(let found)? = node?.value, !found.isEmpty, !known.contains(found) else { return }
        throw EngineError(.unsupported, "the image is for \(JSON.quoted(found)), and this host is not")
    }
}

extension Node {
    fileprivate var isEmpty: Bool {
        switch value {
        case .null: true
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }
}
