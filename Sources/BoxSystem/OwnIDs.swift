/// The ids that the caller's user namespace has, and those that an ordinary user could get (user_namespaces(7)).
public enum OwnIDs {
    /// A run of ids: `inside` of this process's user namespace are `outside` of its parent's.
    public struct Extent: Equatable, Sendable {
        public var inside: UInt32
        public var outside: UInt32
        public var count: UInt32
    }

    /// Whether this is the host's first user namespace, where every id is itself.
    public static func areInitial() throws(Errno) -> Bool {
        // The kernel's own words first: to read the numbers takes as long as a dozen system calls.
        if try File.text(of: "/proc/self/uid_map") == "         0          0 4294967295\n" { return true }
        return try extents("uid_map") == [Extent(inside: 0, outside: 0, count: .max)]
    }

    /// /proc/self/uid_map, /proc/self/gid_map.
    public static func users() throws(Errno) -> [Extent] { try extents("uid_map") }
    public static func groups() throws(Errno) -> [Extent] { try extents("gid_map") }

    /// Ids from 0 on that both maps have, without a gap.
    public static func countFromZero() throws(Errno) -> UInt32 {
        min(countFromZero(try users()), countFromZero(try groups()))
    }

    static func countFromZero(_ extents: [Extent]) -> UInt32 {
        var next: UInt32 = 0
        for extent in extents.sorted(by: { $0.inside < $1.inside }) where extent.inside == next {
            next = next.addingReportingOverflow(extent.count).partialValue
        }
        return next
    }

    /// Whether the kernel keeps this process from changing its groups: a map of one id, made without help.
    public static func groupsAreFixed() throws(Errno) -> Bool {
        try File.text(of: "/proc/self/setgroups").hasPrefix("deny")
    }

    private static func extents(_ file: String) throws(Errno) -> [Extent] {
        try File.text(of: "/proc/self/" + file).split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            return numbers.count == 3 ? Extent(inside: numbers[0], outside: numbers[1], count: numbers[2]) : nil
        }
    }
}

/// What /etc/subuid and /etc/subgid give to a user, and the programs that hand it out.
public struct SubordinateIDs: Equatable, Sendable {
    public var users: Range<UInt32>
    public var groups: Range<UInt32>
    public static let tools = ["/usr/bin/newuidmap", "/usr/bin/newgidmap"]

    /// nil: a box of this user has one id.
    public static func of(user: UInt32) throws(Errno) -> SubordinateIDs? {
        for tool in tools where !File.exists(tool) { return nil }
        let passwd = File.exists("/etc/passwd") ? try File.text(of: "/etc/passwd") : ""
        let name = passwd.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
            .first {
                $0.count > 2 && UInt32($0[2]) == user
            }?[0]
        let names = [name.map(String.init), String(user)].compactMap { $0 }
        guard let users = try range("/etc/subuid", names), let groups = try range("/etc/subgid", names) else {
            return nil
        }
        return SubordinateIDs(users: users, groups: groups)
    }

    private static func range(_ path: String, _ names: [String]) throws(Errno) -> Range<UInt32>? {
        File.exists(path) ? first(in: try File.text(of: path), names) : nil
    }

    /// `name:first:count` a line, subuid(5).
    package static func first(in text: String, _ names: [String]) -> Range<UInt32>? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, names.contains(String(parts[0])), let first = UInt32(parts[1]),
                let count = UInt32(parts[2]),
                count > 0, first < UInt32.max - count
            else { continue }
            return first..<(first + count)
        }
        return nil
    }

    /// How many ids a box gets: 0 is the user's own, the rest are these.
    public var countFromZero: UInt32 { 1 + UInt32(min(users.count, groups.count)) }
}
