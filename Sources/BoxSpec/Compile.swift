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
            groups: context.callerUID == 0 ? mappedIDs(spec) ?? .max : 1, ownNetwork: try ownNetwork(), shmSize: shm,
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
            spec.record("--workdir", "process.cwd")
        }
        let resolved = try resolveUser(context)
        try checkMapped(resolved.user, spec)
        process.user = resolved.user
        if user != nil { spec.record("--user", "process.user") }
        process.env = try environment(home: resolved.home, context)
        try applyKernelLimits(to: &spec, &process)
        try applySecurity(to: &spec, &process, context)
        spec.box.initProcess = initProcess
        spec.process = process
    }

    private func arguments() throws(BoxError) -> [String] {
        if let entrypoint, entrypoint.isEmpty { throw refusal("--entrypoint", "", "must be a command") }
        let arguments = (entrypoint.map { [$0] } ?? []) + command
        guard let first = arguments.first, !first.isEmpty else {
            throw BoxError(
                .invalidSpec, "no COMMAND to run is given", field: "COMMAND",
                remedy: "swiftbox run -it bash")
        }
        return arguments
    }
}

extension BoxExtension {
    /// The flag behind a field, or behind the nearest thing that holds it: `mounts[3]` for `mounts[3].source`.
    public func flag(for field: String) -> String? {
        let candidates = flags.filter { pair in
            guard field.hasPrefix(pair.name) else { return false }
            let next = field.dropFirst(pair.name.count).first
            return next == nil || next == "." || next == "["
        }
        return candidates.max { $0.name.utf8.count < $1.name.utf8.count }?.value
    }

    /// The error in the words of who typed the flag.
    public func namingFlag(_ error: BoxError) -> BoxError {
        guard let field = error.field, let flag = flag(for: field) else { return error }
        var named = error
        named.field = flag
        return named
    }
}
