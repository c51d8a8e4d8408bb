public import BoxDocument
internal import BoxOCI
internal import BoxSystem
public import NIOCore

extension BoxEngine {
    /// The verb's arguments for a box, as it runs or as its folder has it.
    private func archive(_ verb: String, _ box: Box, flags: [String] = [], _ path: String) throws -> [String] {
        let place = box.isAlive ? [] : ["--config", try config(box)]
        return ["--root", places.stateRoot, "archive", verb] + place + flags + [box.id, path]
    }

    /// What the box's root is made of stands in its configuration; one that was never started has none yet.
    private func config(_ box: Box) throws -> String {
        if !box.isAlive && !File.exists(places.config(box.id)) {
            let spec = try compile(box)
            try WholeFile.write(JSON.write(spec.document), to: places.config(box.id), synced: false)
        }
        return places.config(box.id)
    }

    /// - Returns: docker's `X-Docker-Container-Path-Stat` as a document (name, size, mode, mtime, linkTarget), and a tar
    public func archiveGet(
        _ ref: String, path: String
    ) async throws -> (stat: Node, tar: EngineStream<ByteBuffer>) {
        let stat = try await archiveStat(ref, path: path)
        let box = try find(ref)
        let stream = try RuntimeStream(
            configuration.runtime, try archive("get", box, path), .reading, "copy \(path) of the box \(box.name)")
        return (stat, EngineStream { try await stream.next() })
    }

    public func archiveStat(_ ref: String, path: String) async throws -> Node {
        let box = try find(ref)
        let what = "find \(path) in the box \(box.name)"
        let arguments = try archive("stat", box, path)
        let text = try await RuntimeProgram(configuration.runtime).output(
            arguments, what, kind: EngineError.Kind.init(archiveStatus:))
        return try EngineError.explaining(what) { try JSON.parse(Array(text.utf8)) }
    }

    public func archivePut(
        _ ref: String, path: String, tar: EngineStream<ByteBuffer>, noOverwriteDirNonDir: Bool, copyUIDGID: Bool
    ) async throws {
        let box = try find(ref)
        var flags = noOverwriteDirNonDir ? ["--no-overwrite-dir-non-dir"] : []
        if copyUIDGID { flags.append("--copy-uid-gid") }
        flags += archiveLimit
        let plain = try await Decompression.plain(tar)
        let stream = try RuntimeStream(
            configuration.runtime, try archive("put", box, flags: flags, path), .writing,
            "copy to \(path) of the box \(box.name)")
        do {
            for try await bytes in plain { try await stream.write(bytes) }
        } catch {
            stream.abandon()
            throw error
        }
        for warning in try await stream.finish() {
            logger.warning("\(warning)", metadata: ["box": "\(box.id)"])
        }
    }

    var archiveLimit: [String] {
        ["--max-bytes", String(configuration.archiveSize), "--max-entries", String(configuration.archiveEntries)]
    }

    public func export(_ ref: String) async throws -> EngineStream<ByteBuffer> {
        let box = try find(ref)
        let stream = try RuntimeStream(
            configuration.runtime, try archive("get", box, flags: ["--contents"], "/"), .reading,
            "export the box \(box.name)")
        emit("export", box)
        return EngineStream { try await stream.next() }
    }

    /// What the box has changed in its root: docker's list, as JSON.
    public func changes(_ ref: String) async throws -> EngineStream<ByteBuffer> {
        let box = try find(ref)
        let stream = try RuntimeStream(
            configuration.runtime,
            ["--root", places.stateRoot, "archive", "changes", "--config", try config(box), box.id],
            .reading, "list the changes of the box \(box.name)")
        return EngineStream { try await stream.next() }
    }
}
