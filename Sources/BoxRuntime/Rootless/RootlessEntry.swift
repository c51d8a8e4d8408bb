public import BoxOCI
internal import BoxSystem

/// How an ordinary user gets to run boxes: the program becomes root of a user namespace of the user's own, with a mount
/// namespace, and goes on as it would for root. What root of the host could do there and this root cannot, the plan knows
/// from `HostFacts.initialUserNamespace`.
///
/// 0 is the user's own id; the rest come from /etc/subuid and /etc/subgid by newuidmap(1), where there are any.
public enum RootlessEntry {
    /// Returns at once for root. Call it before anything is read or made, from a process with one thread.
    public static func enter() throws(BoxError) {
        let user = Caller.userID
        if user == 0 { return }
        let ids = try explaining({ BoxError(.kernel, "cannot read /etc/subuid", errno: $0) }) { () throws(Errno) in
            try SubordinateIDs.of(user: user)
        }
        if let ids {
            try enter(user, Caller.groupID, ids)
        } else {
            try enterAlone(user, Caller.groupID)
        }
    }

    // MARK: with ids of /etc/subuid

    /// newuidmap(1) wants the process that gets the map from outside of its namespace: a child stays there.
    private static func enter(_ user: UInt32, _ group: UInt32, _ ids: SubordinateIDs) throws(BoxError) {
        let parent = Processes.id
        let sockets = try explaining(failure) { () throws(Errno) in try RecordSocket.pair() }
        let helper = try explaining(failure) { () throws(Errno) in try Processes.fork() }
        guard let helper else {
            _ = Descriptor(owning: sockets.0)
            mapFromOutside(parent, user, group, ids, socket: sockets.1)
        }
        _ = Descriptor(owning: sockets.1)
        let socket = RecordSocket(owning: sockets.0)
        let pidfd = Descriptor(owning: helper.pidfd)
        do throws(Errno) {
            try [Namespaces.user, .mount].reduce(into: Namespaces()) { $0.formUnion($1) }.unshare()
            try socket.send([1])
        } catch {
            throw refusal(error)
        }
        let end = try explaining(failure) { () throws(Errno) in try Processes.wait(for: pidfd.raw) }
        if end.status != 0 {
            throw BoxError(
                .denied, "newuidmap or newgidmap refused the ids of /etc/subuid and /etc/subgid (status \(end.status))",
                found: "\(ids.users) and \(ids.groups)",
                remedy: "both must belong to root and be set-uid: apt-get install uidmap")
        }
        try explaining(failure) { () throws(Errno) in
            try OwnProcess.setGroup(0)
            try OwnProcess.setGroups([])
            try OwnProcess.setUser(0)
        }
    }

    private static func mapFromOutside(
        _ parent: CInt, _ user: UInt32, _ group: UInt32, _ ids: SubordinateIDs, socket raw: CInt
    ) -> Never {
        let socket = RecordSocket(owning: raw)
        do throws(Errno) {
            if try socket.receive().bytes.isEmpty { Processes.exit(1) }
            try run(
                SubordinateIDs.tools[0],
                ["\(parent)", "0", "\(user)", "1", "1", "\(ids.users.lowerBound)", "\(ids.users.count)"])
            try run(
                SubordinateIDs.tools[1],
                ["\(parent)", "0", "\(group)", "1", "1", "\(ids.groups.lowerBound)", "\(ids.groups.count)"])
        } catch {
            Processes.exit(1)
        }
        Processes.exit(0)
    }

    private static func run(_ program: String, _ arguments: [String]) throws(Errno) {
        let words = CStringArray([program] + arguments)
        let environment = CStringArray([])
        guard let child = try Processes.fork() else {
            do throws(Errno) {
                try Processes.execute(program, arguments: words, environment: environment)
            } catch {
                Processes.exit(127)
            }
            Processes.exit(127)
        }
        let pidfd = Descriptor(owning: child.pidfd)
        if try Processes.wait(for: pidfd.raw).status != 0 { throw .notPermitted }
        try pidfd.close()
    }

    // MARK: with the user's own id alone

    private static func enterAlone(_ user: UInt32, _ group: UInt32) throws(BoxError) {
        do throws(Errno) {
            try [Namespaces.user, .mount].reduce(into: Namespaces()) { $0.formUnion($1) }.unshare()
        } catch {
            throw refusal(error)
        }
        try explaining(failure) { () throws(Errno) in
            try File.writeValue("deny", to: "/proc/self/setgroups")
            try File.writeValue("0 \(user) 1\n", to: "/proc/self/uid_map")
            try File.writeValue("0 \(group) 1\n", to: "/proc/self/gid_map")
            try OwnProcess.setGroup(0)
            try OwnProcess.setUser(0)
        }
    }

    // MARK: why not

    private static func failure(_ errno: Errno) -> BoxError {
        BoxError(.kernel, "cannot become root of a user namespace", errno: errno)
    }

    /// The settings that keep ordinary users from user namespaces.
    private static func refusal(_ errno: Errno) -> BoxError {
        var error = BoxError(
            .denied, "this host lets ordinary users make no user namespace", errno: errno, remedy: "run as root")
        let settings = [
            ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces", "65536"),
            ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone", "1"),
            (
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
                "kernel.apparmor_restrict_unprivileged_userns", "0"
            ),
        ]
        for (path, bad, name, good) in settings where File.exists(path) {
            do throws(Errno) {
                let value = try File.text(of: path).filter { $0 != "\n" }
                if value != bad { continue }
                error.found = "\(name) is \(value)"
                error.remedy = "sysctl \(name)=\(good), or run as root"
            } catch {
                continue
            }
        }
        return error
    }
}
