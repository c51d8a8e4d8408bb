public import BoxOCI
public import BoxSystem

/// All that a box's cgroup has counted, as its files have it, read before it is removed. A file that is not there is
/// an empty one: what it would have told is nil.
public struct CgroupUsage: Sendable {
    private let files: [String: String]
    private static let names = [
        "cpu.stat", "memory.peak", "memory.swap.peak", "memory.events", "memory.stat", "memory.max", "io.stat",
        "pids.peak",
        "pids.max", "pids.events", "cpu.pressure", "memory.pressure", "io.pressure",
    ]

    /// For tests: the files by name.
    public init(files: [String: String]) { self.files = files }

    /// Also reads `settings`, so that what the kernel made of a value can be told.
    public init(reading directory: CInt, settings: [String]) throws(BoxError) {
        var files: [String: String] = [:]
        for name in Self.names + settings where files[name] == nil {
            do throws(Errno) {
                files[name] = try File.text(of: name, at: directory)
            } catch {
                // EOPNOTSUPP: pressure is switched off. ENODEV: the cgroup has just been removed.
                let absent: Set<Errno> = [
                    .noSuchFileOrDirectory, .notSupportedOnSocket, .operationNotSupportedByDevice,
                ]
                if absent.contains(error) { continue }
                throw BoxError(.kernel, "cannot read \(name)", errno: error)
            }
        }
        self.files = files
    }

    /// Those that are there.
    public var names: [String] { Array(files.keys) }

    /// All lines of a flat-keyed file.
    public func values(in file: String) -> [(key: String, value: UInt64)] {
        Cgroup.flatKeyed(Array((files[file] ?? "").utf8))
    }

    /// A file's whole text without its last line end.
    public func text(_ file: String) -> String? {
        files[file].map { String($0.last == "\n" ? $0.dropLast() : $0[...]) }
    }

    /// A file of one number; nil for `max`.
    public func number(_ file: String) -> UInt64? { text(file).flatMap { UInt64($0) } }

    /// A line of a flat-keyed file: `usage_usec 12`.
    public func value(_ key: String, in file: String) -> UInt64? {
        values(in: file).first { $0.key == key }?.value
    }

    /// io.stat: `253:0 rbytes=1 wbytes=2 rios=3 wios=4 …`, a device a line.
    public var devices: [(device: String, values: [(name: String, value: UInt64)])] {
        (files["io.stat"] ?? "").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let device = words.first, words.count > 1 else { return nil }
            let values = words.dropFirst().compactMap { word -> (name: String, value: UInt64)? in
                let parts = word.split(separator: "=")
                guard parts.count == 2, let value = UInt64(parts[1]) else { return nil }
                return (String(parts[0]), value)
            }
            return (String(device), values)
        }
    }

    /// A pressure file's line `some` or `full`: the averages in percent as the kernel writes them, the total in
    /// microseconds.
    public func pressure(_ line: String, in file: String) -> [(name: String, value: String)]? {
        guard let text = files[file], let found = text.split(separator: "\n").first(where: { $0.hasPrefix(line + " ") })
        else { return nil }
        return found.split(separator: " ").dropFirst().compactMap { word in
            let parts = word.split(separator: "=")
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
    }

}

extension Cgroup {
    /// The files that count huge pages of each size: `hugetlb.2MB.current` and `hugetlb.2MB.events`.
    public static func hugePageFiles(_ directory: CInt) throws(BoxError) -> [String] {
        try explaining({ BoxError(.kernel, "cannot list a cgroup", errno: $0) }) { () throws(Errno) in
            try File.list(directory).filter { name in
                let parts = name.split(separator: ".")
                return parts.count == 3 && parts[0] == "hugetlb" && (parts[2] == "current" || parts[2] == "events")
            }
        }
    }
}

extension CgroupUsage {
    /// cpu.stat's usage_usec of a living cgroup.
    public static func processorMicroseconds(_ directory: CInt) throws(Errno) -> UInt64? {
        let text = try File.contents(of: "cpu.stat", at: directory)
        return Cgroup.flatKeyed(text).first { $0.key == "usage_usec" }?.value
    }
}
