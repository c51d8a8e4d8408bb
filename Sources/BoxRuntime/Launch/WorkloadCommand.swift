internal import BoxOCI
internal import BoxSystem

/// Finding the workload's program inside the box, as execvp(3) does, with the box's PATH.
struct WorkloadCommand {
    let name: String
    let candidates: [String]

    init(_ workload: Workload) {
        name = workload.arguments.first ?? ""
        if name.contains("/") {
            candidates = [name]
        } else {
            let path = workload.environment.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) }
            let directories = (path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").split(
                separator: ":", omittingEmptySubsequences: false)
            let name = name
            candidates = directories.map { ($0.isEmpty ? "." : String($0)) + "/" + name }
        }
    }

    /// execve(2); returns only to throw: `.notFound` when there is no such program, `.denied` when there is one that
    /// cannot be run. The exit statuses 127 and 126 follow from these.
    func execute(arguments: CStringArray, environment: CStringArray) throws(BoxError) {
        var worst: Errno?
        for candidate in candidates where !name.isEmpty {
            do throws(Errno) {
                try Processes.execute(candidate, arguments: arguments, environment: environment)
            } catch {
                let absent: Set<Errno> = [.noSuchFileOrDirectory, .notDirectory]
                if absent.contains(error) && !File.exists(candidate) { continue }
                worst = worst ?? error
            }
        }
        guard let worst else { throw missing }
        throw refused(worst)
    }

    /// Throws as `execute` would where it is plain to see, before there is a process of the user's: whether there is such a
    /// file, and anybody may execute it. Links lead where they lead in the box, whose root is this process's.
    func check() throws(BoxError) {
        var isThere = false
        for candidate in candidates where !name.isEmpty {
            do throws(Errno) {
                let status = try File.status(candidate, follow: true)
                if status.kind == .file && status.mode & 0o111 != 0 { return }
                isThere = true
            } catch {
                continue
            }
        }
        throw isThere ? refused(.permissionDenied) : missing
    }

    // Engines know what happened by these words, in lower case: docker makes 127 and 126 of them.
    private var missing: BoxError {
        BoxError(
            .notFound, "the command \(name) was not found in the box: no such file or directory",
            field: "process.args[0]",
            remedy: name.contains("/") ? nil : "give its path, or set PATH in the box with -e PATH=…")
    }

    private func refused(_ errno: Errno) -> BoxError {
        let text = errno == .permissionDenied ? "permission denied" : "\(errno)"
        var problem = BoxError(.denied, "the command \(name) cannot be executed: \(text)", field: "process.args[0]")
        if errno == .noSuchFileOrDirectory {
            problem.found = "the file is there, the interpreter or dynamic loader that it names is not"
        } else if errno == .execFormatError {
            problem.found = "it is neither a program for this machine nor a script with a #! line"
        }
        return problem
    }
}
