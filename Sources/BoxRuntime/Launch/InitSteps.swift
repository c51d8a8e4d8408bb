internal import BoxCgroup
internal import BoxOCI
internal import BoxRootfs
internal import BoxSecurity
internal import BoxSystem

/// What each step of `LaunchPlan.initialise` does.
extension InitProcess {
    func perform(_ action: Action, _ socket: borrowing RecordSocket) throws(BoxError) {
        switch action {
        case .mount(let mount): try mount.mountFileSystem(mount.type ?? "", in: root())
        case .remount(let mount): try mount.remount(in: root())
        case .bind(let index, let mount): try mount.bind(descriptor(.source(index)), in: root())
        case .makeDevice(let device): try DeviceNodes.make(device, in: root())
        case .bindDevice(let index, let device):
            try DeviceNodes.bind(descriptor(.source(index)), device, in: root())
        case .fillDev(let devices, let links): try DeviceNodes.fill(devices, links, in: root())
        case .protectPath(let path): try Masking.protect(path, in: root())
        case .maskPaths(let paths): try maskPaths(paths)
        case .setExecLabel(let label): try setLabel(label)
        case .openTerminal(let size, let owner, let isConsole):
            try openTerminal(size, owner: owner, isConsole: isConsole, socket)
        case .changeDirectory(let path, let again): try changeDirectory(path, again: again)
        case .findHome(let user): command.add("HOME=" + Home.directory(of: user, in: try root()))
        case .setSysctl(let pair): try setSysctl(pair)
        case .setLimit(let limit, let name): try setLimit(limit, name)
        case .installFilter(let program): try install(program, socket)
        case .runHook(let stage, let hook): try runHook(stage, hook)
        case .findProgram: try WorkloadCommand(command.workload).check()
        case .awaitRuntime, .awaitStart, .awaitCommand:
            try explaining({ BoxError(.kernel, "cannot \(action.title)", errno: $0) }) { () throws(Errno) in
                try wait(action, socket)
            }
        default:
            do throws(Errno) {
                try call(action)
            } catch {
                throw BoxError(.kernel, "cannot \(action.title)", errno: error)
            }
        }
    }

    private func wait(_ action: Action, _ socket: borrowing RecordSocket) throws(Errno) {
        switch action {
        case .awaitStart: try awaitStart(socket)
        case .awaitCommand: try awaitCommand(socket)
        default: try awaitRuntime(socket)
        }
    }

    /// The steps that are one or two system calls.
    private func call(_ action: Action) throws(Errno) {
        switch action {
        case .becomeUndumpable: try OwnProcess.becomeUndumpable()
        case .joinNamespace(let kind): try kind.join(slots.get(.namespace(kind)))
        case .joinBox(let kinds): try kinds.join(slots.get(.box))
        case .setAffinity(let processors): try OwnProcess.setAffinity(processors)
        case .openRoot: slots.put(try File.open("/", FileFlags.path | FileFlags.directory), .root)
        case .becomeBoxRoot:
            try OwnProcess.setGroup(0)
            if !plan.workload.keepsGroups && !plan.workload.groupsAreDropped { try OwnProcess.setGroups([]) }
            try OwnProcess.setUser(0)
        case .enterCgroupNamespace: try Namespaces.cgroup.unshare()
        case .startSession: try OwnProcess.startSession()
        case .joinSessionKeyring:
            // A kernel without keys has none to keep out.
            try tolerating(.noFunction) { () throws(Errno) in try OwnProcess.joinNewSessionKeyring() }
        case .propagateMounts(let kind, let recursive):
            try Mounts.changePropagation("/", kind, recursive: recursive)
        case .attachRoot: try Mounts.attach(slots.get(.root), ontoPath: "/")
        case .makeRootReadOnly: try Mounts.change(slots.get(.root), set: .readOnly)
        case .pivotRoot: try pivot()
        case .propagateRoot(let kind, let recursive):
            try Mounts.changePropagation("/", kind, recursive: recursive)
        case .changeRoot:
            try OwnProcess.changeDirectory(slots.get(.root))
            try OwnProcess.changeRoot()
        case .openProc: slots.put(try FileSystemContext(type: "proc").mount(), .proc)
        default: try callOnSelf(action)
        }
    }

