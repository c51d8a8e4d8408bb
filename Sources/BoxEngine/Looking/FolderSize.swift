internal import BoxSystem

/// Bytes of the files below a directory.
enum FolderSize {
    private static let deepest = 128
    /// Files can be said to be larger than all disks; a thousand such sums can still be added up.
    private static let most: Int64 = 1 << 53

    /// 0 where there is none; what cannot be read is left out. A box may change what it holds meanwhile: no link is
    /// followed, and no name is looked up but in the directory that was opened.
    static func of(_ path: String) -> Int64 {
        var total: Int64 = 0
        add(path, FileFlags.currentDirectory, deepest, &total)
        return total
    }

    private static func add(_ name: String, _ parent: CInt, _ depth: Int, _ total: inout Int64) {
        if depth == 0 { return }
        do throws(Errno) {
            let flags = FileFlags.readOnly | FileFlags.directory | FileFlags.noFollow
            let directory = try File.open(name, flags, at: parent)
            for name in try File.list(directory.raw) {
                let status: FileStatus
                do throws(Errno) { status = try File.status(name, at: directory.raw) } catch { continue }
                if status.kind == .directory {
                    add(name, directory.raw, depth - 1, &total)
                } else if status.kind == .file {
                    total = min(most, total + min(most, Int64(clamping: status.size)))
                }
            }
        } catch {
            return
        }
    }
}
