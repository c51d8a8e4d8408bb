internal import BoxOCI
internal import BoxRuntime

/// `resume`.
struct ResumeVerb: Verb {
    static let help = """
        resume ID
            let a paused box go on
        """
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        try arguments.refuseFlags("resume")
        id = try arguments.onlyID("resume")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try Freezing.resume(id: id, stateRoot: global.root)
        return 0
    }
}
