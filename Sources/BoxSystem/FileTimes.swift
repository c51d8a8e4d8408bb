internal import CBoxLinux

/// Times and further names of files. Every call is thread-safe; links are not followed.
extension File {
    /// fstatat(2): the last modification in seconds since the epoch; 0 for one before it.
    public static func modified(_ path: String, at directory: CInt = FileFlags.currentDirectory) throws(Errno) -> Int64
    {
        Int64(try check(box_modified(directory, path)))
    }

    /// utimensat(2), access and modification.
    public static func setModified(_ path: String, _ seconds: Int64, at directory: CInt) throws(Errno) {
        try check(box_set_modified(directory, path, seconds))
    }

    /// linkat(2); a link at `existing` is not followed.
    public static func makeHardLink(
        _ path: String, at directory: CInt, to existing: String, at place: CInt
    ) throws(Errno) {
        try check(box_linkat(place, existing, directory, path))
    }
}
