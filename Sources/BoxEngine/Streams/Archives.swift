public import BoxDocument
internal import BoxOCI
internal import BoxSystem
public import NIOCore

extension BoxEngine {
    /// The verb's arguments for a box, as it runs or as its folder has it.
    private func archive(_ verb: String, _ box: Box, _ arguments: [String] = []) throws -> [String] {
        if !box.isAlive && !File.exists(places.config(box.id)) {
            // Never started: what its root is made of stands in its configuration.
            let spec = try compile(box)
            try WholeFile.write(JSON.write(spec.document), to: places.config(box.id), synced: false)
        }
        let place = box.isAlive ? [] : ["--config", places.config(box.id)]
        return ["--root", places.stateRoot, "archive", verb] + place + [box.id] + arguments
    }

    /// - Returns: docker's `X-Docker-Container-Path-Stat` as a document (name, size, mode, mtime, linkTarget), and a tar
    public func archiveGet(
        _ ref: String, path: String
    ) async throws -> (stat: Node, tar: EngineStream<ByteBuffer>) {
        let stat = try await archiveStat(ref, path: path)
        let box = try find(ref)
        let stream = try RuntimeStream(
            configuration.runtime, try archive("get", box, [path]), .reading, "copy \(path) of the box \(box.name)")
        return (stat, EngineStream { try await stream.next() })
    }

    public func archiveStat(_ ref: String, path: String) async throws -> Node {
        let box = try find(ref)
        let what = "find \(path) in the box \(box.name)"
        let arguments = try archive("stat", box, [path])
        let text = try await RuntimeProgram(configuration.runtime).output(arguments, what)
        return try EngineError.explaining(what) { try JSON.parse(Array(text.utf8)) }
    }

    public func archivePut(
        _ ref: String, path: String, tar: EngineStream<ByteBuffer>, noOverwriteDirNonDir: Bool, copyUIDGID: Bool
    ) async throws {
        let box = try find(ref)
        var flags = noOverwriteDirNonDir ? ["--no-overwrite-dir-non-dir"] : []
        if copyUIDGID { flags.append("--copy-uid-gid") }
        let plain = try await Decompression.plain(tar)
        let stream = try RuntimeStream(
            configuration.runtime, try archive("put", box, flags + [path]), .writing,
            "copy to \(path) of the box \(box.name)")
        do {
            for try await bytes in plain { try await stream.write(bytes) }
        } catch {
            stream.abandon()
            throw error
        }
        try await stream.finish()
    }

    public func export(_ ref: String) async throws -> EngineStream<ByteBuffer> {
        let box = try find(ref)
        let stream = try RuntimeStream(
            configuration.runtime, try archive("get", box, ["--contents", "/"]), .reading, "export the box \(box.name)")
        emit("export", box)
        return EngineStream { try await stream.next() }
    }

    public func changes(_ ref: String) async throws -> [FileChange] {
        let box = try find(ref)
        let what = "compare the files of the box \(box.name)"
        let text = try await RuntimeProgram(configuration.runtime).output(try archive("diff", box), what)
        return try EngineError.explaining(what) {
            guard case .array(let nodes) = try JSON.parse(Array(text.utf8)).value else { return [] }
            return nodes.compactMap { node in
                guard case .string(let path)? = node["Path"]?.value, case .integer(let number)? = node["Kind"]?.value,
                    let kind = FileChange.Kind(rawValue: Int(number))
                else { return nil }
                return FileChange(path: path, kind: kind)
            }
        }
    }
}
