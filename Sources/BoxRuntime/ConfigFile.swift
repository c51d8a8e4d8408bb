public import BoxOCI
internal import BoxSystem

/// Reading a bundle's config.json.
public enum ConfigFile {
    /// `.notFound` when there is none; `.invalidSpec` with line and column when its text is no Spec.
    public static func read(_ path: String) throws(BoxError) -> Spec {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot read \(path)", errno: errno,
                remedy: errno == .noSuchFileOrDirectory ? "name the directory of an OCI bundle" : nil)
        }
        let text = try explaining(failure) { () throws(Errno) in try File.contents(of: path) }
        do throws(BoxError) {
            return try Spec.read(json: text)
        } catch {
            var named = error
            named.message = "\(path): \(error.message)"
            throw named
        }
    }
}
