public import BoxCgroup
internal import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
internal import BoxSystem

/// Clearing what a runtime left that was killed itself: its box died with it, the names it made are still there.
public enum Sweep {
    /// Looks at every box below `root` and clears those whose monitor is gone. A box that resists is a warning.
    public static func clear(root: String, host: CgroupHost) -> [String] { clear(boxes(in: root), host: host) }

    /// The same of these paths, which need not be there.
    static func clear(_ paths: [String], host: CgroupHost) -> [String] {
        var warnings: [String] = []
        for path in paths {
            do throws(BoxError) {
                try clearBox(path, host: host)
            } catch {
                warnings.append("cannot clear what the killed box \(path) left: \(error.oneLine)")
            }
        }
        return warnings
    }

    static func boxes(in root: String) -> [String] {
        do throws(Errno) {
            let directory = try File.open(root, FileFlags.readOnly | FileFlags.directory)
            var paths: [String] = []
            for name in try File.list(directory.raw) where !name.hasPrefix(SeccompCache.prefix) {
                // Gone by now, or no directory: no box.
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    if try File.status(name, at: directory.raw).kind == .directory { paths.append(root + "/" + name) }
                }
            }
            return paths
        } catch {
            // None yet, or a root that cannot be read: that is reported by the step that makes this box's own directory there.
            return []
        }
    }

    /// True when there was something to clear.
    @discardableResult
    static func clearBox(_ path: String, host: CgroupHost) throws(BoxError) -> Bool {
        let found = try explaining({ BoxError(.kernel, "cannot look at \(path)", errno: $0) }) { () throws(Errno) in
            try StateDirectory.abandoned(path)
        }
        guard let (directory, state) = found else { return false }
        // Its runtime was killed between the box's creation and the word that it is created, or it has no cgroup that would
        // say who belongs to it.
        if state.isDetached || state.cgroup == nil { try Deletion.end(state) }
        if let path = state.cgroup, let mountPoint = host.mountPoint {
            let made = state.cgroupsMade.isEmpty ? [path] : state.cgroupsMade
            let cgroup = Cgroup(mountPoint: mountPoint, path: path, made: made)
            // A box that was never born is not in its cgroup: whoever is there came by another way.
            if state.status == .creating { try cgroup.remove() } else { try cgroup.destroy() }
        }
        if let upper = state.upper { try UpperDirectory(upper).clearAbandoned() }
        var problems = NetworkPin.release(state.netDevices, in: path)
        var spec: Spec?
        do throws(BoxError) {
            if state.status != .creating { spec = try StateDirectory.readSpec(path) }
        } catch {
            problems.append(error)
        }
        try directory.remove()
        do throws(BoxError) { try IDBlock.clearAbandoned() } catch { problems.append(error) }
        if let spec { problems += Deletion.runHooks(of: spec, state) }
        if let error = problems.first { throw error }
        return true
    }
}
