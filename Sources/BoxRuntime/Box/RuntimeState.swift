internal import BoxDocument
internal import BoxOCI

/// What `state.json` says of a box (runtime-spec, State), and beside it what a clean-up after a killed runtime needs.
public struct RuntimeState: Equatable, Sendable {
    public enum Status: String, Sendable { case creating, created, running, stopped }

    public var id: String
    public var status: Status
    public var pid: CInt
    public var bundle: String
    /// The box's cgroup, absolute below the cgroup2 mount; nil when it has none.
    public var cgroup: String?
    /// The `--upper` directory, whose work directory is to be removed.
    public var upper: String?

    public init(
        id: String, status: Status, pid: CInt, bundle: String, cgroup: String? = nil, upper: String? = nil
    ) {
        self.id = id
        self.status = status
        self.pid = pid
        self.bundle = bundle
        self.cgroup = cgroup
        self.upper = upper
    }

    var json: [UInt8] {
        var own = [Member("monitor", Node(.string("foreground")))]
        if let cgroup { own.append(Member("cgroup", Node(.string(cgroup)))) }
        if let upper { own.append(Member("upper", Node(.string(upper)))) }
        let members = [
            Member("ociVersion", Node(.string("1.3.0"))), Member("id", Node(.string(id))),
            Member("status", Node(.string(status.rawValue))), Member("pid", Node(.integer(Int64(pid)))),
            Member("bundle", Node(.string(bundle))), Member("swiftbox", Node(.object(own))),
        ]
        return JSON.write(Node(.object(members)))
    }

    /// nil for what swiftbox did not write.
    init?(json: [UInt8]) {
        let document: Node
        do throws(DocumentError) {
            document = try JSON.parse(json)
        } catch {
            return nil
        }
        guard case .string(let id) = document["id"]?.value, case .string(let name) = document["status"]?.value,
            let status = Status(rawValue: name), case .integer(let pid) = document["pid"]?.value,
            case .string(let bundle) = document["bundle"]?.value
        else { return nil }
        self.init(
            id: id, status: status, pid: CInt(truncatingIfNeeded: pid), bundle: bundle,
            cgroup: Self.text(document["swiftbox"]?["cgroup"]), upper: Self.text(document["swiftbox"]?["upper"]))
    }

    private static func text(_ node: Node?) -> String? {
        if case .string(let text) = node?.value { return text }
        return nil
    }
}
