public import BoxOCI
internal import BoxSystem

/// Reading a bundle's config.json.
public enum ConfigFile {
    /// `.notFound` when there is none; `.invalidSpec` with line and column when its text is no Spec.
    public static func read(_ path: String) throws(BoxError) -> Spec {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot read \(path)", errno: errno,
                found: errno == .invalidArgument ? "it is no regular file" : nil,
                remedy: errno == .noSuchFileOrDirectory ? "name the directory of an OCI bundle" : nil)
        }
        let text = try explaining(failure) { () throws(Errno) in
            // A FIFO must not keep us waiting, nor a device feed us for ever.
            let file = try File.open(path, FileFlags.readOnly | FileFlags.nonBlocking | FileFlags.noControllingTerminal)
            if try File.status(at: file.raw).kind != .file { throw .invalidArgument }
            return try File.readAll(file.raw, limit: 16 << 20)
        }
        do throws(BoxError) {
            return try Spec.read(json: text)
        } catch {
            var named = error
            named.message = "\(path): \(error.message)"
            throw named
        }
    }
}