    private func callOnSelf(_ action: Action) throws(Errno) {
        switch action {
        case .setHostname(let name): try OwnProcess.setHostname(name)
        case .setDomainname(let name): try OwnProcess.setDomainname(name)
        case .bringLoopbackUp: try OwnProcess.bringLoopbackUp()
        case .setScheduler(let wanted):
            try OwnProcess.setScheduler(
                policy: wanted.policy, flags: wanted.flags, nice: wanted.nice, priority: wanted.priority,
                runtime: wanted.runtime, deadline: wanted.deadline, period: wanted.period)
        case .setIOPriority(let value): try OwnProcess.setIOPriority(value)
        case .setMemoryPolicy(let policy): try OwnProcess.setMemoryPolicy(policy.mode, nodes: policy.nodes)
        case .setPersonality(let persona): try OwnProcess.setPersonality(persona)
        // The socket leads nowhere, and has to tell when execve fails.
        case .closeDescriptors:
            let kept = slots.has(.start) ? [channel, try slots.get(.start)] : [channel]
            try OwnProcess.close(from: 3 + plan.workload.passedDescriptors, except: kept)
        case .dropBounding(let plan):
            try plan.dropBounding()
            try OwnProcess.keepCapabilities(true)
        case .setUser(let user): try become(user)
        case .setCapabilities(let plan):
            try plan.apply()
            try OwnProcess.keepCapabilities(false)
        case .renounceNewPrivileges: try OwnProcess.renounceNewPrivileges()
        case .dieWithRuntime:
            try OwnProcess.dieWithParent(signal: 9)
            // The runtime may have gone before the kernel knew of the tie: then its end of the socket is closed.
            if try Poll.isHungUp(channel) { Processes.exit(125) }
        // A step of the runtime's in the init process's list: the compiler of plans is wrong.
        default: throw .invalidArgument
        }
    }

    private func root() throws(BoxError) -> CInt { try descriptor(.root) }

    private func descriptor(_ slot: Slot) throws(BoxError) -> CInt {
        try explaining({ BoxError(.internal, "the plan has no \(slot)", errno: $0) }) { () throws(Errno) in
            try slots.get(slot)
        }
    }

    /// The old root is left by a lazy umount: nothing of it can be named afterwards.
    private func pivot() throws(Errno) {
        try OwnProcess.changeDirectory(slots.get(.root))
        try Mounts.pivotToWorkingDirectory()
        try Mounts.detach(".")
        try OwnProcess.changeDirectory("/")
    }

    private func become(_ user: User) throws(Errno) {
        try OwnProcess.setGroup(user.gid)
        let areRight = plan.workload.groupsAreDropped && user.additionalGids.isEmpty
        if !plan.workload.keepsGroups && !areRight { try OwnProcess.setGroups(user.additionalGids) }
        try OwnProcess.setUser(user.uid)
        if let umask = user.umask { OwnProcess.setUmask(umask) }
    }

    /// The runtime gets what a filter that asks somebody listens by, before anything else is called.
    private func install(_ program: SeccompProgram, _ socket: borrowing RecordSocket) throws(BoxError) {
        let refused: Errno?
        do throws(Errno) {
            if !program.listens { return try program.install() }
            refused = try program.installListening(tellingBy: InitMessage.listener.rawValue, over: socket.raw)
        } catch {
            throw BoxError(.kernel, "cannot install the seccomp filter", errno: error)
        }
        guard let refused else { return }
        throw BoxError(
            .denied, "the filter keeps its own listener from the runtime", field: "linux.seccomp.listenerPath",
            errno: refused, remedy: "allow sendmsg in the profile")
    }

    private func maskPaths(_ paths: [String]) throws(BoxError) {
        let root = try root()
        let null = try explaining({ BoxError(.kernel, "the box has no /dev/null to mask with", errno: $0) }) {
            () throws(Errno) in try RootedPath.open("/dev/null", in: root, followLinks: false)
        }
        try Masking.mask(paths, null: null.raw, in: root)
    }

