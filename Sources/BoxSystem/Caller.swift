internal import CBoxLinux

/// Who started this program, and with what. Thread-safe as long as nobody changes the environment.
public enum Caller {
    /// geteuid(2).
    public static var userID: UInt32 { box_geteuid() }

    /// environ(7); of a name that stands twice, the first value, as getenv(3) has it.
    public static var environment: [String: String] {
        var variables: [String: String] = [:]
        guard var next = box_environ() else { return variables }
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }
}
