internal import BoxDocument
internal import BoxOCI
internal import BoxSystem
public import NIOCore

extension BoxEngine {
    private static let mostManifest = 4 << 20

    /// `docker load`: an archive of one image with one layer. Returns its references, or its id where it has none.
    public func loadImage(_ tar: EngineStream<ByteBuffer>) async throws -> [String] {
        let outer = try newImport()
        defer { removeImport(outer) }
        do {
            _ = try await unpack(tar, into: "\(outer.path)/rootfs")
            let manifest = try LoadManifest(try await Self.file("manifest.json", of: outer))
            var contents = try Self.contents(try await Self.file(manifest.config, of: outer))
            let folder = try newImport()
            do {
                let layer = try Self.open(manifest.layer, of: outer)
                let digest = try await unpack(
                    EngineStream { try await layer.next() }, into: "\(folder.path)/rootfs")
                contents.layer = digest
                let id = try finish(folder, contents)
                for name in manifest.tags { try tag(try ImageReference.check(name), id) }
                emit(.image, "load", id: id, ["name": manifest.tags.first ?? id])
                return manifest.tags.isEmpty ? [id] : manifest.tags
            } catch {
                removeImport(folder)
                throw error
            }
        } catch {
            throw EngineError(error, "load the image")
        }
    }

    /// The archive may be hostile: nothing outside of it is followed.
    private static func open(_ name: String, of folder: ImportFolder) throws -> FileStream {
        let root = try File.open(folder.path + "/rootfs", FileFlags.path | FileFlags.directory)
        let file = try File.open(name, FileFlags.readOnly | FileFlags.nonBlocking, below: root.raw, .inRoot)
        guard try File.status(at: file.raw).kind == .file else {
            throw EngineError(.invalid, "\(name) of the archive is no file")
        }
        return FileStream(file)
    }

    private static func file(_ name: String, of folder: ImportFolder) async throws -> [UInt8] {
        let stream: FileStream
        do {
            stream = try open(name, of: folder)
        } catch {
            throw EngineError(.invalid, "the archive has no \(name): it is none that docker save makes")
        }
        var bytes: [UInt8] = []
        while let more = try await stream.next() {
            bytes.append(contentsOf: more.readableBytesView)
            if bytes.count > mostManifest { throw EngineError(.invalid, "\(name) of the archive is too large") }
        }
        return bytes
    }

    private static func contents(_ json: [UInt8]) throws -> ImageContents {
        let document = try JSON.parse(json)
        var contents = ImageContents(config: ImageConfig(), layer: "", comment: "")
        if let config = document["config"], case .object = config.value {
            contents.config = try ImageConfig(reading: Field(config))
        }
        if case .string(let created)? = document["created"]?.value, Moment.nanoseconds(created) != nil {
            contents.created = created
        }
        return contents
    }
}

/// manifest.json of an archive that `docker save` made.
private struct LoadManifest {
    let config: String
    let layer: String
    let tags: [String]

    init(_ json: [UInt8]) throws {
        guard case .array(let all) = try JSON.parse(json).value else {
            throw EngineError(.invalid, "manifest.json of the archive is no list")
        }
        guard all.count == 1 else {
            throw EngineError(.unsupported, "the archive holds \(all.count) images; one at a time can be loaded")
        }
        func strings(_ key: String) -> [String] {
            guard case .array(let nodes)? = all[0][key]?.value else { return [] }
            return nodes.compactMap { node in
                if case .string(let text) = node.value { return text }
                return nil
            }
        }
        guard case .string(let config)? = all[0]["Config"]?.value else {
            throw EngineError(.invalid, "manifest.json of the archive names no Config")
        }
        let layers = strings("Layers")
        guard layers.count == 1 else {
            throw EngineError(
                .unsupported,
                "the image has \(layers.count) layers; images of one layer can be loaded\n"
                    + "  try:   docker export of a container, and import")
        }
        self.config = config
        layer = layers[0]
        tags = strings("RepoTags")
    }
}

/// A file's bytes, one part after the other. For one task.
final class FileStream: Sendable {
    private let raw: CInt

    init(_ file: consuming Descriptor) { raw = file.release() }

    deinit { _ = Descriptor(owning: raw) }

    func next() async throws -> ByteBuffer? {
        let bytes = try await Blocking.run { [self] in try File.readSome(raw, atMost: 1 << 18) }
        return bytes.isEmpty ? nil : ByteBuffer(bytes: bytes)
    }
}
