internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// What can be seen to be wrong with the root file system before anything is made.
enum Preflight {
    static func check(_ spec: Spec, plan: LaunchPlan) throws(BoxError) {
        let field = spec.box.rootfs == nil ? "root.path" : "swiftbox.rootfs.layers[0]"
        for step in plan.prepare {
            switch step.action {
            case .cloneRoot(let source): try checkLayer(source.path, field)
            case .mountOverlay(let overlay):
                for (index, path) in overlay.lowers.enumerated() where path != "/" {
                    try checkLayer(path, "swiftbox.rootfs.layers[\(index)]")
                }
                if case .directory(let path) = overlay.upper { try checkLayer(path, "swiftbox.rootfs.upper") }
            default: continue
            }
        }
    }

    private static func checkDirectory(_ path: String, _ field: String) throws(BoxError) {
        let status = try explaining(missing(path, field)) { () throws(Errno) in
            try File.status(path, follow: true)
        }
        if status.kind != .directory {
            throw BoxError(.invalidSpec, "\(path) is not a directory", field: field)
        }
    }

    /// Over a link, the kernel's own file systems would be mounted somewhere else (CVE-2019-19921, CVE-2026-41579).
    private static func checkLayer(_ path: String, _ field: String) throws(BoxError) {
        try checkDirectory(path, field)
        for name in ["dev", "proc", "sys"] {
            let inside = path + "/" + name
            if !File.exists(inside) { continue }
            let status = try explaining(missing(inside, field)) { () throws(Errno) in try File.status(inside) }
            // A character device is overlayfs's whiteout: this layer has no such name.
            if status.kind != .directory && status.kind != .character {
                throw BoxError(
                    .denied, "/\(name) of the root file system \(path) is not a directory", field: field,
                    found: status.kind == .link ? "it is a symbolic link" : "it is a file",
                    remedy: "replace it by an empty directory")
            }
        }
    }

    private static func missing(_ path: String, _ field: String) -> (Errno) -> BoxError {
        { BoxError(.notFound, "cannot use the directory \(path)", field: field, errno: $0) }
    }
}
