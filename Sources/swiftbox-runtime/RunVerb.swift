internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// `run`: the bundle's box from its creation to its end; detached, to its start.
struct RunVerb: Verb {
    static let help = """
        run [FLAGS] ID
            run the box of a bundle until it ends; the exit status is the workload's, 128+n for signal n, 1 when
            swiftbox-runtime failed. The flags of create, and:
          --detach, -d            return when the workload has started
          --keep                  keep the state of the box when it has ended, until delete
        """
    private var flags = CreateFlags()
    private var isDetached = false
    private var isKept = false
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--detach", "-d": isDetached = true
            case "--keep": isKept = true
            default: if try !flags.take(flag, &arguments) { throw Arguments.unknown(flag, "run") }
            }
        }
        id = try arguments.onlyID("run")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        try SealedProgram.enter()
        var request = try flags.request(id, global, log)
        if isDetached { return try startDetached(request, global, log) }
        if flags.consoleSocket != nil {
            throw BoxError(
                .invalidSpec, "in the foreground the terminal is the caller's", field: "--console-socket",
                remedy: "add --detach, or leave it out")
        }
        request.isKept = isKept
        // Not to give back piece by piece what the kernel takes as a whole saves time. The compiler ends the request's life
        // before the exit, whatever is said of it there.
        _ = Unmanaged.passRetained(Kept(request))
        Processes.exit(try runForeground(request))
    }

    private final class Kept {
        private let request: LaunchRequest

        init(_ request: LaunchRequest) { self.request = request }
    }

    private func startDetached(
        _ request: LaunchRequest, _ global: GlobalFlags, _ log: RuntimeLog
    ) throws(BoxError) -> Int32 {
        try createBox(request)
        do throws(BoxError) {
            try Starting.start(id: id, stateRoot: global.root) { log.warn($0) }
        } catch {
            do throws(BoxError) {
                try Deletion.delete(id: id, stateRoot: global.root, force: true) { log.warn($0) }
            } catch let left {
                if left.kind != .notFound { log.warn(left.oneLine) }
            }
            throw error
        }
        return 0
    }
}
