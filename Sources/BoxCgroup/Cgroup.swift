public import BoxOCI
public import BoxSystem

/// Where a cgroup v2 is, and what of its path was made for it. A plain value; safe on any thread.
public struct Cgroup: Equatable, Sendable {
    /// Of the cgroup2 file system.
    public let mountPoint: String
    /// Below the mount, with a leading slash: `/swiftbox-1a2b`.
    public let path: String
    /// The paths that `create` made, outermost first: all that `destroy` may take away.
    public let made: [String]

    /// A cgroup that exists, as another process recorded it.
    public init(mountPoint: String, path: String, made: [String]) {
        self.mountPoint = mountPoint
        self.path = path
        self.made = made
    }

    /// Makes every missing directory of `path` below the mount and passes `controllers` on to it in each
    /// `cgroup.subtree_control` above (that stays: other boxes may rely on it by then).
    ///
    /// An existing cgroup is refused with `.alreadyExists` unless `allowExisting`. On failure, what was made is removed.
    public static func create(
        path: String, host: CgroupHost, controllers: [String], allowExisting: Bool = false
    ) throws(BoxError) -> Cgroup {
        guard let mountPoint = host.mountPoint else {
            throw BoxError(
                .unsupported, "cannot make cgroup \(path): no cgroup v2 hierarchy is mounted",
                remedy: "mount -t cgroup2 none /sys/fs/cgroup")
        }
        let parts = try components(of: path)
        var made: [String] = []
        do throws(BoxError) {
            try descend(parts, from: mountPoint, controllers, allowExisting: allowExisting, made: &made)
        } catch {
            var failure = error
            do throws(BoxError) {
                try removeMade(made, mountPoint: mountPoint)
            } catch let left {
                failure.remedy = (failure.remedy.map { "\($0); " } ?? "") + left.description
            }
            throw failure
        }
        return Cgroup(mountPoint: mountPoint, path: "/" + parts.joined(separator: "/"), made: made)
    }

    /// Passes further controllers on to a cgroup that exists: in each `cgroup.subtree_control` above it, where that stays.
    public func provide(_ controllers: [String]) throws(BoxError) {
        var directory = try Self.step("open the cgroup2 mount \(mountPoint)") { () throws(Errno) in
            try Self.open(mountPoint)
        }
        var above = ""
        for part in try Self.components(of: path) {
            try Self.passOn(controllers, from: directory.raw, path: above.isEmpty ? "/" : above)
            above += "/\(part)"
            directory = try Self.step("open cgroup \(above)") { () throws(Errno) in
                try Self.open(part, below: directory.raw)
            }
        }
    }

    /// The cgroup's directory: for CLONE_INTO_CGROUP, and for the calls that take a descriptor.
    public func openDirectory() throws(Errno) -> Descriptor {
        let root = try Self.open(mountPoint)
        let directory = try Self.open(String(path.drop { $0 == "/" }), below: root.raw)
        try root.close()
        return directory
    }

    /// An absolute path, not the root itself, without `.` and `..`.
    static func components(of path: String) throws(BoxError) -> [String] {
        let parts = path.split(separator: "/").map(String.init)
        let isSound = path.hasPrefix("/") && !parts.isEmpty && !path.utf8.contains { $0 == 0 || $0 == 0x0a }
        if !isSound || parts.contains(where: { $0 == "." || $0 == ".." }) {
            throw BoxError(
                .invalidSpec, "must be an absolute path below the cgroup root, without . and ..",
                field: "linux.cgroupsPath", found: "\"\(path)\"")
        }
        return parts
    }

    private static func descend(
        _ parts: [String], from mountPoint: String, _ controllers: [String], allowExisting: Bool, made: inout [String]
    ) throws(BoxError) {
        var directory = try step("open the cgroup2 mount \(mountPoint)") { () throws(Errno) in try open(mountPoint) }
        var path = ""
        for (index, part) in parts.enumerated() {
            try passOn(controllers, from: directory.raw, path: path.isEmpty ? "/" : path)
            path += "/\(part)"
            if try makeDirectory(part, at: directory.raw, path: path) {
                made.append(path)
            } else if index == parts.count - 1 && !allowExisting {
                throw BoxError(
                    .alreadyExists, "cgroup \(path) exists already", field: "linux.cgroupsPath",
                    remedy: "choose another id or cgroup path, or remove what uses it")
            }
            directory = try step("open cgroup \(path)") { () throws(Errno) in try open(part, below: directory.raw) }
        }
    }

    /// False when it is there already.
    private static func makeDirectory(_ name: String, at parent: CInt, path: String) throws(BoxError) -> Bool {
        do throws(Errno) {
            return try tolerating(.fileExists) { () throws(Errno) in
                try File.makeDirectory(name, mode: 0o755, at: parent)
            }
        } catch {
            let what = "cannot make cgroup \(path)"
            switch error {
            case .permissionDenied, .notPermitted, .readOnlyFileSystem:
                throw BoxError(.denied, what, errno: error, remedy: askForDelegation)
            case .resourceTemporarilyUnavailable:
                throw BoxError(
                    .kernel, what, errno: error, found: "cgroup.max.descendants or cgroup.max.depth above it is reached"
                )
            default: throw BoxError(.kernel, what, errno: error)
            }
        }
    }

    static let askForDelegation = "run as root, or below a cgroup that is delegated to this user"

    /// Enables those of `controllers` that are not yet enabled for the children of a cgroup.
    private static func passOn(_ controllers: [String], from directory: CInt, path: String) throws(BoxError) {
        if controllers.isEmpty { return }
        let file = "cgroup.subtree_control"
        let enabled = try step("read \(file) of cgroup \(path)") { () throws(Errno) in
            CgroupHost.words(try File.text(of: file, at: directory))
        }
        let missing = controllers.filter { !enabled.contains($0) }
        if missing.isEmpty { return }
        do throws(Errno) {
            try File.writeValue(missing.map { "+\($0)" }.joined(separator: " "), to: file, at: directory)
        } catch {
            throw refusal(of: missing, path, error)
        }
    }

    static func refusal(of controllers: [String], _ path: String, _ error: Errno) -> BoxError {
        let what = "cannot enable \(controllers.joined(separator: " ")) below cgroup \(path)"
        switch error {
        case .resourceBusy:
            return BoxError(
                .unsupported, what, errno: error, found: "cgroup \(path) has processes of its own",
                remedy: "move them to a child cgroup, or choose a cgroup path elsewhere")
        case .noSuchFileOrDirectory:
            return BoxError(.unsupported, what, errno: error, found: "its cgroup.controllers does not have all of them")
        case .notSupportedOnSocket:
            return BoxError(.unsupported, what, errno: error, found: "cgroup \(path) is threaded")
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            return BoxError(.denied, what, errno: error, remedy: askForDelegation)
        default: return BoxError(.kernel, what, errno: error)
        }
    }

    static func open(_ path: String) throws(Errno) -> Descriptor {
        try File.open(path, FileFlags.readOnly | FileFlags.directory)
    }

    /// No link and no `..` leads out.
    static func open(_ path: String, below parent: CInt) throws(Errno) -> Descriptor {
        try File.open(path, FileFlags.readOnly | FileFlags.directory, below: parent, [.beneath, .noSymlinks])
    }

    /// Names the step that an errno belongs to.
    static func step<Value: ~Copyable>(_ what: String, _ body: () throws(Errno) -> Value) throws(BoxError) -> Value {
        try explaining({ BoxError(.kernel, "cannot \(what)", errno: $0) }, body)
    }
}
