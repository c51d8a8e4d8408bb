/// A directory for the state of an ordinary user's boxes, where the session has made none (XDG_RUNTIME_DIR).
public enum UserDirectory {
    /// `/tmp/swiftbox-UID`, whether or not it is there.
    public static func path() throws(Errno) -> String {
        let user = try Caller.userID != 0 ? Caller.userID : OwnIDs.users().first { $0.inside == 0 }?.outside ?? 0
        return "/tmp/swiftbox-\(user)"
    }

    /// Makes it, mode 700; EEXIST when it is somebody else's, or no directory.
    public static func make() throws(Errno) {
        let path = try path()
        try tolerating(.fileExists) { () throws(Errno) in try File.makeDirectory(path, mode: 0o700) }
        let status = try File.status(path)
        guard status.kind == .directory, status.uid == Caller.userID, status.mode & 0o077 == 0 else {
            throw .fileExists
        }
    }
}
