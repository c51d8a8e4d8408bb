internal import CBoxLinux

/// Who started this program, and with what. Thread-safe as long as nobody changes the environment.
public enum Caller {
    /// geteuid(2).
    public static var userID: UInt32 { box_geteuid() }
    /// getegid(2).
    public static var groupID: UInt32 { box_getegid() }

    /// The words of the command line behind the program's name. EILSEQ where one is not UTF-8: repaired, it would be
    /// another argument than the one that was given.
    public static func arguments() throws(Errno) -> [String] {
        var words: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let word = CommandLine.unsafeArgv[index], let text = String(validatingCString: word) else {
                throw .illegalByteSequence
            }
            words.append(text)
        }
        return words
    }

    /// The first value of a name in environ(7); nil where there is none, or it is not UTF-8.
    public static func variable(_ name: String) -> String? {
        guard var next = box_environ() else { return nil }
        while let entry = next.pointee {
            next += 1
            let rest = name.utf8.withContiguousStorageIfAvailable { wanted in
                var at = 0
                while at < wanted.count, UInt8(bitPattern: entry[at]) == wanted[at] { at += 1 }
                return at == wanted.count && UInt8(bitPattern: entry[at]) == UInt8(ascii: "=") ? at + 1 : nil
            }
            if let rest, let start = rest { return String(validatingCString: entry + start) }
        }
        return nil
    }

    /// environ(7); of a name that stands twice, the first value, as getenv(3) has it. What is not UTF-8 is left out.
    public static var environment: [String: String] {
        var variables: [String: String] = [:]
        guard var next = box_environ() else { return variables }
        while let entry = next.pointee {
            next += 1
            guard let text = String(validatingCString: entry) else { continue }
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
        }
        return variables
    }
}
