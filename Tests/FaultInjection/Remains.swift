internal import BoxOCI
internal import BoxSystem

/// What a box could leave on the machine, as one line each: files, cgroups, mounts, id blocks, processes.
enum Remains {
    static func now(in directory: String) throws(BoxError) -> Set<String> {
        try explaining({ BoxError(.internal, "cannot look for remains", errno: $0) }) { () throws(Errno) in
            var found: Set<String> = []
            for place in [directory, directory + "/state", directory + "/upper", "/run/swiftbox/ids"] {
                if !File.exists(place) { continue }
                let opened = try File.open(place, FileFlags.readOnly | FileFlags.directory)
                // Compiled filters stay, as they are meant to; one half written, with a pid at its end, does not.
                for name in try File.list(opened.raw)
                where !name.hasPrefix(".seccomp-") || name.dropFirst(9).contains("-") {
                    found.insert("file \(name)")
                }
            }
            for line in try File.text(of: "/proc/self/mountinfo").split(separator: "\n") {
                let fields = line.split(separator: " ")
                found.insert("mount \(fields[4]) \(fields[0])")
                if line.contains(" - cgroup2 ") { try addCgroups(String(fields[4]), &found) }
            }
            let processes = try File.open("/proc", FileFlags.readOnly | FileFlags.directory)
            for name in try File.list(processes.raw) {
                if let pid = Int(name) { found.insert("process \(pid)") }
            }
            return found
        }
    }

    private static func addCgroups(_ mount: String, _ found: inout Set<String>) throws(Errno) {
        let root = try File.open(mount, FileFlags.readOnly | FileFlags.directory)
        for name in try File.list(root.raw) where name.hasPrefix("swiftbox-faulty") { found.insert("cgroup \(name)") }
    }
}
