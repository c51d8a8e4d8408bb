internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSpec
internal import BoxSystem

extension TypedRun {
    /// The box that was asked for, and what becomes of what is said about it. With `reporting`, the report is opened, and
    /// told of whatever goes wrong from there on.
    func request(reporting: Bool = false) throws -> LaunchRequest {
        if let flag = daemonReason, !reporting {
            throw BoxError(
                .unsupported, "\(flag) cannot be used here: it is for the daemon", field: flag,
                remedy: "swiftbox run or create")
        }
        guard let path = file else { return try begin(options, reporting) }
        var file = try SpecText.read(path)
        if !file.daemonKeys.isEmpty { file.refuseDaemonKeys() }
        do {
            var request = try begin(file.options.overridden(by: options), reporting, problems: file.problems)
            let naming = request.naming
            request.naming = { file.locating(naming($0)) }
            return request
        } catch let error as BoxError {
            throw file.locating(error)
        }
    }

    private func begin(
        _ options: RunOptions, _ reporting: Bool, problems: [BoxError] = []
    ) throws -> LaunchRequest {
        try MessageLog.open(options.log, quiet: options.quiet)
        var report: ExitReport?
        if reporting, let text = options.report { report = try Self.report(text) }
        do {
            if !problems.isEmpty { throw SpecProblems(problems) }
            let times = try reporting ? traceTiming.map(Self.wholePath).map(StepTimes.init) : nil
            var request = try request(options)
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

    private func request(_ options: RunOptions) throws -> LaunchRequest {
        if let name = options.name { try BoxName.check(name, field: "--name") }
        let id = try options.name ?? Self.randomID()
        let context = try SpecContext.ofHost(id: id, options: options)
        var request: LaunchRequest
        if let bundle = options.bundle {
            request = try Self.bundled(bundle, options, context, root: root)
        } else {
            request = try compiled(options, context)
        }
        request.pidFile = pidFile.map(context.absolute)
        request.pidFileFlag = "--pidfile"
        request.cidFile = cidFile.map(context.absolute)
        if !options.quiet { request.warn = Report.warning }
        return request
    }

    private func compiled(_ options: RunOptions, _ context: SpecContext) throws -> LaunchRequest {
        var request = LaunchRequest(
            spec: try compile(options, context: context), id: context.id, bundle: context.workingDirectory,
            stateRoot: try Self.stateRoot(context, root))
        request.attachStdin = options.interactive
        return request
    }

    /// config.json as it stands; standard input is the workload's, as it is with every runtime of bundles.
    private static func bundled(
        _ directory: String, _ options: RunOptions, _ context: SpecContext, root: String?
    ) throws(BoxError) -> LaunchRequest {
        if let flag = options.shapingFlags.first {
            throw BoxError(
                .invalidSpec, "\(flag) cannot be used with --bundle: a bundle is run as its config.json says",
                field: flag, remedy: "change \(directory)/config.json, or use --rootfs \(directory)/rootfs")
        }
        let bundle = context.absolute(directory)
        let stateRoot = try stateRoot(context, root)
        let source = try ConfigFile.readText(
            bundle + "/config.json", filters: SeccompCache(directory: stateRoot))
        var spec = source.spec
        if options.bestEffort { spec.box.bestEffort = true }
        try options.applyCopyOut(to: &spec, context)
        try options.applyEnd(to: &spec)
        var request = LaunchRequest(spec: spec, id: context.id, bundle: bundle, stateRoot: stateRoot)
        request.source = source
        return request
    }

    private static func randomID() throws(BoxError) -> String {
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
    private static func makeStateRoot(_ root: String) throws(BoxError) {
        let failure: (Errno) -> BoxError = {
            BoxError(
                .kernel, "cannot use \(root) for the state of boxes", field: "--root", errno: $0, remedy: "--root DIR")
        }
        try explaining(failure) { () throws(Errno) in
            if try root == UserDirectory.path() + "/runtime" { try UserDirectory.make() }
        }
    }
}
