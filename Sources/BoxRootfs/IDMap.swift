public import BoxOCI
public import BoxSystem

/// Which ids of the box are which ids of the host (user_namespaces(7)).
public struct IDMap: Equatable, Sendable {
    public var users: [IDMapping]
    public var groups: [IDMapping]

    public init(users: [IDMapping], groups: [IDMapping]) {
        self.users = users
        self.groups = groups
    }

    /// The host's id for the box's user 0.
    public var rootUser: UInt32 { Self.root(users) }
    /// The host's id for the box's group 0.
    public var rootGroup: UInt32 { Self.root(groups) }

    /// An id that no mapping has shows as the overflow id.
    private static func root(_ mappings: [IDMapping]) -> UInt32 {
        mappings.first { $0.containerID == 0 && $0.size > 0 }?.hostID ?? 65534
    }

    /// Writes /proc/PID/uid_map and gid_map of a process that has just made its user namespace.
    public func write(pid: CInt) throws(Errno) {
        try File.writeValue(Self.text(users), to: "/proc/\(pid)/uid_map")
        try File.writeValue(Self.text(groups), to: "/proc/\(pid)/gid_map")
    }

    private static func text(_ mappings: [IDMapping]) -> String {
        mappings.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined()
    }

    /// Whether the file system of a path takes an id map: tried on a detached copy. A path that cannot be opened says
    /// yes here; the step that needs it reports it.
    public static func canMap(_ path: String, namespace: CInt) -> Bool {
        do throws(Errno) {
            let tree = try Mounts.cloneTree(path, recursive: false)
            try Mounts.change(tree.raw, set: .idMap, userNamespace: namespace)
            return true
        } catch {
            return error == .noSuchFileOrDirectory || error == .notDirectory
        }
    }

    /// A user namespace with this map and no process in it: what mount_setattr(2) wants for an id-mapped mount.
    /// The process that makes it lives for a moment only.
    public func makeNamespace() throws(Errno) -> Descriptor {
        let sockets = try RecordSocket.pair()
        let ours = RecordSocket(owning: sockets.0)
        let theirs = RecordSocket(owning: sockets.1)
        guard let holder = try Processes.clone(into: .user) else {
            Self.waitForEnd(closing: sockets.0, reading: sockets.1)
        }
        let pidfd = Descriptor(owning: holder.pidfd)
        try theirs.close()
        defer { Self.reap(pidfd.raw) }
        try write(pid: holder.pid)
        let namespace = try File.open("/proc/\(holder.pid)/ns/user", FileFlags.readOnly)
        try ours.close()
        return namespace
    }

    /// The holder's whole life: it ends when the other end of its socket is closed.
    private static func waitForEnd(closing ours: CInt, reading theirs: CInt) -> Never {
        let other = Descriptor(owning: ours)
        let socket = RecordSocket(owning: theirs)
        do throws(Errno) {
            try other.close()
            _ = try socket.receive()
        } catch {
            Processes.exit(1)
        }
        Processes.exit(0)
    }

    private static func reap(_ pidfd: CInt) {
        do throws(Errno) {
            try Processes.send(9, to: pidfd)
            _ = try Processes.wait(for: pidfd)
        } catch {
            // Already gone: there is nothing left to reap.
            return
        }
    }
}
