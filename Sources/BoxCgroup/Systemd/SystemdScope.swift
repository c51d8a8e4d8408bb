public import BoxOCI

/// A transient unit of systemd for one box: `linux.cgroupsPath` as `slice:prefix:name`. systemd makes its cgroup and
/// hands it over (Delegate=); the box lives in a cgroup of ours below it, whose files systemd leaves alone. A plain value.
public struct SystemdScope: Equatable, Sendable {
    /// `swiftbox-ID.scope`
    public let unit: String
    /// `system.slice`
    public let slice: String
    /// Of the unit's cgroup, below the cgroup2 mount: `/system.slice/swiftbox-ID.scope`.
    public let path: String

    /// Where the box is: processes of a delegated cgroup stand at its leaves.
    public var boxPath: String { path + "/container" }

    /// nil and empty: `system.slice:swiftbox:ID`. An empty slice is system.slice, too.
    public init(cgroupsPath: String?, id: String) throws(BoxError) {
        let given = cgroupsPath.flatMap { $0.isEmpty ? nil : $0 } ?? ":swiftbox:\(id)"
        let parts = given.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else {
            throw Self.invalid(given, "must be slice:prefix:name for the systemd cgroup manager")
        }
        let name = parts[1].isEmpty ? parts[2] : "\(parts[1])-\(parts[2])"
        let slice = parts[0].isEmpty ? "system.slice" : parts[0]
        if parts[2].isEmpty || !name.utf8.allSatisfy(Self.isUnitByte) || name.hasSuffix(".slice") {
            throw Self.invalid(given, "has a name that no scope can have")
        }
        guard let expanded = Self.expand(slice) else { throw Self.invalid(given, "names no slice of systemd") }
        unit = name.hasSuffix(".scope") ? name : name + ".scope"
        self.slice = slice
        path = expanded + "/" + unit
    }

    /// Slices are nested by their names: `a-b.slice` is `/a.slice/a-b.slice` (systemd.slice(5)).
    static func expand(_ slice: String) -> String? {
        guard slice.hasSuffix(".slice"), slice.utf8.allSatisfy(isUnitByte) else { return nil }
        if slice == "-.slice" { return "" }
        var prefix = ""
        var path = ""
        for part in slice.dropLast(".slice".count).split(separator: "-", omittingEmptySubsequences: false) {
            if part.isEmpty { return nil }
            prefix += prefix.isEmpty ? String(part) : "-\(part)"
            path += "/\(prefix).slice"
        }
        return path
    }

    /// systemd.unit(5): what a unit's name may hold, but for the escape sign.
    private static func isUnitByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: ":-_.@".utf8.contains(byte)
        }
    }

    private static func invalid(_ found: String, _ message: String) -> BoxError {
        BoxError(
            .invalidSpec, message, field: "linux.cgroupsPath", found: "\"\(found)\"",
            remedy: "such as system.slice:swiftbox:NAME, or --cgroup-manager cgroupfs and a path")
    }

    /// org.freedesktop.systemd1.Manager, StartTransientUnit(name, mode, properties, auxiliary units).
    func startCall(pid: CInt, description: String) -> DBusCall {
        let properties: [(String, DBusValue)] = [
            ("Description", .string(description)), ("Slice", .string(slice)),
            ("PIDs", .unsigned32s([UInt32(bitPattern: pid)])), ("Delegate", .bool(true)),
            ("DefaultDependencies", .bool(false)), ("CollectMode", .string("inactive-or-failed")),
            // The box's own limit holds below; a default of systemd's would come before it.
            ("TasksMax", .unsigned64(.max)),
        ]
        var body = DBusWriter()
        body.string(unit)
        body.string("replace")
        body.array(8) { writer in
            for (name, value) in properties {
                writer.align(8)
                writer.string(name)
                writer.variant(value)
            }
        }
        body.array(8) { _ in }
        return DBusCall(
            destination: "org.freedesktop.systemd1", path: "/org/freedesktop/systemd1",
            interface: "org.freedesktop.systemd1.Manager", member: "StartTransientUnit", signature: "ssa(sv)a(sa(sv))",
            body: body.bytes)
    }
}
