internal import BoxSystem

/// Bytes of the files below a directory.
enum FolderSize {
    private static let deepest = 128

    /// 0 where there is none; what cannot be read is left out.
    static func of(_ path: String) -> Int64 {
        var total: Int64 = 0
        add(path, deepest, &total)
        return total
    }

    private static func add(_ path: String, _ depth: Int, _ total: inout Int64) {
        if depth == 0 { return }
        do throws(Errno) {
            let directory = try File.open(path, FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow)
            for name in try File.list(directory.raw) {
                let status = try File.status(name, at: directory.raw)
                if status.kind == .directory {
                    add("\(path)/\(name)", depth - 1, &total)
                } else if status.kind == .file {
                    total += Int64(clamping: status.size)
                }
            }
        } catch {
            return
        }
    }
}
