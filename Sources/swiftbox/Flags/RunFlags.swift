internal import ArgumentParser
internal import BoxOCI
internal import BoxRuntime
internal import BoxSpec
internal import BoxSystem

/// All flags of `run`, and what they ask for: the commands that describe a box share it.
struct RunFlags: ParsableArguments {
    @OptionGroup(title: "Root file system") var rootFlags: RootFlags
    @OptionGroup(title: "Files and devices") var mountFlags: MountFlags
    @OptionGroup(title: "The command") var processFlags: ProcessFlags
    @OptionGroup(title: "The box") var boxFlags: BoxFlags
    @OptionGroup(title: "Memory") var memoryFlags: MemoryFlags
    @OptionGroup(title: "Processors") var cpuFlags: CPUFlags
    @OptionGroup(title: "Other limits") var limitFlags: OtherLimitFlags
    @OptionGroup(title: "Security") var securityFlags: SecurityFlags
    @OptionGroup(title: "Its end") var endFlags: EndFlags
    @OptionGroup(title: "With the daemon") var daemonFlags: DaemonFlags
    @OptionGroup(title: "Attaching") var runDaemonFlags: RunDaemonFlags

    @Argument(parsing: .captureForPassthrough, help: .init("What to run, and its arguments.", valueName: "command"))
    var words: [String] = []

    /// The box that was asked for, and what becomes of what is said about it; `help` is shown for `--help` behind other
    /// flags. With `reporting`, the report is opened, and told of whatever goes wrong from there on.
    func request(help: any ParsableCommand.Type, reporting: Bool = false) throws -> LaunchRequest {
        let flags = try options(help: help)
        if let flag = daemonFlags.options.givenFlags.first ?? runDaemonFlags.reason, !reporting {
            throw BoxError(
                .unsupported, "\(flag) cannot be used here: it is for the daemon", field: flag,
                remedy: "swiftbox run or create")
        }
        guard let path = rootFlags.file else { return try begin(flags, help, reporting) }
        var file = try SpecText.read(path)
        if !file.daemonKeys.isEmpty { file.refuseDaemonKeys() }
        do {
            var request = try begin(file.options.overridden(by: flags), help, reporting, problems: file.problems)
            let naming = request.naming
            request.naming = { file.locating(naming($0)) }
            return request
        } catch let error as BoxError {
            throw file.locating(error)
        }
    }

    private func begin(
        _ options: RunOptions, _ help: any ParsableCommand.Type, _ reporting: Bool, problems: [BoxError] = []
    ) throws -> LaunchRequest {
        try MessageLog.open(options.log, quiet: options.quiet)
        var report: ExitReport?
        if reporting, let text = options.report { report = try Self.report(text) }
        do {
            if !problems.isEmpty { throw SpecProblems(problems) }
            let times = try reporting ? boxFlags.traceTiming.map(Self.wholePath).map(StepTimes.init) : nil
            var request = try request(options, help)
            request.times = times
            if reporting { try Self.makeStateRoot(request.stateRoot) }
            request.report = report
            report?.id = request.id
            return request
        } catch let error as BoxError {
            try report?.write(error: error)
            throw error
        } catch let all as SpecProblems {
            try report?.write(error: all.errors.first)
            throw all
        }
    }

    private static func report(_ text: String) throws(BoxError) -> ExitReport {
        if text == "-" {
            throw BoxError(
                .invalidSpec, "--report -: standard output is the workload's", field: "--report",
                remedy: "a file, or a descriptor: --report fd:3 3>report.json")
        }
        return try ExitReport(try ReportFile(wholePath(text)))
    }

    private static func wholePath(_ text: String) throws(BoxError) -> String {
        if text.hasPrefix("/") || text.hasPrefix("fd:") { return text }
        return try explaining({ BoxError(.kernel, "cannot tell the working directory", errno: $0) }) {
            () throws(Errno) in try OwnProcess.workingDirectory() + "/" + text
        }
    }

