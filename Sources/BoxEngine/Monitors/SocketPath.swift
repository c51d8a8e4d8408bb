internal import BoxSystem

/// A socket's path that an address can hold (107 bytes), whatever the directory's own length.
final class SocketPath: Sendable {
    let path: String
    private let directory: CInt

    private init(_ path: String, _ directory: CInt) {
        self.path = path
        self.directory = directory
    }

    deinit { if directory >= 0 { _ = Descriptor(owning: directory) } }

    static func short(_ path: String) throws(EngineError) -> SocketPath {
        if path.utf8.count <= 107 { return SocketPath(path, -1) }
        let (parent, name) = File.split(path)
        do throws(Errno) {
            let directory = try File.open(parent, FileFlags.path | FileFlags.directory).release()
            return SocketPath("/proc/self/fd/\(directory)/\(name)", directory)
        } catch {
            throw EngineError(
                error == .noSuchFileOrDirectory ? .notFound : .internal, "cannot open \(parent): \(error)")
        }
    }
}
