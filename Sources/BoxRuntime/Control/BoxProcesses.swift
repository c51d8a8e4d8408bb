internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// Which processes belong to a box. Thread-safe.
public enum BoxProcesses {
    /// Ascending, as the caller's pid namespace numbers them: those of the whole cgroup, or of the pid namespace where the
    /// box has no cgroup. Empty when all have ended. `.unsupported` when it has neither to itself.
    public static func all(of state: RuntimeState) throws(BoxError) -> [CInt] {
        guard let path = state.cgroup else { return try inNamespace(of: state) }
        guard let mountPoint = try CgroupHost.probe().mountPoint else {
            throw BoxError(.unsupported, "no cgroup v2 hierarchy is mounted, so the processes of a box are not known")
        }
        let directory: Descriptor
        do throws(Errno) {
            directory = try Cgroup(mountPoint: mountPoint, path: path, made: []).openDirectory()
        } catch {
            if error == .noSuchFileOrDirectory { return [] }
            throw BoxError(.kernel, "cannot open the cgroup \(path)", errno: error)
        }
        return try Cgroup.processes(directory.raw)
    }

    /// Those in the init process's pid namespace, and their descendants in namespaces below it.
    private static func inNamespace(of state: RuntimeState) throws(BoxError) -> [CInt] {
        if state.pid <= 0 { return [] }
        let (own, all) = try explaining({ BoxError(.kernel, "cannot list the processes of this host", errno: $0) }) {
            () throws(Errno) in (try namespace(of: "self"), try processes())
        }
        guard let namespace = all[state.pid]?.namespace, namespace != own else {
            throw BoxError(
                .unsupported, "the processes of the container \(state.id) are not known",
                found: "it has no cgroup, and no pid namespace of its own")
        }
        func belongs(_ pid: CInt) -> Bool {
            var next = pid
            // Above process 1 there is nobody; a process that ended meanwhile breaks the chain.
            while let process = all[next] {
                if process.namespace == namespace { return true }
                next = process.parent
            }
            return false
        }
        return all.keys.filter(belongs).sorted()
    }

    private static func processes() throws(Errno) -> [CInt: (parent: CInt, namespace: String)] {
        var all: [CInt: (parent: CInt, namespace: String)] = [:]
        let directory = try File.open("/proc", FileFlags.readOnly | FileFlags.directory)
        for pid in try File.list(directory.raw).compactMap({ CInt($0) }) {
            // It may have ended by now.
            try tolerating(.noSuchProcess) { () throws(Errno) in
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    guard let status = try ProcessStatus.of(pid: pid), !status.isZombie else { return }
                    all[pid] = (status.parent, try namespace(of: "\(pid)"))
                }
            }
        }
        return all
    }

    private static func namespace(of pid: String) throws(Errno) -> String { try File.readLink("/proc/\(pid)/ns/pid") }
}