    private func request(_ options: RunOptions, _ help: any ParsableCommand.Type) throws -> LaunchRequest {
        if let name = options.name { try BoxName.check(name, field: "--name") }
        let id = try options.name ?? Self.randomID()
        let context = try SpecContext.ofHost(id: id, options: options)
        var request: LaunchRequest
        if let bundle = options.bundle {
            request = try Self.bundled(bundle, options, context, root: boxFlags.root)
        } else {
            request = try compiled(options, context, help)
        }
        request.pidFile = boxFlags.pidfile.map(context.absolute)
        request.pidFileFlag = "--pidfile"
        request.cidFile = boxFlags.cidfile.map(context.absolute)
        if !options.quiet { request.warn = Report.warning }
        return request
    }

    /// Everything that was typed.
    func options(help: any ParsableCommand.Type) throws -> RunOptions {
        var options = RunOptions()
        rootFlags.fill(&options)
        mountFlags.fill(&options)
        processFlags.fill(&options)
        boxFlags.fill(&options)
        memoryFlags.fill(&options)
        cpuFlags.fill(&options)
        limitFlags.fill(&options)
        securityFlags.fill(&options)
        endFlags.fill(&options)
        options.command = try CommandWords.command(words, help: help)
        return options
    }

    private func compiled(
        _ options: RunOptions, _ context: SpecContext, _ help: any ParsableCommand.Type
    ) throws -> LaunchRequest {
        if options.command.isEmpty && options.entrypoint == nil && words.isEmpty && CommandLine.arguments.count == 2 {
            throw CleanExit.helpRequest(help)
        }
        var request = LaunchRequest(
            spec: try compile(options, context: context), id: context.id, bundle: context.workingDirectory,
            stateRoot: try Self.stateRoot(context, boxFlags.root))
        request.attachStdin = options.interactive
        return request
    }

    /// config.json as it stands; standard input is the workload's, as it is with every runtime of bundles.
    static func bundled(
        _ directory: String, _ options: RunOptions, _ context: SpecContext, root: String?
    ) throws(BoxError) -> LaunchRequest {
        if let flag = options.shapingFlags.first {
            throw BoxError(
                .invalidSpec, "\(flag) cannot be used with --bundle: a bundle is run as its config.json says",
                field: flag, remedy: "change \(directory)/config.json, or use --rootfs \(directory)/rootfs")
        }
        let bundle = context.absolute(directory)
        var spec = try ConfigFile.read(bundle + "/config.json")
        if options.bestEffort { spec.box.bestEffort = true }
        try options.applyCopyOut(to: &spec, context)
        try options.applyEnd(to: &spec)
        return LaunchRequest(spec: spec, id: context.id, bundle: bundle, stateRoot: try stateRoot(context, root))
    }

    static func randomID() throws(BoxError) -> String {
        try explaining({ BoxError(.kernel, "cannot get random numbers for a name", errno: $0) }) {
            () throws(Errno) in BoxID.random(from: try Kernel.randomBytes(6))
        }
    }

    private static func stateRoot(_ context: SpecContext, _ root: String?) throws(BoxError) -> String {
        if let root { return context.absolute(root) }
        if context.callerUID == 0 && context.ownIDs == nil { return "/run/swiftbox/runtime" }
        if let runtime = context.callerEnvironment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            return runtime + "/swiftbox/runtime"
        }
        return try explaining({ BoxError(.kernel, "cannot tell the caller's id", errno: $0) }) { () throws(Errno) in
            try UserDirectory.path() + "/runtime"
        }
    }

    /// The directory that stands in for XDG_RUNTIME_DIR is made by a run alone.
    static func makeStateRoot(_ root: String) throws(BoxError) {
        let failure: (Errno) -> BoxError = {
            BoxError(
                .kernel, "cannot use \(root) for the state of boxes", field: "--root", errno: $0, remedy: "--root DIR")
        }
        try explaining(failure) { () throws(Errno) in
            if try root == UserDirectory.path() + "/runtime" { try UserDirectory.make() }
        }
    }
}
