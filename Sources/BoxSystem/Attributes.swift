internal import CBoxLinux

/// Extended attributes of files (xattr(7)). Every call is thread-safe.
extension File {
    /// fsetxattr(2).
    public static func setAttribute(_ name: String, _ value: [UInt8], on descriptor: CInt) throws(Errno) {
        try check(box_fsetxattr(descriptor, name, value, value.count))
    }

    /// flistxattr(2): the names that are UTF-8, as far as the caller may see them; none where the file system has no
    /// attributes. ERANGE for a list that grows meanwhile.
    public static func attributeNames(of descriptor: CInt) throws(Errno) -> [String] {
        let size = box_flistxattr(descriptor, nil, 0)
        if size == 0 || size == -Int(Errno.notSupportedOnSocket.rawValue) { return [] }
        var names = [CChar](repeating: 0, count: try check(size))
        let filled = try check(box_flistxattr(descriptor, &names, names.count))
        return names.prefix(filled).split(separator: 0).compactMap {
            String(validating: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// fgetxattr(2), of 64 KiB at most, which no value exceeds; nil where the file has none of the name, or its file
    /// system no attributes at all. ERANGE for one that grows meanwhile.
    public static func attribute(_ name: String, of descriptor: CInt) throws(Errno) -> [UInt8]? {
        let size = box_fgetxattr(descriptor, name, nil, 0)
        if size == -Int(Errno.noData.rawValue) || size == -Int(Errno.notSupportedOnSocket.rawValue) { return nil }
        var value = [UInt8](repeating: 0, count: try check(size))
        let filled = try check(box_fgetxattr(descriptor, name, &value, value.count))
        return Array(value.prefix(filled))
    }
}
