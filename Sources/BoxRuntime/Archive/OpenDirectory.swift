internal import BoxSystem

/// A directory that is open as long as somebody has this. Not for two threads.
final class OpenDirectory {
    let raw: CInt

    /// `name` is of one part, or a path of ours: a link in its last part is not followed.
    init(_ name: String, at directory: CInt) throws(Errno) {
        raw = try File.open(name, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow, at: directory)
            .release()
    }

    /// Links are followed in this process's root, but for those of /proc that lead to anything (openat2(2)).
    init(following name: String, at directory: CInt) throws(Errno) {
        raw = try File.open(
            name, FileFlags.readOnly | FileFlags.directory, below: directory, .noMagicLinks
        ).release()
    }

    /// From a root that is not this process's own; no link is followed.
    init(path: String, below root: CInt) throws(Errno) {
        raw = try File.open(
            path, FileFlags.readOnly | FileFlags.directory, below: root, [.inRoot, .noSymlinks]
        ).release()
    }

    deinit { _ = Descriptor(owning: raw) }
}
