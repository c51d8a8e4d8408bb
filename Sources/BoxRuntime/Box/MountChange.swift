public import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// `mounts add` and `mounts remove`: the mounts of a box that runs.
public enum MountChange {
    /// Makes the mounts in their order, all of them or none. Sources are the host's, relative ones start at the bundle.
    public static func add(_ mounts: [Mount], to id: String, stateRoot: String) throws(BoxError) {
        let (state, process) = try running(id, stateRoot)
        var made: [Prepared] = []
        for (index, mount) in mounts.enumerated() {
            made.append(try Prepared(mount, state, field: "mounts[\(index)]"))
        }
        try within(state, process) { [made] (root) throws(BoxError) in
            for (index, one) in made.enumerated() {
                do throws(BoxError) {
                    try one.make(in: root)
                } catch {
                    for done in made[..<index].reversed() where !done.mount.options.remounts {
                        try done.mount.unmount(in: root)
                    }
                    var named = error
                    named.field = error.field ?? "mounts[\(index)]"
                    throw named
                }
            }
        }
    }

    /// Unmounts what lies on top at each destination, the last one of the list first; nothing else of a mount counts.
    public static func remove(_ mounts: [Mount], from id: String, stateRoot: String) throws(BoxError) {
        let (state, process) = try running(id, stateRoot)
        try within(state, process) { (root) throws(BoxError) in
            for (index, mount) in mounts.enumerated().reversed() {
                let there = BoxMount(destination: mount.destination, type: nil, source: "", options: MountOptions())
                do throws(BoxError) {
                    try there.unmount(in: root)
                } catch {
                    var named = error
                    named.field = "mounts[\(index)].destination"
                    throw named
                }
            }
        }
    }

    private static func running(_ id: String, _ stateRoot: String) throws(BoxError) -> (RuntimeState, CInt) {
        let state = try Boxes.state(of: id, in: stateRoot)
        guard let process = try Boxes.process(of: state) else {
            throw BoxError(.invalidState, "container not running", found: "\(id) is \(state.status.rawValue)")
        }
        return (state, process.release())
    }

    /// A mount, and what of it can only be had outside of the box.
    private final class Prepared {
        let mount: BoxMount
        private let tree: CInt?

        init(_ mount: Mount, _ state: RuntimeState, field: String) throws(BoxError) {
            let options = try MountOptions.parse(mount.options, type: mount.type, field: field)
            let isNew = options.bind == nil && !options.remounts
            guard !isNew || mount.type?.isEmpty == false else {
                throw BoxError(
                    .invalidSpec, "\(field) has neither a type nor the option bind", field: "\(field).type")
            }
            self.mount = BoxMount(
                destination: mount.destination, type: isNew ? mount.type : nil,
                source: mount.source ?? mount.type ?? "", options: options)
            tree = options.bind == nil || options.remounts ? nil : try Self.clone(mount, options, state, field)
        }

        deinit { if let tree { _ = Descriptor(owning: tree) } }

        private static func clone(
            _ mount: Mount, _ options: MountOptions, _ state: RuntimeState, _ field: String
        ) throws(BoxError) -> CInt {
            guard let source = mount.source, !source.isEmpty else {
                throw BoxError(.invalidSpec, "\(field) is a bind mount without a source", field: "\(field).source")
            }
            let path = source.hasPrefix("/") ? source : state.bundle + "/" + source
            let failure: (Errno) -> BoxError = { errno in
                BoxError(.kernel, "cannot take the mount source \(path)", field: field, errno: errno)
            }
            return try explaining(failure) { () throws(Errno) in
                let tree = try Mounts.cloneTree(path, recursive: options.bind == .recursive)
                try Mounts.change(tree.raw, propagation: .private, recursive: true)
                if options.idMap != nil || !mount.uidMappings.isEmpty {
                    let map =
                        mount.uidMappings.isEmpty
                        ? try File.open("/proc/\(state.pid)/ns/user", FileFlags.readOnly)
                        : try IDMap(users: mount.uidMappings, groups: mount.gidMappings).makeNamespace()
                    try Mounts.change(
                        tree.raw, set: .idMap, userNamespace: map.raw, recursive: options.idMap == .recursive)
                }
                return tree.release()
            }
        }

        func make(in root: CInt) throws(BoxError) {
            if let tree { return try mount.bind(tree, in: root) }
            if mount.options.remounts { return try mount.remount(in: root) }
            try mount.mountFileSystem(mount.type ?? "", in: root)
        }
    }

    /// Runs `body` as the box's root in all of its namespaces: in a grandchild, as a pid namespace is entered by children
    /// only. Nobody in the box can trace it.
    private static func within(
        _ state: RuntimeState, _ process: CInt, _ body: (CInt) throws(BoxError) -> Void
    ) throws(BoxError) {
        let pidfd = Descriptor(owning: process)
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot enter the box", errno: $0) }
        let sockets = try explaining(failure) { () throws(Errno) in try RecordSocket.pair() }
        let ours = RecordSocket(owning: sockets.0)
        let child = try explaining(failure) { () throws(Errno) in try Processes.clone(into: []) }
        guard let child else {
            let socket = RecordSocket(owning: sockets.1)
            do throws(BoxError) {
                try explaining(failure) { () throws(Errno) in try enter(pidfd.raw, pid: state.pid) }
                let root = try explaining(failure) { () throws(Errno) in
                    try File.open("/", FileFlags.path | FileFlags.directory)
                }
                try body(root.raw)
            } catch {
                report(error, on: socket)
            }
            Processes.exit(0)
        }
        let childfd = Descriptor(owning: child.pidfd)
        _ = Descriptor(owning: sockets.1)
        let record = try explaining(failure) { () throws(Errno) in
            let record = try ours.receive()
            _ = try Processes.wait(for: childfd.raw)
            return record
        }
        if let failed = FailureRecord(record.bytes) { throw failed.error }
        if !record.bytes.isEmpty { throw BoxError(.internal, "the process in the box sent what is no failure record") }
    }

    /// Comes back in the grandchild; the child only waits for it.
    private static func enter(_ pidfd: CInt, pid: CInt) throws(Errno) {
        try OwnProcess.becomeUndumpable()
        var kinds: Namespaces = []
        for kind in [Namespaces.mount, .pid, .ipc, .uts, .network, .cgroup, .user] {
            let own = try File.readLink("/proc/self/ns/\(kind.file)")
            if try File.readLink("/proc/\(pid)/ns/\(kind.file)") != own { kinds.insert(kind) }
        }
        try kinds.join(pidfd)
        if let grandchild = try Processes.clone(into: []) {
            Processes.exit(try Processes.wait(for: grandchild.pidfd).status)
        }
        if kinds.contains(.user) {
            try OwnProcess.setGroup(0)
            try tolerating(.notPermitted) { () throws(Errno) in try OwnProcess.setGroups([]) }
            try OwnProcess.setUser(0)
        }
        OwnProcess.setUmask(0o022)
    }

    private static func report(_ error: BoxError, on socket: borrowing RecordSocket) {
        do throws(Errno) {
            try socket.send(FailureRecord(step: 0, error: error).bytes)
        } catch {
            // The runtime is gone; nobody is left to hear of it.
            return
        }
    }
}
