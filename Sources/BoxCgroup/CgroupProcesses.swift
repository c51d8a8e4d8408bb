public import BoxOCI
internal import BoxSystem

extension Cgroup {
    /// The processes of a cgroup and of all below it, in ascending order, as this pid namespace numbers them; one that it
    /// does not see is left out. The workload may have made cgroups of its own.
    public static func processes(_ directory: CInt) throws(BoxError) -> [CInt] {
        do throws(Errno) {
            return try collect(directory, depth: 0).filter { $0 != 0 }.sorted()
        } catch {
            throw BoxError(.kernel, "cannot list the processes of a cgroup", errno: error)
        }
    }

    private static func collect(_ directory: CInt, depth: Int) throws(Errno) -> [CInt] {
        if depth > maximumDepth { throw Errno.fileNameTooLong }
        var found: [CInt] = []
        // A threaded cgroup has no list of processes (EOPNOTSUPP): they are listed at the root of its threaded subtree.
        try tolerating(.notSupportedOnSocket) { () throws(Errno) in
            found = CgroupHost.words(try File.text(of: "cgroup.procs", at: directory)).compactMap { CInt($0) }
        }
        for name in try childCgroups(directory) {
            // It may be gone by now.
            try tolerating(.operationNotSupportedByDevice) { () throws(Errno) in
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    let child = try open(name, below: directory)
                    found += try collect(child.raw, depth: depth + 1)
                }
            }
        }
        return found
    }
}
