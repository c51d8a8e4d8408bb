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
            return ProcessStatus(line: try File.contents(of: "/proc/\(pid)/stat"))
        } catch {
            if error == .noSuchFileOrDirectory || error == .noSuchProcess { return nil }
            throw error
        }
    }

    /// The name stands in parentheses and may hold any character; what follows the last of them is plain.
    package init?(line: [UInt8]) {
        guard let name = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(name + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 20)
        guard fields.count > 19, let parent = CInt(Self.text(fields[1])), let start = UInt64(Self.text(fields[19]))
        else { return nil }
        self.parent = parent
        self.start = start
        isZombie = Self.text(fields[0]) == "Z" || Self.text(fields[0]) == "X"
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field, as: UTF8.self) }
}
