internal import BoxOCI
internal import BoxRuntime

/// `pause`.
struct PauseVerb: Verb {
    static let help = """
        pause ID
            make every process of a box stand still; returns when all do
        """
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        try arguments.refuseFlags("pause")
        id = try arguments.onlyID("pause")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try Freezing.pause(id: id, stateRoot: global.root)
        return 0
    }
}
