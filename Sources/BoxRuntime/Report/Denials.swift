internal import BoxOCI
internal import BoxSecurity
internal import BoxSystem

/// `--log-denials`: the system calls that the box's filter has refused, counted by call and program.
package final class Denials {
    package struct Key: Hashable {
        var syscall: String
        var process: String
    }

    private let log: AuditLog
    private let cgroup: String?
    private let users: [IDMapping]
    private(set) var counts: [Key: UInt64] = [:]
    /// A box that makes up names must not fill our memory.
    private static let maxKeys = 1000

    var raw: CInt { log.raw }

    /// `cgroup` below the mount, and the ids of the box: by one of them a process is known as the box's.
    init(cgroup: String?, users: [IDMapping]) throws(BoxError) {
        self.cgroup = cgroup
        self.users = users
        log = try explaining({ errno in
            BoxError(
                .unsupported, "denied system calls cannot be counted: the kernel's audit cannot be heard",
                field: "swiftbox.logDenials", errno: errno,
                remedy: errno == .notPermitted ? "run as root" : "leave --log-denials out, or pass --best-effort")
        }) { () throws(Errno) in try AuditLog() }
    }

    /// Takes what has come; never waits.
    func drain() throws(Errno) {
        while let record = try log.nextSeccomp() {
            guard let denial = Self.parse(record), isOurs(denial) else { continue }
            if counts[denial.key] == nil && counts.count == Self.maxKeys { continue }
            counts[denial.key, default: 0] += 1
        }
    }

    /// The most frequent first.
    var sorted: [(key: Key, count: UInt64)] {
        counts.map { ($0.key, $0.value) }.sorted { a, b in
            (b.count, a.key.syscall, a.key.process) < (a.count, b.key.syscall, b.key.process)
        }
    }

    package struct Denial: Equatable {
        var key: Key
        var pid: Int32
        var user: UInt32
    }

    /// `… uid=0 … pid=7 comm="sh" … arch=c000003e syscall=272 … code=0x50000`; SECCOMP_RET_ERRNO is 0x5….
    package static func parse(_ record: String) -> Denial? {
        var fields: [Substring: Substring] = [:]
        for word in record.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let pid = fields["pid"].flatMap({ Int32($0) }), let user = fields["uid"].flatMap({ UInt32($0) }),
            let number = fields["syscall"].flatMap({ Int32($0) }),
            let token = fields["arch"].flatMap({ UInt32($0, radix: 16) }), fields["code"]?.hasPrefix("0x5") == true
        else { return nil }
        let process = (fields["comm"] ?? "").filter { $0 != "\"" && $0 != "\n" }
        return Denial(key: Key(syscall: SyscallName.name(number, token: token), process: process), pid: pid, user: user)
    }

    /// The ids of a box are nobody else's. Without such, the cgroup tells as long as the process is there; of one that is
    /// gone it is believed, because the kernel tells only of filters that ask for it, as hardly any other does.
    private func isOurs(_ denial: Denial) -> Bool {
        let block = users.filter { $0.hostID > 0 }
        if !block.isEmpty { return block.contains { denial.user >= $0.hostID && denial.user - $0.hostID < $0.size } }
        guard let cgroup, let own = Self.cgroup(of: denial.pid) else { return true }
        return own == cgroup || own.hasPrefix(cgroup + "/")
    }

    private static func cgroup(of pid: Int32) -> String? {
        do throws(Errno) {
            let text = try File.text(of: "/proc/\(pid)/cgroup")
            return text.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
        } catch {
            return nil
        }
    }
}
