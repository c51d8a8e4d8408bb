internal import BoxOCI
internal import BoxSystem

/// What a program of this host prints. From a process with one thread.
enum ProgramOutput {
    /// Runs it to its end, as found in PATH, with the caller's standard input and errors. Throws unless its status is 0.
    static func of(_ name: String, _ arguments: [String]) throws(BoxError) -> String {
        let path = try find(name)
        // Kept in memory rather than read from a pipe: there is nobody to wait for one another.
        let output = try explaining({ BoxError(.kernel, "cannot make a memory file", errno: $0) }) {
            () throws(Errno) in try File.makeMemoryFile(name)
        }
        let (end, text) = try explaining({ BoxError(.kernel, "cannot run \(path)", errno: $0) }) { () throws(Errno) in
            let end = try run(path, [name] + arguments, output.raw)
            try File.rewind(output.raw)
            return (end, String(decoding: try File.readAll(output.raw), as: UTF8.self))
        }
        if end.status != 0 { throw BoxError(.kernel, "\(name) ended with status \(end.status)") }
        return text
    }

    private static func find(_ name: String) throws(BoxError) -> String {
        let directories = Caller.variable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        for directory in directories.split(separator: ":") where File.exists("\(directory)/\(name)") {
            return "\(directory)/\(name)"
        }
        throw BoxError(.notFound, "the program \(name) is not installed", found: "PATH is \(directories)")
    }

    private static func run(_ path: String, _ words: [String], _ output: CInt) throws(Errno) -> ProcessEnd {
        let arguments = CStringArray(words)
        let environment = CStringArray(Caller.environment.map { "\($0)=\($1)" })
        guard let child = try Processes.clone(into: []) else {
            do throws(Errno) {
                try OwnProcess.install(output, as: 1)
                try Processes.execute(path, arguments: arguments, environment: environment)
            } catch {
                Processes.exit(126)
            }
            Processes.exit(126)
        }
        let pidfd = Descriptor(owning: child.pidfd)
        return try Processes.wait(for: pidfd.raw)
    }
}
