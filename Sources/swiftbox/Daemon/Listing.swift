internal import ArgumentParser
internal import BoxClient
internal import BoxDocument
internal import BoxOCI
internal import BoxSystem

/// How a list is printed.
struct FormatFlags: ParsableArguments {
    @Option(help: .init("table, json, or a template such as '{{.Name}} {{json .Labels}}'.", valueName: "format"))
    var format: String?

    enum Format { case table, json, template(Template) }

    func parsed() throws(BoxError) -> Format {
        switch format {
        case nil, "table": .table
        case "json": .json
        case .some(let text): .template(try Template(text))
        }
    }
}

/// `--filter NAME=VALUE`, as the API takes it.
struct FilterFlags: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .customLong("filter")],
        help: .init("Only those that this is true of; repeatable.", valueName: "name=value"))
    var filters: [String] = []

    func query(adding more: [(String, String)] = []) throws(BoxError) -> [(String, String)] {
        var pairs = more
        for text in filters {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw BoxError(
                    .invalidSpec, "--filter \(text): must be NAME=VALUE", field: "--filter",
                    remedy: "such as status=running, name=web, label=team=red")
            }
            pairs.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
        }
        if pairs.isEmpty { return [] }
        var members: [Member] = []
        for (name, value) in pairs {
            let before = members.first { $0.key == name }?.node.elements ?? []
            members.removeAll { $0.key == name }
            members.append(Member(name, Node(.array(before + [Node(.string(value))]))))
        }
        return [("filters", String(decoding: JSON.write(Node(.object(members))), as: UTF8.self))]
    }
}

/// Records and how they are shown: as a table for people, as JSON with a schema version, or by a template.
struct Listing {
    /// What the records are called in JSON: `boxes`.
    let name: String
    /// Objects with keys in lower case.
    let records: [Node]
    /// A title and the cell below it.
    let columns: [(title: String, cell: (Node) -> String)]
    /// `schema` grows when a reader would have to change.
    static let schema: Int64 = 1

    func write(_ format: FormatFlags.Format) throws(BoxError) {
        switch format {
        case .table:
            let rows = records.map { record in columns.map { $0.cell(record) } }
            StandardStreams.printOut(Table.text(columns.map(\.title), rows))
        case .json: StandardStreams.printOut(Self.json(name, Node(.array(records))))
        case .template(let template):
            for record in records { StandardStreams.printOut(try template.text(of: record)) }
        }
    }

    static func json(_ name: String, _ value: Node) -> String {
        let document = Node(.object([Member("schema", Node(.integer(schema))), Member(name, value)]))
        return String(decoding: JSON.write(document, pretty: true), as: UTF8.self)
    }
}

/// An object of text, in the order that it is written in.
func record(_ members: [(String, Node.Value)]) -> Node {
    Node(.object(members.map { Member($0.0, Node($0.1)) }))
}

/// Boxes named on the command line, one after another: what fails does not keep the others from their turn.
enum Each {
    static func perform(_ names: [String], _ body: (_ segment: String) throws(BoxError) -> Void) throws {
        var hasFailed = false
        for name in names {
            do throws(BoxError) {
                try body(try DaemonClient.segment(name))
                StandardStreams.printOut(name)
            } catch {
                StandardStreams.printError("swiftbox: \(error)")
                hasFailed = true
                if error.message.hasPrefix("no daemon answers") { break }
            }
        }
        if hasFailed { throw ExitCode(Report.failed) }
    }
}
