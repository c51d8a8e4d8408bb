/// What /etc/passwd and /etc/group of a rootfs say. The files are the image's: a line that makes no sense is left
/// out, as the C library does; the first of two equal names counts.
public struct Accounts: Equatable, Sendable {
    public struct User: Equatable, Sendable {
        public var name: String
        public var uid: UInt32
        public var gid: UInt32
        public var home: String
    }

    public struct Group: Equatable, Sendable {
        public var name: String
        public var gid: UInt32
        public var members: [String]
    }

    public var users: [User]
    public var groups: [Group]

    public init(passwd: String, group: String) {
        users = Self.lines(passwd).compactMap { fields in
            guard fields.count == 7, let uid = Self.id(fields[2]), let gid = Self.id(fields[3]), !fields[0].isEmpty
            else { return nil }
            return User(name: fields[0], uid: uid, gid: gid, home: fields[5])
        }
        groups = Self.lines(group).compactMap { fields in
            guard fields.count == 4, let gid = Self.id(fields[2]), !fields[0].isEmpty else { return nil }
            return Group(name: fields[0], gid: gid, members: fields[3].split(separator: ",").map(String.init))
        }
    }

    func user(named name: String) -> User? { users.first { $0.name == name } }
    func user(uid: UInt32) -> User? { users.first { $0.uid == uid } }
    func group(named name: String) -> Group? { groups.first { $0.name == name } }

    /// The groups that list the user as a member.
    func groups(of user: String) -> [UInt32] { groups.filter { $0.members.contains(user) }.map(\.gid) }

    /// An id as text: 4294967295 is no id, it is the kernel's "unchanged".
    public static func id(_ text: some StringProtocol) -> UInt32? {
        guard let value = Number.unsigned(text), value < UInt32.max else { return nil }
        return UInt32(value)
    }

    private static func lines(_ text: String) -> [[String]] {
        text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }
}

extension Accounts {
    /// A user as the kernel takes it, and the home directory.
    public struct Resolved: Equatable, Sendable {
        public var user: BoxOCI.User
        public var home: String
    }

    /// What `USER[:GROUP]` comes to. What consists of digits is a number and never a name. A uid that passwd does not
    /// know gets group 0, as engines have it.
    ///
    /// `refuse` makes the error of the one who asked: what is wrong, of what kind, what to do about it.
    public func resolve(
        _ text: String, refuse: (String, BoxError.Kind, String?) -> BoxError
    ) throws(BoxError) -> Resolved {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw refuse("must be USER or USER:GROUP, each a name or a number", .invalidSpec, nil)
        }
        let uid: UInt32
        let account: User?
        if Number.isDigits(parts[0]) {
            uid = try Self.id(parts[0], refuse)
            account = user(uid: uid)
        } else {
            guard let known = user(named: parts[0]) else {
                throw refuse(
                    "no user \(parts[0]) in the box's /etc/passwd", .notFound, "give a number, such as 1000:1000")
            }
            (uid, account) = (known.uid, known)
        }
        var resolved = BoxOCI.User(uid: uid, gid: account?.gid ?? 0)
        if parts.count == 2 {
            resolved.gid = try groupID(parts[1], refuse: refuse)
        } else if let account {
            resolved.additionalGids = groups(of: account.name)
        }
        return Resolved(user: resolved, home: Self.home(of: account, uid: uid))
    }

    /// A group by name or number.
    public func groupID(
        _ text: String, refuse: (String, BoxError.Kind, String?) -> BoxError
    ) throws(BoxError) -> UInt32 {
        if Number.isDigits(text) { return try Self.id(text, refuse) }
        guard let group = group(named: text) else {
            throw refuse(
                "no group \(text.isEmpty ? "''" : text) in the box's /etc/group", .notFound, "give a number")
        }
        return group.gid
    }

    /// The home directory of a user; root's is /root and anybody else's / where passwd does not say.
    public func home(uid: UInt32) -> String { Self.home(of: user(uid: uid), uid: uid) }

    private static func home(of account: User?, uid: UInt32) -> String {
        if let home = account?.home, home.hasPrefix("/"), !home.utf8.contains(0) { return home }
        return uid == 0 ? "/root" : "/"
    }

    private static func id(
        _ part: String, _ refuse: (String, BoxError.Kind, String?) -> BoxError
    ) throws(BoxError) -> UInt32 {
        guard let id = Self.id(part) else {
            throw refuse(
                "\(part) is no id: a number from 0 to 4294967294 without leading zeros", .invalidSpec, nil)
        }
        return id
    }
}
