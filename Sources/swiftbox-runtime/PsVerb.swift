internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `ps`: the processes of a box, all of its cgroup.
struct PsVerb: Verb {
    static let help = """
        ps [-f table|json] ID [PS-OPTION…]
            list the processes of a box: the lines of ps(1), by default ps -ef, or an array of pids
        """
    private var isJSON = false
    private let id: String
    private let options: [String]

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--format", "-f": isJSON = try arguments.format(of: flag)
            default: throw Arguments.unknown(flag, "ps")
            }
        }
        id = try arguments.id("ps")
        let rest = arguments.rest()
        options = rest.first == "--" ? Array(rest.dropFirst()) : rest
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        let pids = try BoxProcesses.all(of: try Boxes.state(of: id, in: global.root))
        if isJSON {
            StandardStreams.printOut("[" + pids.map { String($0) }.joined(separator: ",") + "]")
        } else if !pids.isEmpty {
            StandardStreams.printOut(try ProcessTable.text(of: pids, options: options))
        }
        return 0
    }
}
