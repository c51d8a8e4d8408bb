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

/// Names of boxes: they become directories and cgroups.
public enum BoxName {
    /// `[A-Za-z0-9][A-Za-z0-9_.+-]*`, 128 bytes at most.
    public static func check(_ id: String) throws(BoxError) {
        let bytes = Array(id.utf8)
        let sound = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        let first = bytes.first ?? UInt8(ascii: ".")
        if !sound || bytes.count > 128 || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(first) {
            throw BoxError(
                .invalidSpec, "\"\(id)\" cannot be the id of a box", field: "id",
                remedy: "use letters, digits, _ . + - (128 at most), beginning with a letter or digit")
        }
    }
}
