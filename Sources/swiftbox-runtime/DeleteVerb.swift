internal import BoxOCI
internal import BoxRuntime

/// `delete`.
struct DeleteVerb: Verb {
    static let help = """
        delete [--force] [--regex] ID
            clear a box that has ended or was only created; with --force (-f) end a running box first;
            with --regex (-r) every box whose id matches the extended regular expression ID
        """
    private var force = false
    private var isRegex = false
    private let name: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--force", "-f": force = true
            case "--regex", "-r": isRegex = true
            default: throw Arguments.unknown(flag, "delete")
            }
        }
        if isRegex {
            guard let pattern = arguments.next() else {
                throw BoxError(.invalidSpec, "--regex needs a regular expression", field: "--regex")
            }
            name = pattern
            try arguments.end("delete")
        } else {
            name = try arguments.onlyID("delete")
        }
    }

    /// Deleting with force what is not there is no failure, as engines expect.
    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let delete = { (id: String) throws(BoxError) in
            do throws(BoxError) {
                try Deletion.delete(id: id, stateRoot: global.root, force: force) { log.warn($0) }
            } catch {
                if !(force && error.kind == .notFound) { throw error }
            }
        }
        if isRegex { return try eachMatching(name, global, log, delete) }
        try delete(name)
        return 0
    }
}
