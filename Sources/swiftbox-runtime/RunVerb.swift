internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `run`: the bundle's box from its creation to its end, in the foreground.
struct RunVerb {
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
        let bundle = try absolute(self.bundle)
        let path = try config.map { (path) throws(BoxError) in try absolute(path) } ?? bundle + "/config.json"
        let spec = try ConfigFile.read(path)
        var request = LaunchRequest(spec: spec, id: id, bundle: bundle, stateRoot: global.root)
        request.pidFile = pidFile
        request.warn = { log.warn($0) }
        return try runForeground(request)
    }
}

/// `delete`.
struct DeleteVerb {
    private var force = false
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--force", "-f": force = true
            default: throw Arguments.unknown(flag, "delete")
            }
        }
        id = try arguments.onlyID("delete")
    }

    /// Deleting with force what is not there is no failure, as engines expect.
    func run(_ global: GlobalFlags) throws(BoxError) -> Int32 {
        do throws(BoxError) {
            try Deletion.delete(id: id, stateRoot: global.root, force: force)
        } catch {
            if !(force && error.kind == .notFound) { throw error }
        }
        return 0
    }
}
