public import BoxOCI
internal import BoxSystem

/// What this host offers of cgroup v2. A plain value: `probe` reads, the rest is pure and thread-safe.
public struct CgroupHost: Equatable, Sendable {
    /// Where the cgroup2 file system is mounted; nil where it is not.
    public var mountPoint: String?
    /// The mount, or its file system, is read-only: no cgroup can be made.
    public var readOnly = false
    /// `cgroup.controllers` at the mount's root: what boxes below may get.
    public var controllers: [String] = []
    /// `cgroup.subtree_control` there: what is passed on already.
    public var enabled: [String] = []
    /// The caller's own cgroup: the `0::` line of /proc/self/cgroup.
    public var ownPath = "/"
    /// Controllers bound to cgroup v1, by their v1 names (`blkio`).
    public var v1Controllers: [String] = []
    /// The mount's root is not the hierarchy's, and holds processes: the kernel lets it pass no further controller on.
    public var rootHasProcesses = false

    /// Below the mount, with a leading slash: the caller's own cgroup, where boxes of an ordinary user are. Root's are at
    /// the top: empty.
    public var base = ""
    /// The caller is not root, and may not write to its own cgroup.
    public var isUndelegated = false

    public init() {}

    /// Whether boxes can have a cgroup of their own at all.
    public var canMakeCgroups: Bool { mountPoint != nil && !readOnly && !isUndelegated }

    /// Whether a cgroup made below the mount's root can have this controller.
    public func offers(_ controller: String) -> Bool {
        canMakeCgroups && controllers.contains(controller) && (!rootHasProcesses || enabled.contains(controller))
    }

    /// Why no cgroup of a box has the files of a controller; nil when it could.
    public func reasonWithout(_ controller: String) -> String? {
        if isUndelegated { return "the caller's cgroup is not delegated to it" }
        if !canMakeCgroups { return "this host has no cgroup v2 hierarchy that can be written" }
        if offers(controller) { return nil }
        if v1Controllers.contains(controller == "io" ? "blkio" : controller) {
            return "the \(controller) controller is bound to cgroup v1 on this host"
        }
        return "the \(controller) controller is not available in this cgroup v2 hierarchy"
    }

    /// Reads /proc/self/cgroup, /proc/self/mountinfo and three files at the mount's root.
    /// A host without cgroup v2 is an answer, not an error; an error is a /proc that cannot be read.
    /// `isInitial`: whether this is the host's first user namespace, where the caller knows.
    public static func probe(isInitial: Bool? = nil) throws(BoxError) -> CgroupHost {
        var host = CgroupHost()
        do throws(Errno) {
            (host.ownPath, host.v1Controllers) = membership(in: try File.contents(of: "/proc/self/cgroup"))
            try host.findMount { (host, root) throws(Errno) in try host.readLimits(root) }
            let isInitial = if let isInitial { isInitial } else { try OwnIDs.areInitial() }
            if Caller.userID != 0 || !isInitial { try host.narrow() }
        } catch {
            throw BoxError(.kernel, "cannot read this host's cgroups", errno: error)
        }
        return host
    }

    /// Only where cgroup2 is mounted, for boxes that have their cgroups.
    public static func probeMount() throws(BoxError) -> CgroupHost {
        var host = CgroupHost()
        do throws(Errno) {
            try host.findMount { (_, _) in }
        } catch {
            throw BoxError(.kernel, "cannot read this host's cgroups", errno: error)
        }
        return host
    }

    private mutating func findMount(_ look: (inout CgroupHost, CInt) throws(Errno) -> Void) throws(Errno) {
        for mount in Self.cgroupMounts(in: try File.contents(of: "/proc/self/mountinfo")) {
            if try take(mount, look) { break }
        }
    }

    /// To the caller's own cgroup, if that is the caller's to use: it is asked by opening its files for writing.
    private mutating func narrow() throws(Errno) {
        guard let mountPoint, !readOnly else { return }
        let own = ownPath == "/" ? "" : ownPath
        do {
            for file in ["cgroup.procs", "cgroup.subtree_control"] {
                try File.open("\(mountPoint)\(own)/\(file)", FileFlags.writeOnly).close()
            }
        } catch {
            isUndelegated = true
            return
        }
        base = own
        controllers = Self.words(try File.text(of: "\(mountPoint)\(own)/cgroup.controllers"))
        enabled = Self.words(try File.text(of: "\(mountPoint)\(own)/cgroup.subtree_control"))
        let processes = Self.words(try File.text(of: "\(mountPoint)\(own)/cgroup.procs"))
        rootHasProcesses = processes.contains { $0 != String(Processes.id) }
    }

