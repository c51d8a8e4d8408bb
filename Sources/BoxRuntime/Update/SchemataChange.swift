internal import BoxOCI
internal import BoxSystem

/// Cache and memory bandwidth of a box that has a resctrl group: lines for its `schemata` file
/// (Documentation/filesystems/resctrl.rst). A plain value.
public struct SchemataChange: Equatable, Sendable {
    /// `L3:0=f;1=f0`
    public var l3Cache: String?
    /// `MB:0=20;1=70`
    public var memoryBandwidth: String?

    public init() {}

    public var isEmpty: Bool { l3Cache == nil && memoryBandwidth == nil }

    /// `.unsupported` for a box without a group: none can be made for processes that run already have children.
    func apply(to spec: inout Spec) throws(BoxError) {
        if isEmpty { return }
        guard var group = spec.linux.intelRdt else {
            throw BoxError(
                .unsupported, "the box has no resctrl group",
                field: l3Cache == nil ? "--mem-bw-schema" : "--l3-cache-schema",
                found: "its config.json has no linux.intelRdt", remedy: "make the box with linux.intelRdt")
        }
        group.l3CacheSchema = l3Cache ?? group.l3CacheSchema
        group.memBwSchema = memoryBandwidth ?? group.memBwSchema
        spec.linux.intelRdt = group
    }

    /// Writes the lines to a `schemata` file. Returns the lines that were there for the same resources, to be written back.
    func write(to file: String) throws(BoxError) -> [String] {
        let new = [l3Cache, memoryBandwidth].compactMap { $0 }
        let old = try explaining({ BoxError(.kernel, "cannot read \(file)", errno: $0) }) { () throws(Errno) in
            try File.text(of: file)
        }
        let before = old.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { line in
            new.contains { $0.prefix { $0 != ":" } == line.prefix { $0 != ":" } }
        }
        for line in new { try Self.write(line, to: file) }
        return before.map { String($0) }
    }

    static func write(_ line: String, to file: String) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot write \(line) to \(file)", errno: $0) }) { () throws(Errno) in
            try File.writeValue(line + "\n", to: file)
        }
    }
}
