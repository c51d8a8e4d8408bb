internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// `monitor`: the supervisor of one box, for swiftboxd.
struct MonitorVerb: Verb {
    static let help = """
        monitor --directory DIR [--parent-ready-fd N]
            listen on DIR/control.sock for one box to launch, keep its streams, its log and its exit status, and end with
            it. swiftboxd starts it; it outlives swiftboxd.
          --directory DIR         there already, and nobody else's
          --parent-ready-fd N     gets a byte once the socket listens
        """
    private var directory: String?
    private var ready: CInt?

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--directory": directory = try absolute(arguments.value(of: flag))
            case "--parent-ready-fd": ready = try arguments.count(of: flag)
            default: throw Arguments.unknown(flag, "monitor")
            }
        }
        if let word = arguments.next() {
            throw BoxError(.invalidSpec, "monitor takes flags alone, not \(word)", field: "monitor")
        }
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try SealedProgram.enter()
        guard let directory else {
            throw BoxError(.invalidSpec, "monitor needs a directory", field: "--directory")
        }
        try explaining({ BoxError(.internal, "cannot close descriptors", errno: $0) }) { () throws(Errno) in
            try OwnProcess.close(from: 3, except: ready.map { [$0] } ?? [])
        }
        let supervisor = try Supervisor(directory: directory, stateRoot: global.root) { log.warn($0) }
        try supervisor.run(ready: ready)
        return 0
    }
}
