internal import BoxOCI
internal import BoxRuntime
internal import BoxSystem

/// `list`: all boxes of the state root.
struct ListVerb: Verb {
    static let help = """
        list [-f table|json] [-q]
            list the boxes; -q (--quiet): ids only
        """
    private var isJSON = false
    private var isQuiet = false

    init(_ arguments: inout Arguments) throws(BoxError) {
        while let flag = try arguments.nextFlag() {
            switch flag {
            case "--format", "-f": isJSON = try arguments.format(of: flag)
            case "--quiet", "-q": isQuiet = true
            default: throw Arguments.unknown(flag, "list")
            }
        }
        try arguments.end("list")
    }

    func run(_ global: GlobalFlags, _ log: RuntimeLog) throws(BoxError) -> Int32 {
        if global.rootIsNamed && !File.exists(global.root) {
            throw BoxError(.notFound, "there is no directory \(global.root)", field: "--root")
        }
        let states = try Boxes.all(in: global.root)
        if isQuiet {
            for state in states { StandardStreams.printOut(state.id) }
        } else if isJSON {
            var objects: [String] = []
            for var state in states {
                do throws(BoxError) {
                    state = try Boxes.annotated(state, in: global.root)
                } catch {
                    // One that is damaged does not hide the others.
                    log.warn("\(state.id) is listed without its annotations: \(error.oneLine)")
                }
                objects.append(String(decoding: state.json(pretty: false), as: UTF8.self))
            }
            StandardStreams.printOut("[" + objects.joined(separator: ",") + "]")
        } else {
            let rows = states.map { [$0.id, String($0.pid), $0.status.rawValue, $0.bundle, $0.created, $0.ownerName] }
            printTable([["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]] + rows)
        }
        return 0
    }

    private func printTable(_ rows: [[String]]) {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "   ")
            StandardStreams.printOut(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }
}
