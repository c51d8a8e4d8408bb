internal import BoxCgroup
public import BoxOCI
internal import BoxSystem

/// What killed runs have left, for who wants to know or to clear it without a run.
public enum Sweeping {
    /// The ids of boxes whose runtime is gone.
    public static func leftovers(root: String) -> [String] {
        Sweep.boxes(in: root).filter { path in
            // One that is half made or half removed is for the next run.
            if !File.exists(path + "/state.json") || File.split(path).name.hasPrefix(".") { return false }
            do throws(Errno) {
                return try StateDirectory.abandoned(path) != nil
            } catch {
                // Another's, or gone meanwhile.
                return false
            }
        }.map { File.split($0).name }
    }

    /// Clears them: cgroups, work directories, state. A line each, also for what could not be cleared.
    public static func sweep(root: String) throws(BoxError) -> [String] {
        let before = leftovers(root: root)
        let problems = Sweep.clear(root: root, host: try CgroupHost.probe())
        let after = Set(leftovers(root: root))
        return before.filter { !after.contains($0) }.map { "cleared \($0)" } + problems
    }
}
