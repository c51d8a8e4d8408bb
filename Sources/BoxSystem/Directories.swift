/// Directories by path. Every call is thread-safe.
extension File {
    /// mkdirat(2) for each part of an absolute path that is not there yet, mode 711.
    public static func makeDirectories(_ path: String) throws(Errno) {
        if exists(path) { return }
        var prefix = ""
        for name in path.split(separator: "/") {
            prefix += "/" + name
            if exists(prefix) { continue }
            try tolerating(.fileExists) { () throws(Errno) in try makeDirectory(prefix, mode: 0o711) }
        }
    }

    /// An absolute path as its parent and its last part; text alone, no call.
    public static func split(_ path: String) -> (parent: String, name: String) {
        if isPlain(path), let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex {
            return (String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
        }
        let parts = path.split(separator: "/")
        return ("/" + parts.dropLast().joined(separator: "/"), parts.last.map(String.init) ?? "")
    }

    /// Whether an absolute path has no empty part, no `.` and no `..`, so that it is as short as it can be; text alone.
    public static func isPlain(_ path: String) -> Bool {
        var path = path
        let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
        return path.withUTF8 { bytes in
            func ends(_ at: Int) -> Bool { at == bytes.count || bytes[at] == slash }
            if bytes.first != slash { return false }
            if bytes.count == 1 { return true }
            for at in bytes.indices where bytes[at] == slash {
                if ends(at + 1) || bytes[at + 1] == dot && (ends(at + 2) || bytes[at + 2] == dot && ends(at + 3)) {
                    return false
                }
            }
            return true
        }
    }
}
