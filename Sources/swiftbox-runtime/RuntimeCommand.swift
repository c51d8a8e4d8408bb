internal import BoxOCI
internal import BoxRuntime
internal import BoxSecurity
internal import BoxSystem

/// The OCI command line that engines call: `swiftbox-runtime [global flags] VERB [flags] ID`.
///
/// Hand-written rather than ArgumentParser's: this program's start-up time is what the product is about, and the
/// grammar is runc's.
@main
enum RuntimeCommand {
    nonisolated static func main() {
        StandardStreams.openMissing()
        let log: RuntimeLog
        do throws(BoxError) {
            var arguments = Arguments(try words())
            let global = try GlobalFlags(&arguments)
            log = RuntimeLog(global)
            do throws(BoxError) {
                Processes.exit(try run(&arguments, global, log))
            } catch {
                log.error(error)
            }
        } catch {
            RuntimeLog(GlobalFlags()).error(error)
        }
        Processes.exit(1)
    }

    private static func words() throws(BoxError) -> [String] {
        try explaining({ BoxError(.invalidSpec, "an argument is not UTF-8", errno: $0) }) { () throws(Errno) in
            try Caller.arguments()
        }
    }

    private static func run(
        _ arguments: inout Arguments, _ global: GlobalFlags, _ log: RuntimeLog
    ) throws(BoxError) -> Int32 {
        if global.version {
            StandardStreams.printOut(Help.version)
            return 0
        }
        guard let verb = arguments.next(), !global.help else {
            StandardStreams.printOut(Help.text)
            return 0
        }
        switch verb {
        case "run":
            try SealedProgram.enter()
            return try RunVerb(&arguments).run(global, log)
        case "delete": return try DeleteVerb(&arguments).run(global)
        case "help", "--help", "-h":
            StandardStreams.printOut(Help.text)
            return 0
        default:
            throw BoxError(
                .unsupported, "the verb \(verb) is not available in this version", remedy: "swiftbox-runtime --help")
        }
    }
}
