internal import BoxDocument
internal import BoxRuntime
internal import BoxSystem

/// The files of an archive that holds an image, unpacked. It may be hostile: nothing outside of it is followed.
struct ImageArchive {
    private static let mostManifest = 4 << 20
    private let directory: String

    /// What an image is made of, as names of files in the archive.
    struct Image {
        var config: String
        var layer: String
        var tags: [String]
    }

    init(_ directory: String) { self.directory = directory }

    /// The one image in it.
    /// - Throws: `.unsupported` for several images, or layers
    func image() async throws -> Image {
        if exists("manifest.json") { return try saved(try await document("manifest.json")) }
        if exists("index.json") { return try await laidOut() }
        throw EngineError(
            .invalid,
            "the archive has neither manifest.json nor index.json: it is no image that docker save or an OCI tool made\n"
                + "  try:   import, for the tar of a root file system")
    }

    // MARK: Files

    private func exists(_ name: String) -> Bool { File.exists(directory + "/" + name) }

    func open(_ name: String) throws -> FileStream {
        let root = try File.open(directory, FileFlags.path | FileFlags.directory)
        let failure = EngineError(.invalid, "the archive has no file \(JSON.quoted(name))")
        let file: Descriptor
        do throws(Errno) {
            file = try File.open(name, FileFlags.readOnly | FileFlags.nonBlocking, below: root.raw, .inRoot)
        } catch {
            throw failure
        }
        guard try File.status(at: file.raw).kind == .file else { throw failure }
        return FileStream(file)
    }

    func file(_ name: String) async throws -> [UInt8] {
        let stream = try open(name)
        var bytes: [UInt8] = []
        while let more = try await stream.next() {
            bytes.append(contentsOf: more.readableBytesView)
            if bytes.count > Self.mostManifest {
                throw EngineError(.invalid, "\(JSON.quoted(name)) of the archive is too large")
            }
        }
        return bytes
    }

    private func document(_ name: String) async throws -> Node {
        let bytes = try await file(name)
        do throws(DocumentError) {
            return try JSON.parse(bytes)
        } catch {
            throw EngineError(.invalid, "\(name) of the archive is no JSON: \(error)")
        }
    }

    // MARK: docker save

    private func saved(_ manifest: Node) throws -> Image {
        guard case .array(let all) = manifest.value else {
            throw EngineError(.invalid, "manifest.json of the archive is no list")
        }
        try Self.check(images: all.count)
        guard let config = all[0].string("Config") else {
            throw EngineError(.invalid, "manifest.json of the archive names no Config")
        }
        let layers = all[0].strings("Layers")
        try Self.check(layers: layers.count)
        return Image(config: config, layer: layers[0], tags: all[0].strings("RepoTags"))
    }

    // MARK: OCI layout

    private func laidOut() async throws -> Image {
        let index = try await document("index.json")
        let entries = Self.manifests(index)
        try Self.check(images: entries.count)
        let notes = entries[0]["annotations"]
        // containerd's has the whole name; the specification's alone may be a mere tag.
        let names = ["io.containerd.image.name", "org.opencontainers.image.ref.name"].compactMap { notes?.string($0) }
        var manifest = try await blob(entries[0])
        if manifest["manifests"] != nil {
            let inner = Self.manifests(manifest)
            try Self.check(images: inner.count)
            manifest = try await blob(inner[0])
        }
        guard let config = manifest["config"], case .array(let layers)? = manifest["layers"]?.value else {
            throw EngineError(.invalid, "the manifest of the image names no config, or no layers")
        }
        try Self.check(layers: layers.count)
        _ = try await blob(config)
        let tag = names.first.map { $0.contains(":") || $0.contains("/") ? [$0] : [] } ?? []
        return Image(config: try Self.path(config), layer: try Self.path(layers[0]), tags: tag)
    }

    /// Those of images for this system; build tools add statements about them.
    private static func manifests(_ index: Node) -> [Node] {
        guard case .array(let all)? = index["manifests"]?.value else { return [] }
        return all.filter { entry in
            let system = entry["platform"]?.string("os")
            return system == nil || system == "linux"
        }
    }

    /// A document of the archive, whose digest is checked.
    private func blob(_ descriptor: Node) async throws -> Node {
        let bytes = try await file(try Self.path(descriptor))
        guard SHA256.digest(bytes) == descriptor.string("digest") else {
            throw EngineError(.invalid, "a file of the archive is not what its digest says")
        }
        return try JSON.parse(bytes)
    }

    private static func path(_ descriptor: Node) throws -> String {
        let digest = descriptor.string("digest") ?? ""
        let hex = digest.dropFirst(7)
        guard digest.hasPrefix("sha256:"), hex.utf8.count == 64, hex.allSatisfy({ $0.isHexDigit }) else {
            throw EngineError(.unsupported, "the digest \(JSON.quoted(String(digest.prefix(80)))) is none of SHA-256")
        }
        return "blobs/sha256/\(hex)"
    }

    // MARK: What is not there yet

    private static func check(images count: Int) throws {
        if count == 1 { return }
        throw EngineError(.unsupported, "the archive holds \(count) images; one at a time can be loaded")
    }

    private static func check(layers count: Int) throws {
        if count == 1 { return }
        throw EngineError(
            .unsupported,
            "the image has \(count) layers; images of one layer can be loaded\n"
                + "  try:   docker export of a container, and import")
    }
}

extension Node {
    fileprivate func string(_ key: String) -> String? {
        if case .string(let text)? = self[key]?.value { return text }
        return nil
    }
}
