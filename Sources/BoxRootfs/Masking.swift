public import BoxOCI
internal import BoxSystem

/// Paths of the box that are covered (`linux.maskedPaths`) or write-protected (`linux.readonlyPaths`).
/// A path that is not there needs neither. It is looked up first: a failing mount costs as much as a good one.
public enum Masking {
    /// Covers files with the box's /dev/null and directories with an empty read-only tmpfs.
    /// `null` is a descriptor of the box's /dev/null; that it is the device 1:3 is checked here (CVE-2025-31133).
    public static func mask(_ paths: [String], null: CInt, in root: CInt) throws(BoxError) {
        // One file system for all: nobody can write to it, and making another one costs ten times as much as a copy.
        var empty: CInt?
        defer { if let empty { _ = Descriptor(owning: empty) } }
        for path in paths { try mask(path, null: null, &empty, in: root) }
    }

    private static func mask(_ path: String, null: CInt, _ empty: inout CInt?, in root: CInt) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot mask \(path)", errno: $0) }) { () throws(Errno) in
            guard let target = try openIfPresent(path, in: root) else { return }
            if try File.status(at: target.raw).kind == .directory {
                if let empty {
                    let tree = try Mounts.cloneTree("", at: empty, recursive: false)
                    return try Mounts.attach(tree.raw, onto: target.raw)
                }
                let context = try FileSystemContext(type: "tmpfs")
                try context.set("size", "4096")
                try context.set("mode", "0555")
                let tree = try context.mount([.readOnly, .noSuid, .noDev, .noExec])
                try Mounts.attach(tree.raw, onto: target.raw)
                empty = tree.release()
            } else {
                let source = try File.status(at: null)
                if !DeviceNodes.matches(source, DeviceNodes.defaults[0]) { throw Errno.operationNotSupportedByDevice }
                let tree = try Mounts.cloneTree("", at: null, recursive: false)
                try Mounts.attach(tree.raw, onto: target.raw)
            }
        }
    }

    /// Puts a read-only copy of the mount over the path.
    public static func protect(_ path: String, in root: CInt) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot make \(path) read-only", errno: $0) }) { () throws(Errno) in
            guard let target = try openIfPresent(path, in: root) else { return }
            let tree = try Mounts.cloneTree("", at: target.raw, recursive: true)
            try Mounts.change(tree.raw, set: .readOnly, recursive: true)
            try Mounts.attach(tree.raw, onto: target.raw)
        }
    }

    private static func openIfPresent(_ path: String, in root: CInt) throws(Errno) -> Descriptor? {
        do {
            return try RootedPath.open(path, in: root)
        } catch {
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw error
        }
    }
}
