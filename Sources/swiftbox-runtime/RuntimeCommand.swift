internal import BoxOCI
internal import BoxRuntime
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
        guard let name = arguments.next(), !global.help, !["help", "--help", "-h"].contains(name) else {
            StandardStreams.printOut(Help.text)
            return 0
        }
        let verb = try Verbs.named(name)
        if arguments.asksForHelp {
            StandardStreams.printOut("usage: swiftbox-runtime [global flags] " + verb.help)
            return 0
        }
        do throws(BoxError) {
            return try verb.init(&arguments).run(global, log)
        } catch {
            log.error(error)
            return verb.status(of: error)
        }
    }
}
