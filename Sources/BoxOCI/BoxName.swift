/// Names of boxes, their ids: they become directories, cgroups and file names. Safe on any thread.
public enum BoxName {
    /// Throws `.invalidSpec` unless it is `[A-Za-z0-9][A-Za-z0-9_.+-]*`, at most 128 bytes.
    /// `field` is what the name came by.
    public static func check(_ name: String, field: String) throws(BoxError) {
        let isSound = name.utf8.allSatisfy { isAlphanumeric($0) || "_.+-".utf8.contains($0) }
        guard let first = name.utf8.first, isAlphanumeric(first), isSound, name.utf8.count <= 128 else {
            throw BoxError(
                .invalidSpec, "\"\(name)\" cannot be the name of a box", field: field,
                remedy: "use letters, digits, _ . + - (128 at most), beginning with a letter or digit")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
