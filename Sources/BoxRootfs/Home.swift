internal import BoxSystem

/// The home of a user as the /etc/passwd of a root file system has it.
public enum Home {
    private static let limit = 1 << 20

    /// `/` where the file is not there, cannot be read or says nothing: it is the image's, and no reason not to run.
    public static func directory(of user: UInt32, in root: CInt) -> String {
        do throws(Errno) {
            let file = try RootedPath.open(
                "/etc/passwd", in: root,
                FileFlags.readOnly | FileFlags.nonBlocking | FileFlags.noControllingTerminal)
            if try File.status(at: file.raw).kind != .file { return "/" }
            return find(user, in: try File.readAll(file.raw, limit: limit)) ?? "/"
        } catch {
            return "/"
        }
    }

    /// passwd(5): the sixth field of the first line whose third is the user's.
    static func find(_ user: UInt32, in passwd: [UInt8]) -> String? {
        for line in passwd.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            if fields.count < 6 || String(decoding: fields[2], as: UTF8.self) != String(user) { continue }
            if fields[5].isEmpty || fields[5].contains(0) { return nil }
            return String(decoding: fields[5], as: UTF8.self)
        }
        return nil
    }
}
