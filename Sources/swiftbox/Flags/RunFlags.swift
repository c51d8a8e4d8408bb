internal import ArgumentParser
internal import BoxSpec

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

    /// Everything that was typed; `help` is shown for `--help` behind other flags, and where nothing was typed.
    func typed(help: any ParsableCommand.Type) throws -> TypedRun {
        if words.isEmpty && CommandLine.arguments.count == 2 { throw CleanExit.helpRequest(help) }
        var typed = TypedRun()
        rootFlags.fill(&typed.options)
        mountFlags.fill(&typed.options)
        processFlags.fill(&typed.options)
        boxFlags.fill(&typed.options)
        memoryFlags.fill(&typed.options)
        cpuFlags.fill(&typed.options)
        limitFlags.fill(&typed.options)
        securityFlags.fill(&typed.options)
        endFlags.fill(&typed.options)
        typed.options.command = try CommandWords.command(words, help: help)
        typed.daemon = daemonFlags.options
        typed.file = rootFlags.file
        typed.cidFile = boxFlags.cidfile
        typed.pidFile = boxFlags.pidfile
        typed.traceTiming = boxFlags.traceTiming
        typed.root = boxFlags.root
        typed.remove = boxFlags.remove
        typed.detach = runDaemonFlags.detach
        typed.verbose = runDaemonFlags.verbose
        typed.detachKeys = runDaemonFlags.attachFlags.detachKeys
        typed.proxiesSignals = runDaemonFlags.attachFlags.sigProxy
        typed.host = runDaemonFlags.hostFlags.host
        return typed
    }
}
