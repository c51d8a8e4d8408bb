import BoxSystem
import TestBed

// What several topics ask.
extension Bed {
    /// `workload status` in a box with these flags, as a dictionary.
    func status(_ flags: [String]) throws -> [String: String] {
        let outcome = try box(flags + ["workload", "status"])
        guard outcome.status == 0 else { throw BedError("workload status: \(outcome)") }
        return facts(outcome.output)
    }

    func facts(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { found[String(pair[0])] = String(pair[1]) }
        }
        return found
    }

    /// A file below the bed's directory.
    func text(_ name: String) throws -> String {
        do { return try File.text(of: "\(directory)/\(name)") } catch {
            throw BedError("cannot read \(name): \(error)")
        }
    }

    /// The number that a file holds.
    func number(in path: String) throws -> CInt {
        let text: String
        do { text = try File.text(of: path) } catch { throw BedError("cannot read \(path): \(error)") }
        guard let number = CInt(text.split(separator: "\n").first ?? "") else { throw BedError("\(path): \(text)") }
        return number
    }

    /// Whether a process runs; one that has ended and that nobody has waited for does not.
    func isAlive(_ pid: CInt) throws -> Bool {
        let stat = try command("cat", "/proc/\(pid)/stat").output
        return !stat.isEmpty && !stat.contains(") Z ")
    }

    /// Where a cgroup2 file system is mounted on this machine.
    func cgroupMount() throws -> String {
        for line in try command("cat", "/proc/self/mounts").lines {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        throw BedError("this machine has no cgroup2 mount")
    }
}
