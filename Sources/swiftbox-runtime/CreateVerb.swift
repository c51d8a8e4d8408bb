internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity

/// `create`: a box up to the point where its workload would start.
struct CreateVerb: Verb {
    static let help = """
        create [FLAGS] ID
            make the box of a bundle; `start` runs its workload
        """ + "\n" + CreateFlags.help
    private var flags = CreateFlags()
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            if try !flags.take(flag, &arguments) { throw Arguments.unknown(flag, "create") }
        }
        id = try arguments.onlyID("create")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try SealedProgram.enter()
        try createBox(try flags.request(id, global, log))
        return 0
    }
}

/// `start`: the workload of a created box.
struct StartVerb: Verb {
    static let help = """
        start ID
            run the workload of a created box
        """
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        try arguments.refuseFlags("start")
        id = try arguments.onlyID("start")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try Starting.start(id: id, stateRoot: global.root) { log.warn($0) }
        return 0
    }
}
