internal import BoxSystem
internal import Glibc

/// The processes below this one.
enum Processes {
    struct Key: Hashable { var pid, started: Int }

    private struct Entry {
        var pid, parent, started: Int
        var name: String
        var isZombie: Bool
    }

    /// Every live one; orphans of ours that have ended are reaped on the way.
    static func descendants() -> [Key: String] {
        let all = Files.below("/proc", depth: 1).compactMap { Int($0.dropFirst(6)) }.compactMap(entry)
        let own = Int(getpid())
        var family: Set = [own]
        var grown = true
        while grown {
            let children = all.filter { family.contains($0.parent) && !family.contains($0.pid) }.map(\.pid)
            family.formUnion(children)
            grown = !children.isEmpty
        }
        var live: [Key: String] = [:]
        for process in all where family.contains(process.pid) && process.pid != own {
            if process.isZombie {
                if process.parent == own { waitpid(pid_t(process.pid), nil, WNOHANG) }
                continue
            }
            live[Key(pid: process.pid, started: process.started)] = process.name
        }
        return live
    }

    /// proc(5), /proc/PID/stat: the name stands in parentheses and may hold anything.
    private static func entry(_ pid: Int) -> Entry? {
        let stat: String
        do { stat = try File.text(of: "/proc/\(pid)/stat") } catch { return nil }
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let parent = Int(fields[1]), let started = Int(fields[19]) else { return nil }
        return Entry(
            pid: pid, parent: parent, started: started, name: String(stat[open...close]), isZombie: fields[0] == "Z")
    }
}

/// The mounts of this process's namespace.
enum Mounts {
    struct Mount { var line, point, type: String }

    static func table() -> [Mount] {
        let text: String
        do { text = try File.text(of: "/proc/self/mountinfo") } catch { return [] }
        return text.split(separator: "\n").compactMap { raw in
            let halves = raw.split(separator: " - ", maxSplits: 1)
            let fields = raw.split(separator: " ")
            guard halves.count == 2, fields.count > 4, let type = halves[1].split(separator: " ").first else {
                return nil
            }
            // Id, root and place; options may change without a mount being new.
            return Mount(
                line: "\(fields[0]) \(type) \(fields[3]) at \(fields[4])", point: String(fields[4]), type: String(type))
        }
    }

    static func point(of line: String) -> String { String(line.split(separator: " ").last ?? "") }
}

/// Paths on the machine.
enum Files {
    /// Directories that swiftbox makes once and keeps, empty between the boxes.
    private static let standing: Set = [
        "/run/swiftbox", "/run/swiftbox/ids", "/run/swiftbox/runtime",
        // What criu knows of the kernel.
        "/run/criu.kdat",
    ]

    /// The places where a box may put a file outside of its own directories.
    static func watched() -> [String] {
        let own = Bed.variable("TMPDIR").map { below($0, depth: 1) } ?? []
        let shared = below("/tmp", depth: 1).filter {
            // Other runs of run.sh have their directories there, too.
            $0.lowercased().contains("swiftbox") && !$0.hasPrefix("/tmp/swiftbox-tests.")
        }
        return own + shared + below("/dev/shm", depth: 2)
            + below("/run", depth: 4).filter { !standing.contains($0) && !isFilter($0) }
            + below("/var/lib/swiftbox", depth: 4)
            + below("/", depth: 1) + below("/etc", depth: 1)
    }

    /// A compiled filter stays, as it is meant to; one half written, with a pid at its end, does not.
    private static func isFilter(_ path: String) -> Bool {
        let parts = path.split(separator: "/").last?.split(separator: "-") ?? []
        return parts.first == ".seccomp" && parts.count == 2
    }

    /// All paths below a directory, `depth` levels deep, links not followed; only directories when asked.
    static func below(_ directory: String, depth: Int, folders: Bool = false) -> [String] {
        if depth == 0 { return [] }
        var paths: [String] = []
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let isFolder = entry.pointee.d_type == DT_DIR
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." || (folders && !isFolder) { continue }
            let path = directory == "/" ? "/\(name)" : "\(directory)/\(name)"
            paths.append(path)
            if isFolder { paths += below(path, depth: depth - 1, folders: folders) }
        }
        return paths
    }
}