    /// False when the mount cannot be reached, as when something else is mounted over it.
    private mutating func take(
        _ mount: CgroupMount, _ look: (inout CgroupHost, CInt) throws(Errno) -> Void
    ) throws(Errno) -> Bool {
        let root: Descriptor
        do {
            root = try File.open(mount.point, FileFlags.readOnly | FileFlags.directory)
        } catch {
            return false
        }
        guard try File.fileSystemType(root.raw) == Self.magic else { return false }
        mountPoint = mount.point
        readOnly = mount.readOnly
        try look(&self, root.raw)
        try root.close()
        return true
    }

    private mutating func readLimits(_ root: CInt) throws(Errno) {
        controllers = Self.words(try File.text(of: "cgroup.controllers", at: root))
        enabled = Self.words(try File.text(of: "cgroup.subtree_control", at: root))
        // The hierarchy's true root has no cgroup.type, and may hold processes as it likes.
        if File.exists("cgroup.type", at: root) {
            rootHasProcesses = try !File.contents(of: "cgroup.procs", at: root).isEmpty
        }
    }

    /// CGROUP2_SUPER_MAGIC
    private static let magic: UInt32 = 0x6367_7270

    static func words(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}

/// A line of mountinfo that names a cgroup2 file system.
package struct CgroupMount: Equatable {
    package var root: String
    package var point: String
    package var readOnly: Bool
}

extension CgroupHost {
    /// The cgroup2 mounts of a mountinfo text, the most useful first: writable before read-only, whole before a part.
    package static func cgroupMounts(in mountinfo: [UInt8]) -> [CgroupMount] {
        let marker = Array(" - cgroup2 ".utf8)
        var found: [CgroupMount] = []
        for line in mountinfo.split(separator: UInt8(ascii: "\n")) {
            guard let end = firstIndex(of: marker, in: line) else { continue }
            // Number, parent, device, root, mount point, options; optional fields follow.
            let fields = line[..<end].split(separator: UInt8(ascii: " "))
            let superOptions = line[end...].split(separator: UInt8(ascii: " ")).last ?? []
            if fields.count < 6 { continue }
            let readOnly = isReadOnly(fields[5]) || isReadOnly(superOptions)
            found.append(
                CgroupMount(
                    root: MountTable.unescape(fields[3]), point: MountTable.unescape(fields[4]), readOnly: readOnly))
        }
        func rank(_ mount: CgroupMount) -> Int { (mount.readOnly ? 2 : 0) + (mount.root == "/" ? 0 : 1) }
        return (0..<4).flatMap { wanted in found.filter { rank($0) == wanted } }
    }

    /// The `0::` path, and the names of the controllers on v1 hierarchies, of a /proc/PID/cgroup text.
    public static func membership(in text: [UInt8]) -> (path: String, v1Controllers: [String]) {
        var path = "/"
        var v1: [String] = []
        var start = 0
        // Bytes: as text, with parts that are split off, this takes as long as reading config.json.
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            let line = text[start..<end]
            start = end + 1
            guard let first = line.firstIndex(of: UInt8(ascii: ":")),
                let second = line[(first + 1)...].firstIndex(of: UInt8(ascii: ":"))
            else { continue }
            let names = line[(first + 1)..<second]
            if names.isEmpty {
                if line[..<first].elementsEqual("0".utf8) {
                    path = String(decoding: line[(second + 1)...], as: UTF8.self)
                }
            } else if !names.contains(UInt8(ascii: "=")) || names.contains(UInt8(ascii: ",")) {
                v1 += names.split(separator: UInt8(ascii: ",")).filter { !$0.contains(UInt8(ascii: "=")) }
                    .map { String(decoding: $0, as: UTF8.self) }
            }
        }
        return (path, v1)
    }

    private static func isReadOnly(_ options: ArraySlice<UInt8>) -> Bool {
        options.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("ro".utf8) }
    }

    private static func firstIndex(of marker: [UInt8], in line: ArraySlice<UInt8>) -> Int? {
        // A slice for every blank would take most of the time of a table of mounts.
        line.withUnsafeBufferPointer { bytes in
            var at = 0
            while at + marker.count <= bytes.count {
                if bytes[at + 1] == marker[1] && (0..<marker.count).allSatisfy({ bytes[at + $0] == marker[$0] }) {
                    return line.startIndex + at
                }
                at += 1
            }
            return nil
        }
    }
}