    /// The directory must lie inside the root: a leaked descriptor behind /proc/self/fd must not lead out (CVE-2024-21626).
    /// Root and the user may each be kept out where the other is not: one of the two has to get there.
    private func changeDirectory(_ path: String, again: Bool) throws(BoxError) {
        let name = try explaining({ BoxError(.kernel, "cannot change to the directory \(path)", errno: $0) }) {
            () throws(Errno) in
            let isThere = try tolerating(.permissionDenied) { () throws(Errno) in
                try OwnProcess.changeDirectory(path)
            }
            let name = try OwnProcess.workingDirectory()
            if again && !isThere && name == "/" { throw .permissionDenied }
            return name
        }
        if !name.hasPrefix("/") {
            throw BoxError(.denied, "the directory \(path) lies outside the box", field: "process.cwd")
        }
    }

    /// Written through a proc of our own, never through a path of the rootfs (CVE-2019-16884 and its kin).
    private func setSysctl(_ pair: Pair) throws(BoxError) {
        let proc = try descriptor(.proc)
        var path = "sys/"
        for character in pair.name { path.append(character == "." ? "/" : character) }
        let error: (Errno) -> BoxError = { errno in
            BoxError(
                errno == .noSuchFileOrDirectory ? .unsupported : .kernel,
                "cannot set the sysctl \(pair.name) to \(pair.value)", errno: errno)
        }
        try explaining(error) { () throws(Errno) in
            let file = try File.open(path, FileFlags.writeOnly, below: proc, [.beneath, .noSymlinks, .noXdev])
            try File.writeValue(pair.value, to: file.raw)
        }
    }

    private func setLabel(_ label: ExecLabel) throws(BoxError) {
        let proc = try descriptor(.proc)
        try explaining({ BoxError(.kernel, "cannot set the security label", errno: $0) }) { () throws(Errno) in
            // The number that this proc has for the caller: it may be that of an outer pid namespace.
            let own = try File.open(
                File.readLink("self", at: proc), FileFlags.readOnly | FileFlags.directory, below: proc,
                [.beneath, .noXdev])
            try label.write(below: own.raw)
        }
    }

    private func setLimit(_ limit: ResourceLimit, _ name: String) throws(BoxError) {
        do throws(Errno) {
            try OwnProcess.setLimit(limit.resource, soft: limit.soft, hard: limit.hard)
        } catch {
            throw BoxError(
                .kernel, "cannot set \(name) to \(limit.soft):\(limit.hard)", errno: error,
                remedy: error == .notPermitted
                    ? "raising a hard limit needs CAP_SYS_RESOURCE outside a user namespace; ask for no more than ulimit -H shows"
                    : nil)
        }
    }

    /// DEVPTS_SUPER_MAGIC
    private static var devpts: UInt32 { 0x1cd1 }

    /// A pty of the box's own devpts: the master goes to the runtime, the slave becomes the standard streams and,
    /// by descriptor, /dev/console (CVE-2025-52565).
    private func openTerminal(
        _ size: ConsoleSize?, owner: UInt32, isConsole: Bool, _ socket: borrowing RecordSocket
    ) throws(BoxError) {
        let root = try root()
        let failure: (Errno) -> BoxError = { BoxError(.kernel, "cannot open the terminal", errno: $0) }
        do throws(Errno) {
            let master = try RootedPath.open(
                "/dev/pts/ptmx", in: root, FileFlags.readWrite | FileFlags.noControllingTerminal, followLinks: false)
            if try File.fileSystemType(master.raw) != Self.devpts { throw .operationNotSupportedByDevice }
            let slave = try Terminal.openPeer(of: master.raw)
            // The group is the devpts mount's affair: its gid= says which, and the box may have no such group.
            try File.changeOwner(uid: owner, gid: UInt32.max, at: slave.raw)
            // What the runtime passes on to a file or a pipe is no terminal's any more. Elsewhere the line discipline is the
            // affair of who has the master.
            if !plan.isDetached && !Terminal.isTerminal(1) { try Terminal.keepNewlines(slave.raw) }
            if let size { try Terminal.setSize(slave.raw, rows: size.height, columns: size.width) }
            try Terminal.takeControl(slave.raw)
            if isConsole {
                let console = try RootedPath.openOrMake("/dev/console", in: root, as: .file, followLinks: false)
                let tree = try Mounts.cloneTree("", at: slave.raw, recursive: false)
                try Mounts.attach(tree.raw, onto: console.raw)
            }
            for stream in CInt(0)...2 { try OwnProcess.install(slave.raw, as: stream) }
            try socket.send([1], descriptor: master.raw)
        } catch {
            throw failure(error)
        }
    }
}
