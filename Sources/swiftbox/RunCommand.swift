internal import ArgumentParser
internal import BoxOCI
internal import BoxRuntime
internal import BoxSpec
internal import BoxSystem

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a command in a new box, in the foreground.",
        usage: "swiftbox run [FLAGS] [--] COMMAND [ARGUMENTS]\nswiftbox run --bundle DIR [FLAGS]",
        discussion: """
            Without --rootfs or --bundle the box sees the host's own root: it can read it, writes go to a layer that \
            is thrown away, and secrets are hidden.

            Flags of swiftbox stand before COMMAND; what follows belongs to it. Sizes are numbers and one of b, k, \
            m, g, t (powers of 1024). The exit status is the command's, or 128+n after signal n; 125: swiftbox \
            failed, 126: COMMAND cannot be executed, 127: it was not found.

            EXAMPLES:
              A shell that can break nothing:
                swiftbox run -it bash
              A directory of yours, read-only:
                swiftbox run -v .:/src:ro -w /src make check
              Limits:
                swiftbox run -m 512m --cpus 1.5 --pids-limit 64 ./work
              Another root, unchanged afterwards:
                swiftbox run --rootfs /srv/debian -it bash
              Layers, and the changes kept:
                swiftbox run --rootfs app --layer debian --upper changes server
              As few rights as possible:
                swiftbox run --read-only --tmpfs /data --cap-drop ALL -u 1000 id
              More rights, each by its name:
                swiftbox run --network host --device /dev/fuse -e TOKEN ./tool
              An OCI bundle:
                swiftbox run --bundle ./bundle --name web
            """)

    @OptionGroup(title: "Root file system") var rootFlags: RootFlags
    @OptionGroup(title: "Files and devices") var mountFlags: MountFlags
    @OptionGroup(title: "The command") var processFlags: ProcessFlags
    @OptionGroup(title: "The box") var boxFlags: BoxFlags
    @OptionGroup(title: "Memory") var memoryFlags: MemoryFlags
    @OptionGroup(title: "Processors") var cpuFlags: CPUFlags
    @OptionGroup(title: "Other limits") var limitFlags: OtherLimitFlags
    @OptionGroup(title: "Security") var securityFlags: SecurityFlags

    @Argument(parsing: .captureForPassthrough, help: .init("What to run, and its arguments.", valueName: "command"))
    var words: [String] = []

    /// Everything that was typed.
    func options() throws -> RunOptions {
        var options = RunOptions()
        rootFlags.fill(&options)
        mountFlags.fill(&options)
        processFlags.fill(&options)
        boxFlags.fill(&options)
        memoryFlags.fill(&options)
        cpuFlags.fill(&options)
        limitFlags.fill(&options)
        securityFlags.fill(&options)
        options.command = try CommandWords.command(words)
        return options
    }

    /// Starts the box and stays with it; the exit status of the workload.
    func runBox() throws -> Int32 {
        let options = try options()
        let id = try boxFlags.name.map { (name) throws(BoxError) in try BoxID.check(name) } ?? Self.randomID()
        let context = try SpecContext.ofHost(id: id, options: options)
        var request = try rootFlags.bundle.map { try bundled($0, options, context) } ?? compiled(options, context)
        request.pidFile = boxFlags.pidfile.map(context.absolute)
        request.cidFile = boxFlags.cidfile.map(context.absolute)
        request.warn = Report.warning
        do {
            return try runForeground(request)
        } catch {
            throw request.spec.box.namingFlag(error)
        }
    }

    private func compiled(_ options: RunOptions, _ context: SpecContext) throws -> LaunchRequest {
        if options.command.isEmpty && options.entrypoint == nil && words.isEmpty && CommandLine.arguments.count == 2 {
            throw CleanExit.helpRequest(Self.self)
        }
        var request = LaunchRequest(
            spec: try compile(options, context: context), id: context.id, bundle: context.workingDirectory,
            stateRoot: try stateRoot(context))
        request.attachStdin = options.interactive
        return request
    }

    /// config.json as it stands; standard input is the workload's, as it is with every runtime of bundles.
    private func bundled(
        _ directory: String, _ options: RunOptions, _ context: SpecContext
    ) throws(BoxError) -> LaunchRequest {
        if let flag = options.shapingFlags.first {
            throw BoxError(
                .invalidSpec, "\(flag) cannot be used with --bundle: a bundle is run as its config.json says",
                field: flag, remedy: "change \(directory)/config.json, or use --rootfs \(directory)/rootfs")
        }
        let bundle = context.absolute(directory)
        var spec = try ConfigFile.read(bundle + "/config.json")
        if options.bestEffort { spec.box.bestEffort = true }
        return LaunchRequest(spec: spec, id: context.id, bundle: bundle, stateRoot: try stateRoot(context))
    }

    private static func randomID() throws(BoxError) -> String {
        try explaining({ BoxError(.kernel, "cannot get random numbers for a name", errno: $0) }) {
            () throws(Errno) in BoxID.random(from: try Kernel.randomBytes(6))
        }
    }

    private func stateRoot(_ context: SpecContext) throws(BoxError) -> String {
        if let root = boxFlags.root { return context.absolute(root) }
        if context.callerUID == 0 { return "/run/swiftbox/runtime" }
        guard let runtime = context.callerEnvironment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") else {
            throw BoxError(
                .notFound, "no directory for the state of boxes: XDG_RUNTIME_DIR is not set", field: "--root",
                remedy: "--root DIR")
        }
        return runtime + "/swiftbox/runtime"
    }
}
