internal import BoxDocument
public import BoxOCI

/// What `state.json` says of a box (runtime-spec, State), and beside it what later calls need.
public struct RuntimeState: Equatable, Sendable {
    /// `created` is written for a box that has been created, started or not: which of the two, and how it is now, `Boxes`
    /// reads from the kernel.
    public enum Status: String, Sendable { case creating, created, running, paused, stopped }

    public var id: String
    public var status: Status
    /// The init process as this pid namespace numbers it; 0 while there is none, or none any more.
    public var pid: CInt
    /// When that process began, in clock ticks since boot (proc_pid_stat(5)): a pid that was given out again has another.
    public var processStart: UInt64 = 0
    public var bundle: String
    public var rootfs: String?
    /// RFC 3339.
    public var created = ""
    /// The user who made the box.
    public var owner: UInt32 = 0
    /// The spec's; not kept in `state.json`, as they may be long and the spec lies beside it: see `Boxes.annotated`.
    public var annotations: [Pair] = []
    /// The box's cgroup, absolute below the cgroup2 mount; nil when it has none.
    public var cgroup: String?
    /// Those of its path that were made for it, outermost first; the box's own is the last.
    public var cgroupsMade: [String] = []
    /// The `--upper` directory, whose work directory is to be removed.
    public var upper: String?
    /// The host's network devices that the box has.
    public var netDevices: [MovedNetDevice] = []
    /// `--no-new-keyring`: so are the processes that join it.
    public var sharesKeyring = false
    /// Where `SeccompCache` keeps the box's filter, if it does: what joins the box need not read the profile.
    public var seccompFilter: String?
    /// No runtime stays with the box: `create` and `run --detach`.
    public var isDetached = false

    public init(id: String, status: Status, pid: CInt, bundle: String) {
        self.id = id
        self.status = status
        self.pid = pid
        self.bundle = bundle
    }

    /// The keys of the specification, in the order of runc's `state` and `list`.
    var members: [Member] { members(annotations) }

    private func members(_ annotations: [Pair]) -> [Member] {
        var members = [
            Member("ociVersion", Node(.string("1.3.0"))), Member("id", Node(.string(id))),
            Member("pid", Node(.integer(Int64(pid)))), Member("status", Node(.string(status.rawValue))),
            Member("bundle", Node(.string(bundle))), Member("rootfs", Node(.string(rootfs ?? ""))),
            Member("created", Node(.string(created))),
        ]
        if !annotations.isEmpty {
            let pairs = annotations.map { Member($0.name, Node(.string($0.value))) }
            members.append(Member("annotations", Node(.object(pairs))))
        }
        return members + [Member("owner", Node(.string(ownerName)))]
    }

    /// `root`, or a number sign and the user's.
    public var ownerName: String { owner == 0 ? "root" : "#\(owner)" }

    /// What `state` prints and a hook reads on its standard input.
    public func json(pretty: Bool) -> [UInt8] { JSON.write(Node(.object(members)), pretty: pretty) }

    /// What is kept.
    package var stored: [UInt8] {
        var own = [
            Member("detached", Node(.bool(isDetached))), Member("processStart", Node(.integer(Int64(processStart)))),
            Member("uid", Node(.integer(Int64(owner)))),
        ]
        if let cgroup { own.append(Member("cgroup", Node(.string(cgroup)))) }
        let made = cgroupsMade.map { Node(.string($0)) }
        if !made.isEmpty { own.append(Member("cgroupsMade", Node(.array(made)))) }
        if let seccompFilter { own.append(Member("seccompFilter", Node(.string(seccompFilter)))) }
        if sharesKeyring { own.append(Member("sharesKeyring", Node(.bool(true)))) }
        if let upper { own.append(Member("upper", Node(.string(upper)))) }
        if !netDevices.isEmpty { own.append(Member("netDevices", Node(.array(netDevices.map(\.node))))) }
        return JSON.write(Node(.object(members([]) + [Member("swiftbox", Node(.object(own)))])))
    }

    /// nil for what swiftbox did not write.
    package init?(json: [UInt8]) {
        let document: Node
        do throws(DocumentError) {
            document = try JSON.parse(json)
        } catch {
            return nil
        }
        guard let id = Self.text(document["id"]), let status = Self.text(document["status"]).flatMap(Status.init),
            let pid = Self.number(document["pid"]), let bundle = Self.text(document["bundle"])
        else { return nil }
        self.init(id: id, status: status, pid: CInt(truncatingIfNeeded: pid), bundle: bundle)
        rootfs = Self.text(document["rootfs"]).flatMap { $0.isEmpty ? nil : $0 }
        created = Self.text(document["created"]) ?? ""
        let own = document["swiftbox"]
        processStart = UInt64(max(0, Self.number(own?["processStart"]) ?? 0))
        owner = UInt32(truncatingIfNeeded: Self.number(own?["uid"]) ?? 0)
        cgroup = Self.text(own?["cgroup"])
        upper = Self.text(own?["upper"])
        seccompFilter = Self.text(own?["seccompFilter"])
        sharesKeyring = own?["sharesKeyring"]?.value == .bool(true)
        if case .array(let made) = own?["cgroupsMade"]?.value { cgroupsMade = made.compactMap { Self.text($0) } }
        if case .array(let devices) = own?["netDevices"]?.value {
            netDevices = devices.compactMap { MovedNetDevice(stored: $0) }
        }
        isDetached = own?["detached"]?.value == .bool(true)
    }

    fileprivate static func text(_ node: Node?) -> String? {
        if case .string(let text) = node?.value { return text }
        return nil
    }

    private static func number(_ node: Node?) -> Int64? {
        if case .integer(let number) = node?.value { return number }
        return nil
    }
}

extension MovedNetDevice {
    var node: Node {
        Node(
            .object([
                Member("host", Node(.string(hostName))), Member("box", Node(.string(boxName))),
                Member("up", Node(.bool(wasUp))),
            ]))
    }

    init?(stored node: Node) {
        guard let host = RuntimeState.text(node["host"]), let box = RuntimeState.text(node["box"]) else { return nil }
        self.init(hostName: host, boxName: box, wasUp: node["up"]?.value == .bool(true))
    }
}
