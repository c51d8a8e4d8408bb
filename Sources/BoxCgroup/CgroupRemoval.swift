public import BoxOCI
internal import BoxSystem

/// The end of a cgroup. Every call is thread-safe.
extension Cgroup {
    /// Kills what runs in the cgroup and removes it with everything below, then those above it that `create` made
    /// and nobody else uses. Takes a second at most. Gone already is no error; a cgroup that `create` did not make
    /// is left alone, processes and all.
    public func destroy() throws(BoxError) {
        if made.last == path {
            let isGone = try explaining({ Self.removalFailure(path, $0) }) { () throws(Errno) in try removeOrKill() }
            if isGone { return try Self.removeMade(made.dropLast(), mountPoint: mountPoint) }
        }
        try remove()
    }

    /// False where somebody was left to be killed. The usual case costs one call: nobody is.
    private func removeOrKill() throws(Errno) -> Bool {
        if try Self.removeOne(mountPoint + path, at: FileFlags.currentDirectory) { return true }
        try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
            let directory = try openDirectory()
            try File.writeValue("1", to: "cgroup.kill", at: directory.raw)
            try directory.close()
        }
        return false
    }

    /// Like `destroy`, for a cgroup whose processes have ended: those still exiting get a second.
    public func remove() throws(BoxError) {
        guard made.last == path else { return try Self.removeMade(made, mountPoint: mountPoint) }
        do throws(Errno) {
            let root = try Self.open(mountPoint)
            try Self.removeTree(
                String(path.drop { $0 == "/" }), at: root.raw, depth: 0, deadline: try Self.now() + 1000)
            try root.close()
        } catch {
            if error != .noSuchFileOrDirectory { throw Self.removalFailure(path, error) }
        }
        try Self.removeMade(made.dropLast(), mountPoint: mountPoint)
    }

    /// SIGKILL to every process in a cgroup and below, at once (cgroup.kill, Linux 5.14).
    public static func kill(_ directory: CInt) throws(BoxError) {
        do throws(Errno) {
            try File.writeValue("1", to: "cgroup.kill", at: directory)
        } catch {
            let found: String? = error == .noSuchFileOrDirectory ? "no file cgroup.kill: it needs Linux 5.14" : nil
            throw BoxError(.kernel, "cannot kill the processes of a cgroup", errno: error, found: found)
        }
    }

    /// Innermost first; one that others use by now stays.
    static func removeMade(_ made: [String], mountPoint: String) throws(BoxError) {
        for path in made.reversed() {
            do throws(Errno) {
                _ = try removeOne(mountPoint + path, at: FileFlags.currentDirectory)
            } catch {
                throw removalFailure(path, error)
            }
        }
    }

    private static func removalFailure(_ path: String, _ error: Errno) -> BoxError {
        let found: String? =
            switch error {
            case .resourceBusy: "processes are left in it or below"
            case .fileNameTooLong: "cgroups are nested deeper than \(maximumDepth) below it"
            default: nil
            }
        return BoxError(.kernel, "cannot remove cgroup \(path)", errno: error, found: found)
    }

    /// How deep the workload may have nested cgroups: each level holds a descriptor here.
    static let maximumDepth = 128

    private static func removeTree(_ name: String, at parent: CInt, depth: Int, deadline: Int) throws(Errno) {
        if depth > maximumDepth { throw Errno.fileNameTooLong }
        // The usual case costs one call: nothing below, nobody left.
        if try removeOne(name, at: parent) { return }
        let directory: Descriptor
        do throws(Errno) {
            directory = try open(name, below: parent)
        } catch {
            if error == .noSuchFileOrDirectory { return }
            throw error
        }
        for child in try childCgroups(directory.raw) {
            try removeTree(child, at: directory.raw, depth: depth + 1, deadline: deadline)
        }
        try directory.close()
        var delay: CInt = 1
        while try !removeOne(name, at: parent) {
            if try now() >= deadline { throw Errno.resourceBusy }
            var nothing: [Poll.Entry] = []
            try Poll.wait(&nothing, milliseconds: delay)
            delay = min(delay * 2, 50)
        }
    }

    /// False when it is busy: a child, or a process that is still exiting.
    private static func removeOne(_ name: String, at parent: CInt) throws(Errno) -> Bool {
        try tolerating(.resourceBusy) { () throws(Errno) in
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                try File.remove(name, directory: true, at: parent)
            }
        }
    }

    /// The directories in a cgroup's directory; all else there is files of the kernel.
    static func childCgroups(_ directory: CInt) throws(Errno) -> [String] {
        var children: [String] = []
        for name in try File.list(directory) {
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                if try File.status(name, at: directory).kind == .directory { children.append(name) }
            }
        }
        return children
    }

    /// CLOCK_MONOTONIC in milliseconds.
    private static func now() throws(Errno) -> Int { Int(try Kernel.monotonicNanoseconds() / 1_000_000) }
}
