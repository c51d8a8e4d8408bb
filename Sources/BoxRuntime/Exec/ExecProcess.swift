internal import BoxOCI
internal import BoxSecurity

/// The process that `exec` starts. Pure: the box's spec, a process file and the flags in, a spec out.
extension ExecRequest {
    /// The box's spec with the process to be started in the place of its own, and what was typed for which field.
    ///
    /// Where a process file leaves out rights and limits, the box's hold; no_new_privs of the box cannot be undone.
    func spec(for box: Spec, file: Process?, accounts: Accounts) throws(BoxError) -> Spec {
        let own = box.process ?? Process()
        var process = file.map { $0.completed(from: own) } ?? own.withoutTerminal
        var flags: [Pair] = []
        if !command.isEmpty {
            process.args = command
        } else if file == nil {
            throw BoxError(
                .invalidSpec, "exec needs a command, or a process file", field: "COMMAND",
                remedy: "swiftbox-runtime exec ID COMMAND, or --process FILE ID")
        }
        if let cwd {
            process.cwd = cwd
            flags.append(Pair("process.cwd", "--cwd \(cwd)"))
        }
        process.terminal = process.terminal || terminal
        process.noNewPrivileges = process.noNewPrivileges || noNewPrivileges
        try setUser(&process, accounts, &flags)
        try setEnvironment(&process, own, accounts)
        try addCapabilities(&process)
        if let processLabel {
            process.selinuxLabel = processLabel
            flags.append(Pair("process.selinuxLabel", "--process-label \(processLabel)"))
        }
        if let appArmorProfile {
            process.apparmorProfile = appArmorProfile
            flags.append(Pair("process.apparmorProfile", "--apparmor \(appArmorProfile)"))
        }
        var spec = box
        spec.process = process
        // They belong to the box's own life and to its own process.
        spec.hooks = Hooks()
        spec.box.flags = flags
        spec.box.initProcess = false
        return spec
    }

    private func setUser(_ process: inout Process, _ accounts: Accounts, _ flags: inout [Pair]) throws(BoxError) {
        if let user {
            let umask = process.user.umask
            process.user = try accounts.resolve(user) { refusal("--user", user, $0, $1, remedy: $2) }.user
            process.user.umask = umask
            flags.append(Pair("process.user", "--user \(user)"))
        }
        for group in additionalGroups {
            let gid = try accounts.groupID(group) { refusal("--additional-gids", group, $0, $1, remedy: $2) }
            if !process.user.additionalGids.contains(gid) { process.user.additionalGids.append(gid) }
            flags.append(Pair("process.user.additionalGids", "--additional-gids \(group)"))
        }
    }

    /// A HOME that only says where the box's own user is at home is not another user's: the plan finds that. What a
    /// service manager told the box's own process is for that alone.
    private func setEnvironment(_ process: inout Process, _ own: Process, _ accounts: Accounts) throws(BoxError) {
        if processFile == nil {
            let isAnother = process.user.uid != own.user.uid
            let derived = isAnother ? "HOME=" + accounts.home(uid: own.user.uid) : nil
            process.env.removeAll { $0 == derived || SocketActivation.isVariable($0) }
        }
        for variable in environment {
            guard let sign = variable.firstIndex(of: "="), sign != variable.startIndex else {
                // Without a name it may be a secret: it is not shown.
                throw BoxError(.invalidSpec, "a variable must be NAME=VALUE", field: "--env")
            }
            process.env.append(variable)
        }
    }

    /// A user who is not root would lose at execve(2) what is not ambient, and ambient has to be inheritable. For root
    /// the inheritable set stays as it is (CVE-2022-29162).
    private func addCapabilities(_ process: inout Process) throws(BoxError) {
        if capabilities.isEmpty { return }
        var sets = process.capabilities ?? CapabilitySets()
        for name in capabilities {
            guard let capability = CapabilitySet(name: name) else {
                throw refusal("--cap", name, "no capability of this name is known", .invalidSpec, remedy: nil)
            }
            let names = capability.names
            sets.bounding += names
            sets.effective += names
            sets.permitted += names
            if process.user.uid == 0 { continue }
            sets.inheritable += names
            sets.ambient += names
        }
        process.capabilities = sets
    }

    private func refusal(
        _ flag: String, _ value: String, _ problem: String, _ kind: BoxError.Kind, remedy: String?
    ) -> BoxError {
        BoxError(kind, "\(flag) \(value.isEmpty ? "''" : value): \(problem)", field: flag, remedy: remedy)
    }
}

extension Process {
    /// The terminal is that of the box's own process.
    fileprivate var withoutTerminal: Process {
        var process = self
        process.terminal = false
        process.consoleSize = nil
        return process
    }

    /// What a process file may leave to the box.
    fileprivate func completed(from own: Process) -> Process {
        var process = self
        process.capabilities = capabilities ?? own.capabilities
        process.apparmorProfile = apparmorProfile ?? own.apparmorProfile
        process.selinuxLabel = selinuxLabel ?? own.selinuxLabel
        process.rlimits = rlimits.isEmpty ? own.rlimits : rlimits
        process.oomScoreAdj = oomScoreAdj ?? own.oomScoreAdj
        process.scheduler = scheduler ?? own.scheduler
        process.ioPriority = ioPriority ?? own.ioPriority
        process.execCPUAffinity = execCPUAffinity ?? own.execCPUAffinity
        process.noNewPrivileges = noNewPrivileges || own.noNewPrivileges
        return process
    }
}
