internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem
public import NIOCore

extension BoxEngine {
    /// A root file system from a tar, compressed or not.
    ///
    /// - Parameter changes: Dockerfile lines: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `LABEL`, `USER`, `WORKDIR`
    /// - Returns: the image's id, `sha256:…`, and what of the archive was left out
    public func importImage(
        _ tar: EngineStream<ByteBuffer>, reference: String?, changes: [String], message: String?
    ) async throws -> (id: String, warnings: [String]) {
        let name = try reference.flatMap { $0.isEmpty ? nil : $0 }.map { try ImageReference.check($0) }
        var config = ImageConfig()
        for line in changes { try config.apply(line) }
        let folder = try newImport()
        do {
            let (digest, warnings) = try await unpack(tar, into: "\(folder.path)/rootfs")
            let id = try await finish(folder, ImageContents(config: config, layer: digest, comment: message ?? ""))
            if let name { try tag(name, id) }
            emit(.image, "import", id: id, ["name": name ?? id])
            return (id, warnings)
        } catch {
            removeImport(folder)
            throw EngineError(error, "import the image")
        }
    }

    /// What an image is made of, but its files.
    struct ImageContents {
        var config: ImageConfig
        /// `sha256:…` of the tar.
        var layer: String
        var comment: String
        /// nil is now.
        var created: String?
    }

    /// A folder beside the images, removed at the next start should the daemon die.
    struct ImportFolder {
        let name: String
        let path: String
    }

    func newImport() throws -> ImportFolder {
        let name = ".import-\(try BoxNames.newID().prefix(12))"
        let folder = ImportFolder(name: name, path: "\(places.images)/\(name)")
        return try EngineError.explaining("make a folder for the image") {
            try File.makeDirectory(folder.path, mode: 0o700)
            try File.makeDirectory(folder.path + "/rootfs", mode: 0o755)
            return folder
        }
    }

    func removeImport(_ folder: ImportFolder) {
        Folders.removeSoon(folder.name, in: places.images, logger)
    }

    /// The digest of the plain tar, and what was left out of it.
    func unpack(
        _ tar: EngineStream<ByteBuffer>, into directory: String
    ) async throws -> (digest: String, warnings: [String]) {
        let plain = try await Decompression.plain(tar)
        let unpacking = try RuntimeStream(
            configuration.runtime, ["archive", "unpack"] + archiveLimit + [directory], .writing, "unpack the archive")
        var hash = SHA256()
        do {
            for try await bytes in plain {
                bytes.withUnsafeReadableBytes { hash.update($0) }
                try await unpacking.write(bytes)
            }
        } catch {
            unpacking.abandon()
            throw error
        }
        let warnings = try await unpacking.finish()
        for warning in warnings { logger.warning("\(warning)") }
        return (hash.finish(), warnings)
    }

    /// Gives the folder its place among the images; one with the same id is there already.
    func finish(_ folder: ImportFolder, _ contents: ImageContents) async throws -> String {
        // First of all: from here on nobody else may come in between.
        let size = try await Blocking.run { FolderSize.of(folder.path + "/rootfs") }
        let created = contents.created ?? Moment.text
        var view = ImageView(
            id: "", references: [], created: "", createdSeconds: 0, size: 0, config: contents.config,
            layers: [contents.layer], comment: contents.comment)
        // The same files with the same configuration are the same image, whenever they are imported.
        let id = SHA256.digest(Array(ImageFile(view).text.utf8))
        if images.view(id) != nil {
            removeImport(folder)
            return id
        }
        view.id = id
        view.created = created
        view.createdSeconds = (Moment.nanoseconds(created) ?? 0) / 1_000_000_000
        view.size = size
        let hex = String(id.dropFirst(7))
        try WholeFile.write(
            Array(ImageFile(view).text.utf8), to: "\(folder.path)/\(ImageFile.name)", synced: true)
        try File.rename(folder.path, to: places.image(hex))
        try keep(view)
        return id
    }
}

extension ImageConfig {
    /// A line as a Dockerfile has it.
    mutating func apply(_ line: String) throws(EngineError) {
        let parts = line.split(separator: " ", maxSplits: 1)
        let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        switch parts.first?.uppercased() {
        case "CMD": command = Self.words(value)
        case "ENTRYPOINT": entrypoint = Self.words(value)
        case "ENV": env.append(try Self.pair(value, line))
        case "EXPOSE":
            exposedPorts += value.split(separator: " ").map { $0.contains("/") ? String($0) : $0 + "/tcp" }
        case "LABEL":
            let pair = try Self.pair(value, line).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            labels[String(pair[0])] = String(pair[1])
        case "USER": user = value
        case "WORKDIR": workingDirectory = value
        case "STOPSIGNAL": stopSignal = value
        default:
            throw EngineError(
                .unsupported,
                "the change \"\(line)\" is not known\n  try:   "
                    + "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, WORKDIR, STOPSIGNAL")
        }
    }

    /// A JSON array, or a line for a shell.
    private static func words(_ value: String) -> [String] {
        do throws(DocumentError) {
            if case .array(let nodes) = try JSON.parse(Array(value.utf8)).value {
                return nodes.compactMap { node in
                    if case .string(let text) = node.value { return text }
                    return nil
                }
            }
        } catch {
            // No JSON: a shell's.
        }
        return ["/bin/sh", "-c", value]
    }

    /// `NAME=VALUE` or `NAME VALUE`, the value perhaps in quotes.
    private static func pair(_ text: String, _ line: String) throws(EngineError) -> String {
        guard let end = text.firstIndex(where: { $0 == "=" || $0 == " " }), end != text.startIndex else {
            throw EngineError(.invalid, "the change \"\(line)\" must have NAME=VALUE")
        }
        var value = text[text.index(after: end)...]
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        return "\(text[..<end])=\(value)"
    }
}
