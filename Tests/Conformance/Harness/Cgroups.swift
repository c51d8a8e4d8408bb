import BoxSystem
import Glibc
import TestBed
import Testing

/// Where the machine's cgroup2 is.
let cgroupTop = "/sys/fs/cgroup"

extension Config {
    /// In this cgroup, with these resources.
    init(_ path: String, _ resources: [String: Any]) throws {
        try self.init("/bin/workload", "sleep-forever")
        set("linux.cgroupsPath", path)
        set("linux.resources", resources)
    }
}

/// The files of a cgroup hold these texts.
func expectFiles(_ group: String, _ files: [String: String], at location: SourceLocation = #_sourceLocation) throws {
    for (name, wanted) in files.sorted(by: { $0.key < $1.key }) {
        let found: String
        do { found = try File.text(of: "\(cgroupTop)/\(group)/\(name)") } catch { found = "\(error)" }
        let words = found.split(whereSeparator: \.isNewline).map(String.init)
        if !words.contains(wanted) {
            Issue.record("\(group)/\(name) is \(words), not \(wanted)", sourceLocation: location)
        }
    }
}
