public import BoxOCI
internal import BoxSystem

/// The process that a scope is made with: systemd makes none that is empty, and the box is born only later, right into
/// its cgroup. Ended once the box is there. One thread only.
public final class ScopeHolder {
    private let pid: CInt
    private let pidfd: CInt
    /// Where it waits, out of the way of the box's cgroup and its limits.
    private var leaf: String?

    private init(_ child: ClonedProcess) {
        pid = child.pid
        pidfd = child.pidfd
    }

    deinit { _ = Descriptor(owning: pidfd) }

    /// Asks systemd for the scope and returns when its cgroup is there. From a process with one thread.
    public static func start(_ scope: SystemdScope, id: String, mountPoint: String) throws(BoxError) -> ScopeHolder {
        let bus = try DBusConnection()
        let holder = try explaining({ BoxError(.kernel, "cannot start a process for the scope", errno: $0) }) {
            () throws(Errno) in try ScopeHolder.make()
        }
        do throws(BoxError) {
            try ask(bus, scope.startCall(pid: holder.pid, description: "swiftbox container \(id)"))
            try holder.wait(for: scope)
            try holder.stepAside(mountPoint + scope.path)
        } catch {
            var failure = error
            failure.field = failure.field ?? "linux.cgroupsPath"
            do throws(BoxError) { try holder.end() } catch let second { failure.remedy = second.oneLine }
            throw failure
        }
        return holder
    }

    private static func make() throws(Errno) -> ScopeHolder {
        guard let child = try Processes.clone(into: []) else {
            do throws(Errno) {
                try OwnProcess.dieWithParent(signal: 9)
                var nothing: [Poll.Entry] = []
                while true { try Poll.wait(&nothing) }
            } catch {
                Processes.exit(1)
            }
        }
        return ScopeHolder(child)
    }

    /// A scope that has just ended is cleared away by systemd in its own time: then it is tried again, for 3 s.
    private static func ask(_ bus: DBusConnection, _ call: DBusCall) throws(BoxError) {
        for attempt in 0... {
            do throws(BoxError) {
                return try bus.call(call)
            } catch {
                if error.kind != .alreadyExists || attempt == 30 { throw error }
            }
            try pause(100)
        }
    }

    /// The answer comes before the work is done: the kernel tells when it is. 10 s at most.
    private func wait(for scope: SystemdScope) throws(BoxError) {
        var found = ""
        for _ in 0..<2000 {
            let text = try explaining({ BoxError(.kernel, "cannot read /proc/\(pid)/cgroup", errno: $0) }) {
                () throws(Errno) in try File.contents(of: "/proc/\(pid)/cgroup")
            }
            found = CgroupHost.membership(in: text).path
            if found == scope.path { return }
            try Self.pause(5)
        }
        throw BoxError(
            .kernel, "systemd did not start \(scope.unit) within 10 s", found: "its process is in the cgroup \(found)",
            remedy: "journalctl -u \(scope.unit) may tell why")
    }

    private func stepAside(_ directory: String) throws(BoxError) {
        let leaf = directory + "/launch"
        try explaining({ BoxError(.kernel, "cannot use the cgroup \(directory)", errno: $0) }) { () throws(Errno) in
            try File.makeDirectory(leaf, mode: 0o755)
            self.leaf = leaf
            try File.writeValue("\(pid)", to: leaf + "/cgroup.procs")
        }
    }

    private static func pause(_ milliseconds: CInt) throws(BoxError) {
        var nothing: [Poll.Entry] = []
        try explaining({ BoxError(.kernel, "cannot wait", errno: $0) }) { () throws(Errno) in
            try Poll.wait(&nothing, milliseconds: milliseconds)
        }
    }

    /// Once. An empty scope goes with it.
    public func end() throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot end the process of the scope", errno: $0) }) { () throws(Errno) in
            try Processes.send(9, to: pidfd)
            _ = try Processes.wait(for: pidfd)
            guard let leaf else { return }
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in try File.remove(leaf, directory: true) }
        }
    }
}
