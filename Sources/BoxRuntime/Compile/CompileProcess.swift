internal import BoxDocument
internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

extension Compiler {
    /// Names, network and sysctls of the new namespaces.
    mutating func addHostSettings() throws(BoxError) {
        if let name = spec.hostname, !name.isEmpty {
            initialise(.setHostname(name), "asked for by hostname", "hostname")
        }
        if let name = spec.domainname, !name.isEmpty {
            initialise(.setDomainname(name), "asked for by domainname", "domainname")
        }
        if makes(.network) {
            initialise(.bringLoopbackUp, "programs expect 127.0.0.1 even where there is no other network")
        }
        for pair in spec.linux.sysctl {
            initialise(.setSysctl(pair), "asked for by linux.sysctl", "linux.sysctl.\(pair.name)")
        }
        try addPersonality()
    }

    mutating func addPersonality() throws(BoxError) {
        guard let personality = spec.linux.personality else { return }
        let value = try ProcessAttributes.personality(personality)
        initialise(.setPersonality(value), "asked for by linux.personality", "linux.personality")
    }

    /// Who the workload is and what it may do; in the order that keeps the rights for each next step.
    mutating func addProcess() throws(BoxError) {
        guard let process = spec.process else { return }
        plan.workload.arguments = process.args
        addEnvironment(process)
        plan.workload.initProcess = spec.box.initProcess
        try addAttributes(process)
        // With root's rights, as the user may have no way there.
        initialise(.changeDirectory(process.cwd, again: false), "the workload starts here", "process.cwd")
        // Closing on exec would be too late: execve(2) looks the program up first (CVE-2024-21626). And a filter may
        // forbid close_range(2).
        initialise(.closeDescriptors, "no path of the workload may lead out through /proc/self/fd")
        if place.isDetached {
            initialise(.findProgram, "what cannot be started should not be created", "process.args[0]")
            initialise(.awaitStart, "the box is created; `start` runs its workload")
        }
        let filter = try seccompFilter(process)
        if let filter, filter.listens, !place.isDetached, let path = spec.linux.seccomp?.listenerPath {
            attend(.connectAgent(path), "is asked about calls of the filter", "linux.seccomp.listenerPath")
        }
        // Without no_new_privs the kernel takes a filter only from who has CAP_SYS_ADMIN: before it is dropped.
        if let filter, !process.noNewPrivileges {
            initialise(.installFilter(filter), "syscalls are filtered", "linux.seccomp")
        }
        try addRights(process)
        initialise(.changeDirectory(process.cwd, again: true), "and stays inside of the box", "process.cwd")
        if process.noNewPrivileges {
            initialise(.renounceNewPrivileges, "set-id programs give no rights", "process.noNewPrivileges")
        }
        // Cleared by a change of user, so it comes after.
        if !place.isDetached { initialise(.dieWithRuntime, "the box does not outlive its runtime") }
        if let filter, process.noNewPrivileges {
            initialise(.installFilter(filter), "syscalls are filtered", "linux.seccomp")
        }
        addStartHooks()
        if place.awaitsCommand { initialise(.awaitCommand, "the box is there before anybody asks for it") }
    }

    /// Of two equal names the last one counts, and there is always a HOME.
    private mutating func addEnvironment(_ process: Process) {
        let (kept, hasHome) = Self.environment(process.env)
        plan.workload.environment = kept
        if hasHome { return }
        initialise(.findHome(user: process.user.uid), "HOME is empty or missing", "process.env")
    }

    /// As the workload gets it, and whether it says where its home is.
    static func environment(_ variables: [String]) -> (kept: [String], hasHome: Bool) {
        let kept = withoutRepeated(variables).filter { $0 != "HOME=" }
        return (kept, kept.contains { $0.hasPrefix("HOME=") })
    }

    private static func withoutRepeated(_ variables: [String]) -> [String] {
        let sign = UInt8(ascii: "=")
        // Hardly ever is there one.
        if Duplicates.first(of: variables.count, before: sign, { variables[$0] }) == nil { return variables }
        var seen: Set<String> = []
        return variables.reversed().filter { seen.insert(Duplicates.key($0, sign)).inserted }.reversed()
    }

    private mutating func addAttributes(_ process: Process) throws(BoxError) {
        if let label = try ExecLabel.plan(process, host.securityModules) {
            initialise(.setExecLabel(label), "confined from execve on", "process.apparmorProfile")
        }
        if let scheduler = process.scheduler {
            let attributes = try ProcessAttributes.scheduler(scheduler)
            initialise(.setScheduler(attributes), "asked for by process.scheduler", "process.scheduler")
        }
        if let priority = process.ioPriority {
            let value = try ProcessAttributes.ioPriority(priority)
            initialise(.setIOPriority(value), "asked for by process.ioPriority", "process.ioPriority")
        }
        if let policy = spec.linux.memoryPolicy {
            let attributes = try ProcessAttributes.memoryPolicy(policy)
            initialise(.setMemoryPolicy(attributes), "asked for by linux.memoryPolicy", "linux.memoryPolicy")
        }
        for (index, limit) in try ProcessAttributes.resourceLimits(process.rlimits).enumerated() {
            let name = process.rlimits[index].type
            initialise(.setLimit(limit, name: name), "asked for by process.rlimits", "process.rlimits[\(index)]")
        }
    }

    private mutating func addRights(_ process: Process) throws(BoxError) {
        let sets = process.capabilities ?? CapabilitySets()
        let capabilities = try CapabilityPlan(sets)
        for name in capabilities.unknown {
            warn("process.capabilities: this kernel does not know \(name): left out")
        }
        if !capabilities.ineffective.isEmpty {
            let names = capabilities.ineffective.joined(separator: ", ")
            warn("process.capabilities.ambient: left out, as the inheritable set lacks them: \(names)")
        }
        initialise(.dropBounding(capabilities), "no program of the box can gain more", "process.capabilities.bounding")
        initialise(.setUser(process.user), "the workload's user and groups", "process.user")
        initialise(.setCapabilities(capabilities), "exactly the rights asked for", "process.capabilities")
    }

    private mutating func seccompFilter(_ process: Process) throws(BoxError) -> SeccompProgram? {
        let program: SeccompProgram
        if let knownFilter {
            program = knownFilter
        } else if let profile = spec.linux.seccomp {
            program = try filter(profile)
        } else {
            return nil
        }
        plan.keptFilter = program.listens ? nil : program.keptAs
        if !program.unknownSyscalls.isEmpty {
            let names = program.unknownSyscalls.joined(separator: ", ")
            warn("linux.seccomp.syscalls: unknown on this machine, no rule made: \(names)")
        }
        return program
    }
}
