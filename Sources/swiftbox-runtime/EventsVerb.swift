internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `events`: what a box uses, and when it runs out of memory, a line of JSON each.
struct EventsVerb: Verb {
    static let help = """
        events [--interval DURATION] [--stats] ID
            print the figures of a box every DURATION (default 5s) and each out-of-memory kill as it happens, until the
            box has ended; --stats: its figures once
        """
    private var interval = Interval.ordinary
    private var onlyStats = false
    private let id: String

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--interval": interval = try Interval(arguments.value(of: flag), flag: flag)
            case "--stats": onlyStats = true
            default: throw Arguments.unknown(flag, "events")
            }
        }
        id = try arguments.onlyID("events")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let events = try BoxEvents(id: id, stateRoot: global.root)
        if onlyStats {
            try Self.emit(try events.stats())
        } else {
            try events.follow(every: interval, Self.emit)
        }
        return 0
    }

    /// A reader that has gone away ends the stream.
    private static func emit(_ line: String) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write to standard output", errno: $0) }) { () throws(Errno) in
            try File.write(Array((line + "\n").utf8), to: 1)
        }
    }
}
