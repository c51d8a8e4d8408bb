internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `kill`.
struct KillVerb: Verb {
    static let help = """
        kill [--all] [--regex] ID [SIGNAL]
            send a signal by name or number (default SIGTERM) to the init process of a box; with --all (-a) to all of
            its processes; with --regex (-r) to every box whose id matches the extended regular expression ID
        """
    private var all = false
    private var isRegex = false
    private let name: String
    private let signal: CInt

    init(_ arguments: inout Arguments) throws(BoxError) {
        var operands: [String] = []
        while true {
            while let flag = try arguments.nextFlag() {
                switch flag {
                case "--all", "-a": all = true
                case "--regex", "-r": isRegex = true
                default: throw Arguments.unknown(flag, "kill")
                }
            }
            guard let word = arguments.next() else { break }
            operands.append(word)
        }
        guard let name = operands.first else {
            throw BoxError(.invalidSpec, "kill needs the id of a box", remedy: "swiftbox-runtime kill ID SIGNAL")
        }
        if operands.count > 2 {
            throw BoxError(.invalidSpec, "kill takes an id and a signal, found also \(operands[2])")
        }
        if !isRegex { try BoxName.check(name, field: "ID") }
        let word = operands.count > 1 ? operands[1] : "TERM"
        guard let signal = SignalNames.number(word) else {
            throw BoxError(.invalidSpec, "there is no signal \(word)", field: "SIGNAL", remedy: "kill -l lists them")
        }
        self.name = name
        self.signal = signal
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        if !isRegex {
            try Killing.kill(id: name, stateRoot: global.root, signal: signal, all: all)
            return 0
        }
        return try eachMatching(name, global, log) { (id) throws(BoxError) in
            try Killing.kill(id: id, stateRoot: global.root, signal: signal, all: all)
        }
    }
}

/// Does it for every box whose id matches; one that fails is told and keeps none of the others from its turn.
func eachMatching(
    _ pattern: String, _ global: GlobalFlags, _ log: RuntimeLog, _ body: (String) throws(BoxError) -> Void
) throws(BoxError) -> Int32 {
    let failure = BoxError(.invalidSpec, "\(pattern) is no extended regular expression", field: "--regex")
    guard let expression = RegularExpression(pattern) else { throw failure }
    var status: Int32 = 0
    for state in try Boxes.all(in: global.root) where expression.matches(state.id) {
        do throws(BoxError) {
            try body(state.id)
        } catch {
            log.error(error)
            status = 1
        }
    }
    return status
}
