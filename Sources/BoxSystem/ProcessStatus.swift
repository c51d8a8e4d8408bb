/// One process as /proc/PID/stat tells of it (proc_pid_stat(5)).
public struct ProcessStatus: Equatable, Sendable {
    /// The parent's pid; 0 where this pid namespace does not see it.
    public var parent: CInt
    /// When it began, in clock ticks since boot. With the pid it names a process for good.
    public var start: UInt64
    /// It has ended, and its parent has not asked yet.
    public var isZombie: Bool

    /// nil when there is no such process.
    public static func of(pid: CInt) throws(Errno) -> ProcessStatus? {
        do throws(Errno) {
            return ProcessStatus(line: try File.text(of: "/proc/\(pid)/stat"))
        } catch {
            if error == .noSuchFileOrDirectory || error == .noSuchProcess { return nil }
            throw error
        }
    }

    /// The name stands in parentheses and may hold any character; what follows the last of them is plain.
    package init?(line: String) {
        guard let name = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: name)...].split(separator: " ")
        guard fields.count > 19, let parent = CInt(fields[1]), let start = UInt64(fields[19]) else { return nil }
        self.parent = parent
        self.start = start
        isZombie = fields[0] == "Z" || fields[0] == "X"
    }
}
