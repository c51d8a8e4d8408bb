import BoxSystem
import TestBed

/// What the tests of escapes and isolation share.
extension Bed {
    /// A shell script of the host's, with `$1`, `$2`… It may leave descriptors open to what it starts.
    @discardableResult
    func hostShell(_ script: String, _ arguments: String...) throws -> Outcome {
        try Command(["sh", "-c", script, "sh"] + arguments).start(in: self).wait()
    }

    /// `swiftbox run` with a root of its own and without a user namespace: root in the box is the host's root.
    func runAsHostRoot(_ arguments: [String]) throws -> Outcome {
        try Command([try Bed.binary("swiftbox"), "run", "--root", stateRoot, "--userns", "host"] + arguments)
            .start(in: self).wait()
    }

    /// A directory that no box was given, with a file `canary` in it that says `secret`.
    func makeOutside(_ name: String = "outside") throws -> String {
        let path = "\(directory)/\(name)"
        try File.makeDirectory(path, mode: 0o755)
        try write("secret\n", to: path + "/canary")
        return path
    }

    /// What `--pidfile` says, as soon as it says it.
    func pid(in path: String) throws -> String {
        let written = try poll(10) { try File.exists(path) && File.status(path).size > 0 }
        if !written { throw BedError("no pid in \(path)") }
        return try File.text(of: path)
    }

    func names(in path: String) throws -> [String] {
        let open = try File.open(path, FileFlags.readOnly | FileFlags.directory)
        return try File.list(open.raw).sorted()
    }

    func link(_ path: String, to target: String) throws {
        try File.makeLink(path, to: target, at: FileFlags.currentDirectory)
    }
}

/// `key=value` lines as `workload status` prints them.
func fields(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(separator: "\n") {
        let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
    }
    return result
}
