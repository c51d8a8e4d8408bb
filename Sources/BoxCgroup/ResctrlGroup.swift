public import BoxOCI
internal import BoxSystem

/// A group of the resctrl file system, which divides cache and memory bandwidth (Documentation/filesystems/resctrl.rst):
/// `linux.intelRdt`.
public struct ResctrlGroup: Equatable, Sendable {
    public static let root = "/sys/fs/resctrl"
    private static let magic: UInt32 = 0x0765_5821

    /// `closID`, or the box's id.
    public let name: String
    /// Lines for its `schemata`; none leaves the file as it is.
    public let schemata: [String]
    /// The monitoring group, where one is asked for.
    public let monitor: String?
    /// What `make` has made, and `remove` removes.
    private var made: [String] = []

    public init(_ wanted: IntelRdt, id: String) {
        name = wanted.closID ?? id
        schemata = [wanted.l3CacheSchema, wanted.memBwSchema].compactMap { $0 } + wanted.schemata
        monitor = wanted.enableMonitoring ? "\(name)/mon_groups/\(id)" : nil
    }

    /// Whether the file system is there, by its type.
    public static func isMounted() -> Bool {
        do throws(Errno) {
            let folder = try File.open(root, FileFlags.path | FileFlags.directory)
            return try File.fileSystemType(folder.raw) == magic
        } catch {
            return false
        }
    }

    /// Makes the group, or takes one that is there: then its schemata must hold what is asked for already, as others
    /// live by them.
    public mutating func make() throws(BoxError) {
        let folder = "\(Self.root)/\(name)"
        if File.exists(folder) {
            try compare(folder)
        } else {
            try makeDirectory(name, field: "linux.intelRdt.closID")
            if !schemata.isEmpty { try write(schemata.joined(separator: "\n") + "\n", to: folder + "/schemata") }
        }
        if let monitor { try makeDirectory(monitor, field: "linux.intelRdt.enableMonitoring") }
    }

    private mutating func makeDirectory(_ path: String, field: String) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot make the resctrl group \(path)", field: field, errno: $0) }) {
            () throws(Errno) in try File.makeDirectory("\(Self.root)/\(path)", mode: 0o755)
        }
        made.append(path)
    }

    private func compare(_ folder: String) throws(BoxError) {
        if schemata.isEmpty { return }
        let text = try explaining({ BoxError(.kernel, "cannot read \(folder)/schemata", errno: $0) }) {
            () throws(Errno) in try File.text(of: folder + "/schemata")
        }
        let there = Set(text.split(separator: "\n").map(Self.plain))
        for line in schemata.flatMap({ $0.split(separator: "\n") }) where !there.contains(Self.plain(line)) {
            throw BoxError(
                .invalidState, "the resctrl group \(name) is there and has other schemata",
                field: "linux.intelRdt.closID", found: "no line \(line)", remedy: "another closID, or no schemata")
        }
    }

    /// The kernel indents its lines.
    private static func plain(_ line: Substring) -> String { String(line.filter { $0 != " " }) }

    /// Before the process has children: they inherit the group.
    public func add(_ pid: CInt) throws(BoxError) {
        for path in [name] + [monitor].compactMap({ $0 }) {
            try write("\(pid)\n", to: "\(Self.root)/\(path)/tasks")
        }
    }

    private func write(_ value: String, to path: String) throws(BoxError) {
        do throws(Errno) {
            try File.writeValue(value, to: path)
        } catch {
            let reason = Self.lastStatus()
            throw BoxError(.kernel, "cannot write \(path)", errno: error, found: reason)
        }
    }

    /// What the kernel says of its last refusal.
    private static func lastStatus() -> String? {
        do throws(Errno) {
            let text = try File.text(of: root + "/info/last_cmd_status")
            return text.isEmpty ? nil : String(text.prefix { $0 != "\n" })
        } catch {
            return nil
        }
    }

    /// rmdir(2) of what `make` has made.
    public func remove() throws(BoxError) {
        for path in made.reversed() {
            try explaining({ BoxError(.kernel, "cannot remove the resctrl group \(path)", errno: $0) }) {
                () throws(Errno) in
                try tolerating(.noSuchFileOrDirectory) { () throws(Errno) in
                    try File.remove("\(Self.root)/\(path)", directory: true)
                }
            }
        }
    }
}
