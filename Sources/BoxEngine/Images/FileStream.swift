internal import BoxSystem
internal import NIOCore

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
