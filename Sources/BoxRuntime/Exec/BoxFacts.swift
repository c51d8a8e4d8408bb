internal import BoxCgroup
public import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
public import BoxSystem

/// A box that runs, as a process that is to join it finds it. Values only; a test makes its own.
public struct BoxFacts: Equatable, Sendable {
    /// The init process, and when it began (clock ticks since boot).
    public var pid: CInt
    public var processStart: UInt64
    /// Those of the init process that are not the runtime's own too.
    public var namespaces: Namespaces
    /// The box's, below the cgroup2 mount, and the one below it that the init process is in by now; nil where it has none.
    public var cgroup: String?
    public var currentCgroup: String?
    /// The box was made in the session keyring of its caller.
    public var sharesKeyring = false
    /// The kernel lets nobody in the box change supplementary groups.
    public var groupsAreFixed = false
    /// Its seccomp filter, where it is known without the profile.
    var filter: SeccompProgram?
    /// What the box's own /etc says; read where it matters.
    public var accounts = Accounts(passwd: "", group: "")

    public init(pid: CInt, processStart: UInt64, namespaces: Namespaces) {
        self.pid = pid
        self.processStart = processStart
        self.namespaces = namespaces
    }

    private static let files: [(name: String, kind: Namespaces)] = [
        ("user", .user), ("mnt", .mount), ("pid", .pid), ("net", .network), ("ipc", .ipc), ("uts", .uts),
        ("cgroup", .cgroup), ("time", .time),
    ]

    /// Reads /proc/PID of the init process. It may end meanwhile: the plan's first step makes sure that it has not.
    static func probe(_ state: RuntimeState, withAccounts: Bool) throws(BoxError) -> BoxFacts {
        try explaining({ BoxError(.kernel, "cannot look at process \(state.pid)", errno: $0) }) { () throws(Errno) in
            let proc = "/proc/\(state.pid)"
            var facts = BoxFacts(pid: state.pid, processStart: state.processStart, namespaces: [])
            let (own, its) = (try namespaces("/proc/self/ns"), try namespaces(proc + "/ns"))
            for (file, links) in zip(files, zip(own, its)) where links.0 != links.1 {
                facts.namespaces.insert(file.kind)
            }
            facts.cgroup = state.cgroup
            facts.sharesKeyring = state.sharesKeyring
            let (current, _) = CgroupHost.membership(in: try File.contents(of: "\(proc)/cgroup"))
            if let cgroup = state.cgroup, current.hasPrefix(cgroup + "/") { facts.currentCgroup = current }
            facts.groupsAreFixed = try File.text(of: "\(proc)/setgroups").hasPrefix("deny")
            if !withAccounts { return facts }
            let root = try File.open("\(proc)/root", FileFlags.path | FileFlags.directory)
            facts.accounts = Accounts(
                passwd: text("/etc/passwd", in: root.raw), group: text("/etc/group", in: root.raw))
            return facts
        }
    }

    /// What stands for each of `files`, in their order.
    private static func namespaces(_ path: String) throws(Errno) -> [String?] {
        let directory = try File.open(path, FileFlags.path | FileFlags.directory)
        var links: [String?] = []
        for file in files {
            var link: String?
            // A kernel without one of them has no such file.
            try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                link = try File.readLink(file.name, at: directory.raw)
            }
            links.append(link)
        }
        return links
    }

    /// The file is the box's: it may be missing, a device, a FIFO or endless. Then it says nothing.
    private static func text(_ path: String, in root: CInt) -> String {
        do throws(Errno) {
            let flags = FileFlags.readOnly | FileFlags.nonBlocking | FileFlags.noControllingTerminal
            let place = try RootedPath.open(path, in: root)
            if try File.status(at: place.raw).kind != .file { return "" }
            let file = try RootedPath.open(path, in: root, flags)
            if try File.status(at: file.raw).kind != .file { return "" }
            return String(decoding: try File.readAll(file.raw, limit: 1 << 20), as: UTF8.self)
        } catch {
            return ""
        }
    }
}
