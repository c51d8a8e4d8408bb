public import BoxDocument
public import NIOCore

extension BoxEngine {
    static var unavailable: EngineError { EngineError(.unsupported, "not available") }

    public func update(_ ref: String, _ changes: BoxChanges) async throws -> [String] { throw Self.unavailable }
    public func changes(_ ref: String) async throws -> [FileChange] { throw Self.unavailable }
    /// What a start would do, as `swiftbox plan` prints it.
    public func plan(_ ref: String) async throws -> String { throw Self.unavailable }

    /// - Returns: docker's `X-Docker-Container-Path-Stat` as a document (name, size, mode, mtime, linkTarget), and a tar
    public func archiveGet(
        _ ref: String, path: String
    ) async throws -> (stat: Node, tar: EngineStream<ByteBuffer>) { throw Self.unavailable }
    public func archiveStat(_ ref: String, path: String) async throws -> Node { throw Self.unavailable }
    public func archivePut(
        _ ref: String, path: String, tar: EngineStream<ByteBuffer>, noOverwriteDirNonDir: Bool, copyUIDGID: Bool
    ) async throws { throw Self.unavailable }
    public func export(_ ref: String) async throws -> EngineStream<ByteBuffer> { throw Self.unavailable }

    /// - Parameter changes: Dockerfile lines: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `LABEL`, `USER`, `WORKDIR`
    /// - Returns: the image's id, `sha256:…`
    public func importImage(
        _ tar: EngineStream<ByteBuffer>, reference: String?, changes: [String], message: String?
    ) async throws -> String { throw Self.unavailable }
    /// `docker load`: an archive of one image with one layer. Returns its references, or its id where it has none.
    public func loadImage(_ tar: EngineStream<ByteBuffer>) async throws -> [String] { throw Self.unavailable }
    public func listImages(filters: [String: [String]]) async throws -> [ImageView] { throw Self.unavailable }
    public func inspectImage(_ reference: String) async throws -> ImageView { throw Self.unavailable }
    public func tagImage(_ reference: String, as newReference: String) async throws { throw Self.unavailable }
    public func removeImage(_ reference: String, force: Bool) async throws -> [ImageRemoval] { throw Self.unavailable }
    public func pruneImages(filters: [String: [String]]) async throws -> (removed: [ImageRemoval], bytes: Int64) {
        throw Self.unavailable
    }
}
