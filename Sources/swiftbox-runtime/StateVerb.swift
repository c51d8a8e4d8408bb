internal import BoxDocument
internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `state`: the state of one box as the runtime specification has it.
struct StateVerb: Verb {
    static let help = """
        state ID
            print the state of a box as JSON
        """
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        try arguments.refuseFlags("state")
        id = try arguments.onlyID("state")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let state = try Boxes.annotated(Boxes.state(of: id, in: global.root), in: global.root)
        StandardStreams.printOut(String(decoding: state.json(pretty: true), as: UTF8.self))
        return 0
    }
}
