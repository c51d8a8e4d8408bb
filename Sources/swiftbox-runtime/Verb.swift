internal import BoxOCI

/// One verb of the command line: reads its own flags and operands, then does its work.
protocol Verb {
    /// What stands behind `swiftbox-runtime` in a usage line, and the lines that explain it.
    static var help: String { get }
    /// The exit status where swiftbox-runtime itself has failed.
    static var failureStatus: Int32 { get }
    /// The same for a verb that says what kind of failure it was.
    static func status(of error: BoxError) -> Int32
    init(_ arguments: inout Arguments) throws(BoxError)
    /// The exit status.
    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32
}

extension Verb {
    static var failureStatus: Int32 { 1 }
    static func status(of error: BoxError) -> Int32 { failureStatus }
}

/// Every verb by its name, in the order of the help.
enum Verbs {
    static var all: [(name: String, type: any Verb.Type)] {
        [
            ("run", RunVerb.self),
            ("create", CreateVerb.self),
            ("start", StartVerb.self),
            ("exec", ExecVerb.self),
            ("kill", KillVerb.self),
            ("state", StateVerb.self),
            ("list", ListVerb.self),
            ("delete", DeleteVerb.self),
            ("mounts", MountsVerb.self),
            ("spec", SpecVerb.self),
            ("features", FeaturesVerb.self),
            ("pause", PauseVerb.self),
            ("resume", ResumeVerb.self),
            ("ps", PsVerb.self),
            ("events", EventsVerb.self),
            ("update", UpdateVerb.self),
            ("checkpoint", CheckpointVerb.self),
            ("restore", RestoreVerb.self),
            ("monitor", MonitorVerb.self),
            ("archive", ArchiveVerb.self),
        ]
    }

    static func named(_ name: String) throws(BoxError) -> any Verb.Type {
        // The verbs of the hot path; the list with all of them would be made anew for each search.
        switch name {
        case "run": return RunVerb.self
        case "create": return CreateVerb.self
        case "start": return StartVerb.self
        case "exec": return ExecVerb.self
        case "delete": return DeleteVerb.self
        default: break
        }
        if let found = all.first(where: { $0.name == name }) { return found.type }
        throw BoxError(
            .unsupported, "the verb \(name) is not available in this version",
            remedy: "swiftbox-runtime --help lists them")
    }
}
