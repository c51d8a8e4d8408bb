internal import BoxOCI
internal import BoxRuntime

/// `delete`.
struct DeleteVerb: Verb {
    static let help = """
        delete [--force] ID
            clear a box that has ended; with --force (-f) end a running box first
        """
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
    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        do throws(BoxError) {
            try Deletion.delete(id: id, stateRoot: global.root, force: force)
        } catch {
            if !(force && error.kind == .notFound) { throw error }
        }
        return 0
    }
}
