public import BoxOCI
internal import BoxSystem

/// What ps(1) says of some processes and no others.
public enum ProcessTable {
    /// The lines of `ps OPTIONS` (without options `ps -ef`) that are about `pids`, below its header.
    public static func text(of pids: [CInt], options: [String]) throws(BoxError) -> String {
        let output = try ProgramOutput.of("ps", options.isEmpty ? ["-ef"] : options)
        return try rows(of: pids, in: output)
    }

    /// The header, and the rows whose PID column has one of the numbers.
    static func rows(of pids: [CInt], in output: String) throws(BoxError) -> String {
        let lines = output.split(separator: "\n")
        guard let header = lines.first, let column = header.split(separator: " ").firstIndex(of: "PID") else {
            throw BoxError(
                .invalidSpec, "ps shows no column PID, so its lines are nobody's", found: lines.first.map(String.init),
                remedy: "give it options with pid, such as -o pid,args")
        }
        let wanted = Set(pids.map { String($0) })
        let rows = lines.dropFirst().filter { line in
            let words = line.split(separator: " ")
            return column < words.count && wanted.contains(String(words[column]))
        }
        return ([header] + rows).joined(separator: "\n")
    }
}
