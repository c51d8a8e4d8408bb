internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// `run`: the bundle's box from its creation to its end, in the foreground.
struct RunVerb: Verb {
    static let help = """
        run [--bundle DIR] [--config FILE] [--pid-file FILE] ID
            run the box of the bundle DIR (-b; default: the working directory) until it ends;
            the exit status is the workload's, 128+n for signal n, 1 when swiftbox-runtime failed
        """
    private var bundle = "."
    private var config: String?
    private var pidFile: String?
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--bundle", "-b": bundle = try arguments.value(of: flag)
            case "--config", "-f": config = try arguments.value(of: flag)
            case "--pid-file": pidFile = try arguments.value(of: flag)
            default: throw Arguments.unknown(flag, "run")
            }
        }
        id = try arguments.onlyID("run")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try SealedProgram.enter()
        let bundle = try absolute(self.bundle)
        let path = try config.map { (path) throws(BoxError) in try absolute(path) } ?? bundle + "/config.json"
        let spec = try ConfigFile.read(path)
        var request = LaunchRequest(spec: spec, id: id, bundle: bundle, stateRoot: global.root)
        request.pidFile = pidFile
        request.warn = { log.warn($0) }
        return try runForeground(request)
    }
}
