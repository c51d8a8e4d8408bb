/// The mounts of a mount namespace as proc_pid_mountinfo(5) lists them. Thread-safe.
public enum MountTable {
    /// One line of it.
    public struct Entry: Equatable, Sendable {
        /// The kernel's number for this mount, as in /proc/PID/fdinfo.
        public var number: UInt64
        public var point: String

        public init(number: UInt64, point: String) {
            self.number = number
            self.point = point
        }
    }

    /// Of a process's namespace, in the order in which they were made.
    public static func of(pid: CInt) throws(Errno) -> [Entry] {
        entries(in: try File.contents(of: "/proc/\(pid)/mountinfo"))
    }

    /// Lines that are none are left out.
    package static func entries(in text: [UInt8]) -> [Entry] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // Number, parent, device, root, mount point; more follow.
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 5, let number = UInt64(String(decoding: fields[0], as: UTF8.self)) else { return nil }
            return Entry(number: number, point: unescape(fields[4]))
        }
    }

    /// Space, tab, newline and backslash stand as three octal digits after a backslash.
    public static func unescape(_ field: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var at = field.startIndex
        while at < field.endIndex {
            let digits = field[at...].dropFirst().prefix(3)
            if field[at] == UInt8(ascii: "\\"), digits.count == 3,
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(byte)
                at += 4
            } else {
                bytes.append(field[at])
                at += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
