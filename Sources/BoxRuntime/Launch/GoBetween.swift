internal import BoxOCI
internal import BoxRootfs
internal import BoxSystem

/// The process between the runtime and the init process of a box that joins namespaces or has clocks of its own.
///
/// Joining takes the rights that the caller has outside, and a pid or time namespace is entered by children only. So a
/// process goes ahead, and makes the init process as its sibling (CLONE_PARENT), a child of the runtime's like any other:
/// nothing of it rubs off on the runtime, whose hooks and helpers stay where they are.
extension Launcher {
    /// The init process; nil is that process itself.
    func makeInit(cgroup: CInt) throws(BoxError) -> ClonedProcess? {
        if let network, network.serves(plan) { return try makeInit(in: network, cgroup: cgroup) }
        if plan.enter.isEmpty {
            return try explaining(cloneFailure) { () throws(Errno) in
                try Processes.clone(into: plan.clone, cgroup: cgroup)
            }
        }
        let sockets = try explaining(failure("make a socket")) { () throws(Errno) in try RecordSocket.pair() }
        let ours = RecordSocket(owning: sockets.0)
        let between = try explaining(failure("make a process")) { () throws(Errno) in try Processes.clone(into: []) }
        guard let between else {
            goBetween(RecordSocket(owning: sockets.1), cgroup: cgroup)
            return nil
        }
        let pidfd = Descriptor(owning: between.pidfd)
        _ = Descriptor(owning: sockets.1)
        let record = try explaining(failure("hear of the init process")) { () throws(Errno) in
            let record = try ours.receive()
            _ = try Processes.wait(for: pidfd.raw)
            return record
        }
        guard let child = record.descriptor else { throw InitFailure.explain(record.bytes, plan: plan) }
        let pid = try explaining(failure("tell the init process's id")) { () throws(Errno) in
            try Processes.id(of: child)
        }
        return ClonedProcess(pid: pid, pidfd: child)
    }

    private func makeInit(in network: PreparedNetwork, cgroup: CInt) throws(BoxError) -> ClonedProcess? {
        let child = try explaining(cloneFailure) { () throws(Errno) in
            try Processes.clone(into: plan.clone.subtracting(.network), cgroup: cgroup)
        }
        if child != nil {
            try explaining(failure("leave the box's network")) { () throws(Errno) in try network.leave() }
        }
        return child
    }

    /// Comes back in the init process only.
    private func goBetween(_ socket: borrowing RecordSocket, cgroup: CInt) {
        do throws(BoxError) {
            for (index, step) in plan.enter.enumerated() { try carryOut(step, plan.prepare.count + index, pid: nil) }
            let child = try explaining(cloneFailure) { () throws(Errno) in
                try Processes.clone(into: plan.clone, cgroup: cgroup, sibling: true)
            }
            guard let child else { return }
            try explaining(failure("tell the runtime")) { () throws(Errno) in
                try socket.send([1], descriptor: child.pidfd)
            }
            Processes.exit(0)
        } catch {
            report(error, on: socket)
            Processes.exit(1)
        }
    }

    private func report(_ error: BoxError, on socket: borrowing RecordSocket) {
        do throws(Errno) {
            try socket.send(FailureRecord(step: 0, error: error).bytes)
        } catch {
            // The runtime is gone; nobody is left to hear of it.
            return
        }
    }

    /// An existing namespace, opened and made sure of: the kernel tells its kind (ioctl_ns(2), NS_GET_NSTYPE).
    func openNamespace(_ kind: Namespaces, _ path: String, notOwn: String?) throws(BoxError) {
        let title = "open the \(kind.name) namespace \(path)"
        let namespace = try explaining({ errno in
            BoxError(errno == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot \(title)", errno: errno)
        }) { () throws(Errno) in try File.open(path, FileFlags.readOnly | FileFlags.nonBlocking) }
        let found = try explaining({ errno in
            BoxError(
                .invalidSpec, "cannot \(title)", errno: errno,
                found: errno == .inappropriateIOCTLForDevice ? "it is no namespace" : nil)
        }) { () throws(Errno) in try Namespaces.kind(of: namespace.raw) }
        if found != kind {
            throw BoxError(.invalidSpec, "cannot \(title)", found: "it is a \(found.name) namespace")
        }
        if let field = notOwn, try isOwn(namespace.raw, kind) {
            throw BoxError(
                .invalidSpec, "\(path) is the runtime's own \(kind.name) namespace: \(field) would change the host",
                remedy: "leave out \(field), or the namespace's path")
        }
        slots.put(namespace, .namespace(kind))
    }

    private func isOwn(_ namespace: CInt, _ kind: Namespaces) throws(BoxError) -> Bool {
        try explaining(failure("look at a namespace")) { () throws(Errno) in
            let own = try File.status("/proc/self/ns/\(kind.file)", follow: true)
            let other = try File.status(at: namespace)
            return own.inode == other.inode && own.device == other.device
        }
    }

    /// A mount namespace that existed before the box outlives it: what the box mounted there is taken down by a process
    /// that goes in.
    func leaveJoinedMounts() throws(BoxError) {
        guard slots.has(.namespace(.mount)), slots.has(.root) else { return }
        try explaining(failure("unmount the root file system of the box")) { () throws(Errno) in
            let (namespace, root) = (try slots.get(.namespace(.mount)), try slots.get(.root))
            guard let child = try Processes.clone(into: []) else {
                Processes.exit(Self.unmount(root, in: namespace))
            }
            let pidfd = Descriptor(owning: child.pidfd)
            let end = try Processes.wait(for: pidfd.raw)
            if end.status != 0 { throw Errno(rawValue: end.status) }
        }
    }

    private static func unmount(_ root: CInt, in namespace: CInt) -> CInt {
        do throws(Errno) {
            try Namespaces.mount.join(namespace)
            try OwnProcess.changeDirectory(root)
            // EINVAL: the box never came to attach it.
            try tolerating(.invalidArgument) { () throws(Errno) in try Mounts.detach(".") }
            return 0
        } catch {
            return error.rawValue
        }
    }
}
