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
        guard let worst else {
            throw BoxError(
                .notFound, "the command \(name) was not found in the box", field: "process.args[0]",
                remedy: name.contains("/") ? nil : "give its path, or set PATH in the box with -e PATH=…")
        }
        var problem = BoxError(
            .denied, "the command \(name) cannot be executed", field: "process.args[0]", errno: worst)
        if worst == .noSuchFileOrDirectory {
            problem.found = "the file is there, the interpreter or dynamic loader that it names is not"
        } else if worst == .execFormatError {
            problem.found = "it is neither a program for this machine nor a script with a #! line"
        }
        throw problem
    }
}
