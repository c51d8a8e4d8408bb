public import BoxOCI

/// Turns the flags of `swiftbox run` into a spec: pure but for the closures of `context`.
///
/// - Throws: what is wrong with which flag, and what would be accepted.
public func compile(_ options: RunOptions, context: SpecContext) throws(BoxError) -> Spec {
    var spec = Spec()
    spec.box.bestEffort = options.bestEffort
    try options.applyRoot(to: &spec, context)
    try options.applyNamespaces(to: &spec, context)
    try options.applyIdentity(to: &spec, context)
    try options.applyMounts(to: &spec, context)
    try options.applyMemory(to: &spec)
    try options.applyCPU(to: &spec)
    try options.applyBlockIO(to: &spec, context)
    try options.applyLimits(to: &spec)
    try options.applyProcess(to: &spec, context)
    // Nobody but root makes device nodes; what there is of them, the host's modes guard.
    if context.ownIDs != nil { spec.linux.resources.devices = [] }
    try options.applyCopyOut(to: &spec, context)
    try options.applyEnd(to: &spec)
    do {
        try spec.validate()
    } catch {
        throw spec.box.namingFlag(error)
    }
    return spec
}

/// The spec of other options, which are those of `spec` but for the command, the entrypoint and the environment.
///
/// - Throws: as `compile` does.
public func compile(_ options: RunOptions, like spec: Spec, context: SpecContext) throws(BoxError) -> Spec {
    var spec = spec
    let home = try options.resolveUser(context).home
    spec.process?.args = try options.arguments()
    spec.process?.env = try options.environment(home: home, context)
    do {
        try spec.validate()
    } catch {
        throw spec.box.namingFlag(error)
    }
    return spec
}

extension RunOptions {
    func applyMounts(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        let shm = try Size.bytes(shmSize ?? "64m", atLeast: 4096, flag: "--shm-size")
        var defaults = DefaultBox.mounts(
            groups: mappedIDs(spec, context) ?? .max, ownNetwork: try ownNetwork(), shmSize: shm,
            privileged: privileged)
        if usesHostRoot { defaults += DefaultBox.hostRootMounts }
        try placeMounts(defaults, to: &spec, context)
    }

    func applyProcess(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        var process = Process()
        process.args = try arguments()
        process.terminal = tty
        if tty { spec.record("--tty", "process.terminal") }
        process.cwd = workdir ?? "/"
        if let workdir {
            guard workdir.hasPrefix("/") else {
                throw refusal("--workdir", workdir, "must be an absolute path in the box")
            }
            spec.record("--workdir \(workdir)", "process.cwd")
        }
        let resolved = try resolveUser(context)
        try checkMapped(resolved.user, spec, context)
        process.user = resolved.user
        if let user { spec.record("--user \(user)", "process.user") }
        process.env = try environment(home: resolved.home, context)
        try applyKernelLimits(to: &spec, &process)
        try applySecurity(to: &spec, &process, context)
        spec.box.initProcess = initProcess
        spec.process = process
    }

    fileprivate func arguments() throws(BoxError) -> [String] {
        if let entrypoint, entrypoint.isEmpty { throw refusal("--entrypoint", "", "must be a command") }
        let arguments = (entrypoint.map { [$0] + entrypointArguments } ?? []) + command
        guard let first = arguments.first, !first.isEmpty else {
            throw BoxError(
                .invalidSpec, "no COMMAND to run is given", field: "COMMAND",
                remedy: "swiftbox run -it bash")
        }
        return arguments
    }
}
