internal import BoxSystem

// Shorter ways to run a box, for tables of arguments and for what takes a shell: pipes, closed streams, own mounts.
extension Bed {
    /// The root file system that the calls below share; made when it is first needed.
    public func rootfs() throws -> String {
        let path = directory + "/rootfs"
        return File.exists(path) ? path : try makeRootfs()
    }

    /// `swiftbox run --rootfs ROOTFS WORDS…`, to its end.
    @discardableResult
    public func box(
        _ words: [String], input: String = "", environment: [String: String] = [:], timeout: Double = 60
    ) throws -> Outcome {
        let line = [try Bed.binary("swiftbox"), "run", "--root", stateRoot, "--rootfs", try rootfs()] + words
        return try Command(line, environment: environment).start(in: self, input: input).wait(timeout: timeout)
    }

    @discardableResult
    public func box(_ words: String..., input: String = "") throws -> Outcome { try box(words, input: input) }

    /// `swiftbox run --rootfs ROOTFS WORDS…`, left running.
    public func startBox(_ words: String..., on terminal: Terminal? = nil) throws -> Running {
        let line = [try Bed.binary("swiftbox"), "run", "--root", stateRoot, "--rootfs", try rootfs()] + words
        return try Command(line).start(in: self, on: terminal)
    }

    /// A shell script of the host, in the bed's directory, within a mount namespace of its own. `$RUN` is
    /// `swiftbox run` with the state root of the bed, `$BOX` the same with the shared root file system.
    @discardableResult
    public func shell(_ script: String, input: String = "", timeout: Double = 60) throws -> Outcome {
        let run = "\(try Bed.binary("swiftbox")) run --root \(stateRoot)"
        let inPrivate = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "cd \(directory)\n\(script)"]
        return try Command(inPrivate, environment: ["RUN": run, "BOX": "\(run) --rootfs \(try rootfs())"])
            .start(in: self, input: input).wait(timeout: timeout)
    }
}

extension Outcome {
    /// The lines of the standard output.
    public var lines: [String] { output.split(separator: "\n").map(String.init) }
}
