public import BoxOCI
internal import BoxSystem

/// In a cgroup that was delegated to a user, the runtime itself is in the way: a cgroup with processes passes no
/// controllers on (cgroups(7), no internal processes). So the runtime steps aside into a leaf for the box's life.
public struct RuntimeLeaf: Sendable {
    private let base: String
    private let leaf: String
    private let enabled: [String]

    /// Moves the calling process. `enabled` are the controllers that the delegated cgroup passes on already.
    public static func enter(_ host: CgroupHost, id: String) throws(BoxError) -> RuntimeLeaf {
        let base = (host.mountPoint ?? "") + host.base
        let leaf = RuntimeLeaf(base: base, leaf: base + "/swiftbox-\(id).runtime", enabled: host.enabled)
        try explaining({ BoxError(.kernel, "cannot step aside into the cgroup \(leaf.leaf)", errno: $0) }) {
            () throws(Errno) in
            try File.makeDirectory(leaf.leaf, mode: 0o755)
            try File.writeValue("0", to: leaf.leaf + "/cgroup.procs")
        }
        return leaf
    }

    /// Back to where it was, the controllers as they were; the box's cgroup is gone by now.
    public func leave() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot leave the cgroup \(leaf)", errno: $0) }) { () throws(Errno) in
            let passed = CgroupHost.words(try File.text(of: base + "/cgroup.subtree_control"))
            let ours = passed.filter { !enabled.contains($0) }
            if !ours.isEmpty {
                try File.writeValue(ours.map { "-\($0)" }.joined(separator: " "), to: base + "/cgroup.subtree_control")
            }
            try File.writeValue("0", to: base + "/cgroup.procs")
            try File.remove(leaf, directory: true)
        }
    }
}
