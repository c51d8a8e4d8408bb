internal import BoxCgroup
public import BoxOCI
internal import BoxSecurity
internal import BoxSystem

extension Compiler {
    /// The plan of a process that joins a box: `spec` is the box's, with the process to be started. Pure, as `compile` is.
    ///
    /// The runtime joins the pid namespace before the clone and the child all others, by one pidfd of the box's init.
    public static func compileExec(
        _ spec: Spec, _ request: ExecRequest, in box: BoxFacts, at place: BoxPlace, host: HostFacts
    ) throws(BoxError) -> LaunchPlan {
        try compileExec(spec, request, in: box, at: place, host: host, filter: SeccompCompiler.compile)
    }

    static func compileExec(
        _ spec: Spec, _ request: ExecRequest, in box: BoxFacts, at place: BoxPlace, host: HostFacts,
        filter: @escaping (Seccomp) throws(BoxError) -> SeccompProgram
    ) throws(BoxError) -> LaunchPlan {
        guard let process = spec.process else { throw BoxError(.internal, "there is no process to start") }
        try process.validate()
        try request.check(process)
        var compiler = Compiler(
            spec: spec, place: place, host: host,
            plan: LaunchPlan(id: place.id, bundle: place.bundle, spec: spec), filter: filter)
        compiler.knownFilter = box.filter
        try compiler.checkUser(process.user, box)
        try compiler.addJoining(request, box)
        compiler.plan.workload.ownsProcesses = false
        compiler.plan.workload.keepsGroups = box.groupsAreFixed
        if process.terminal {
            compiler.plan.workload.terminal = true
            compiler.initialise(
                .openTerminal(process.consoleSize, owner: process.user.uid, isConsole: false),
                "standard streams are a terminal of the box", "process.terminal")
        }
        try compiler.addPersonality()
        try compiler.addProcess()
        if request.isDetached { compiler.plan.initialise.removeAll { $0.action == .dieWithRuntime } }
        return compiler.plan
    }

    private mutating func addJoining(_ request: ExecRequest, _ box: BoxFacts) throws(BoxError) {
        let affinity = spec.process?.execCPUAffinity
        if let processors = try ProcessAttributes.processors(
            affinity?.initial, field: "process.execCPUAffinity.initial")
        {
            prepare(.setAffinity(processors), "until it is in the box's cgroup", "process.execCPUAffinity.initial")
        }
        // It stays so from the clone to execve(2): CVE-2016-9962.
        prepare(.becomeUndumpable, "nobody in the box may trace what is not yet the workload")
        prepare(.openBox(pid: box.pid, start: box.processStart), "a pid that was given out again is another process")
        if let path = try cgroupToJoin(request, box) {
            prepare(.openCgroup(path), "born under the box's limits", request.cgroup == nil ? nil : "--cgroup")
        }
        let process = spec.process
        if process?.apparmorProfile?.isEmpty == false || process?.selinuxLabel?.isEmpty == false {
            // The box may have put anything in the place of its own (CVE-2019-16884).
            prepare(.openProc, "writes to /proc never go through a path of the box")
        }
        if box.namespaces.contains(.pid) {
            prepare(.joinBox(.pid), "children are born there, the runtime stays")
        }
        if let wanted = spec.linux.intelRdt {
            let group = ResctrlGroup(wanted, id: place.id)
            attend(.joinResctrlGroup(group), "shares cache and memory bandwidth with the box", "linux.intelRdt")
        }
        if let score = process?.oomScoreAdj {
            attend(.adjustOOMScore(score), "set by the runtime, which may lower it", "process.oomScoreAdj")
        }
        let others = box.namespaces.subtracting([.pid, .user])
        if !others.isEmpty { initialise(.joinBox(others), "all at once, as the box's init has them") }
        if box.namespaces.contains(.user) {
            // Last: not all the others need belong to it.
            initialise(.joinBox(.user), "the box's root is not the host's")
            initialise(.becomeBoxRoot, "set-up runs as the box's root")
        }
        initialise(.openRoot, "files of the box are looked up below it")
        if let processors = try ProcessAttributes.processors(affinity?.final, field: "process.execCPUAffinity.final") {
            initialise(.setAffinity(processors), "from the box's cgroup on", "process.execCPUAffinity.final")
        }
        initialise(.startSession, "signals of the caller's terminal reach the process only through the runtime")
        if !box.sharesKeyring { initialise(.joinSessionKeyring, "the caller's keys stay out of the box") }
    }

    /// Where the init process is by now: a cgroup that has children with controllers takes no process any more.
    private func cgroupToJoin(_ request: ExecRequest, _ box: BoxFacts) throws(BoxError) -> String? {
        guard let sub = request.cgroup else { return box.currentCgroup ?? box.cgroup }
        guard let cgroup = box.cgroup else {
            throw BoxError(.unsupported, "the box has no cgroup of its own", field: "--cgroup", found: sub)
        }
        let parts = sub.split(separator: "/").filter { $0 != "." }
        if parts.contains("..") || sub.utf8.contains(0) || sub.contains(":") {
            throw BoxError(
                .invalidSpec, "must be the path of a cgroup below the box's, without ..", field: "--cgroup", found: sub)
        }
        return ([cgroup] + parts.map(String.init)).joined(separator: "/")
    }

    private func checkUser(_ user: User, _ box: BoxFacts) throws(BoxError) {
        if box.groupsAreFixed && !user.additionalGids.isEmpty {
            throw BoxError(
                .unsupported, "a box of one id can have no further groups", field: "process.user.additionalGids")
        }
        if !box.namespaces.contains(.user) { return }
        try checkMapped(user.uid, spec.linux.uidMappings, "process.user.uid")
        for gid in [user.gid] + user.additionalGids { try checkMapped(gid, spec.linux.gidMappings, "process.user.gid") }
    }

    /// A user namespace that was joined by path has its maps from elsewhere.
    private func checkMapped(_ id: UInt32, _ mappings: [IDMapping], _ field: String) throws(BoxError) {
        let isMapped = mappings.contains { id >= $0.containerID && id - $0.containerID < $0.size }
        if mappings.isEmpty || isMapped { return }
        throw BoxError(.invalidSpec, "the box's user namespace has no id \(id)", field: field)
    }
}
