/// What /etc/passwd and /etc/group of a rootfs say. The files are the image's: a line that makes no sense is left
/// out, as the C library does; the first of two equal names counts.
struct Accounts {
    struct User: Equatable {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }

    struct Group: Equatable {
        var name: String
        var gid: UInt32
        var members: [String]
    }

    var users: [User]
    var groups: [Group]

    init(passwd: String, group: String) {
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
    static func id(_ text: some StringProtocol) -> UInt32? {
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
