/// Directories by path. Every call is thread-safe.
extension File {
    /// mkdirat(2) for each part of an absolute path that is not there yet, mode 711.
    public static func makeDirectories(_ path: String) throws(Errno) {
        var prefix = ""
        for name in path.split(separator: "/") {
            prefix += "/" + name
            if exists(prefix) { continue }
            try tolerating(.fileExists) { () throws(Errno) in try makeDirectory(prefix, mode: 0o711) }
        }
    }

    /// An absolute path as its parent and its last part; text alone, no call.
    public static func split(_ path: String) -> (parent: String, name: String) {
        let bytes = path.utf8
        let separator = UInt8(ascii: "/")
        if let slash = bytes.lastIndex(of: separator), slash != bytes.startIndex, bytes.first == separator,
            bytes.index(after: slash) != bytes.endIndex,
            !zip(bytes, bytes.dropFirst()).contains(where: { $0 == separator && $1 == separator })
        {
            return (String(path[..<slash]), String(path[bytes.index(after: slash)...]))
        }
        let parts = path.split(separator: "/")
        return ("/" + parts.dropLast().joined(separator: "/"), parts.last.map(String.init) ?? "")
    }
}
