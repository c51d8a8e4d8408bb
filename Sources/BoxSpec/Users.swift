internal import BoxOCI

/// Who the box's process is.
struct ResolvedUser: Equatable {
    var user: User
    var home: String
}

extension RunOptions {
    /// `-u NAME|UID[:GROUP|GID]` and `--group-add`. What consists of digits is a number and never a name.
    /// A uid that passwd does not know gets group 0, as engines have it.
    func resolveUser(_ context: SpecContext) throws(BoxError) -> ResolvedUser {
        let accounts = Accounts(passwd: context.passwd, group: context.group)
        let text = user ?? "0"
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw refusal("--user", text, "must be USER or USER:GROUP, each a name or a number")
        }
        let account: Accounts.User?
        let uid: UInt32
        if Number.isDigits(parts[0]) {
            uid = try id(parts[0], "--user", text)
            account = accounts.user(uid: uid)
        } else {
            guard let known = accounts.user(named: parts[0]) else {
                throw refusal(
                    "--user", text, "no user \(parts[0]) in the box's /etc/passwd", .notFound,
                    remedy: "give a number, such as 1000:1000")
            }
            (uid, account) = (known.uid, known)
        }
        var resolved = User(uid: uid, gid: account?.gid ?? 0)
        if parts.count == 2 {
            resolved.gid = try groupID(parts[1], accounts, "--user", text)
        } else if user != nil, let account {
            resolved.additionalGids = accounts.groups(of: account.name)
        }
        for group in groupAdd {
            resolved.additionalGids.append(try groupID(group, accounts, "--group-add", group))
        }
        resolved.additionalGids = unique(resolved.additionalGids.filter { $0 != resolved.gid })
        return ResolvedUser(user: resolved, home: home(of: account, uid: uid))
    }

    private func id(_ part: String, _ flag: String, _ text: String) throws(BoxError) -> UInt32 {
        guard let id = Accounts.id(part) else {
            throw refusal(flag, text, "\(part) is no id: a number from 0 to 4294967294 without leading zeros")
        }
        return id
    }

    private func groupID(
        _ part: String, _ accounts: Accounts, _ flag: String, _ text: String
    ) throws(BoxError) -> UInt32 {
        if Number.isDigits(part) { return try id(part, flag, text) }
        guard let group = accounts.group(named: part) else {
            throw refusal(
                flag, text, "no group \(part.isEmpty ? "''" : part) in the box's /etc/group", .notFound,
                remedy: "give a number")
        }
        return group.gid
    }

    private func home(of account: Accounts.User?, uid: UInt32) -> String {
        if let home = account?.home, home.hasPrefix("/"), !home.utf8.contains(0) { return home }
        return uid == 0 ? "/root" : "/"
    }

    private func unique(_ ids: [UInt32]) -> [UInt32] {
        var seen: Set<UInt32> = []
        return ids.filter { seen.insert($0).inserted }
    }
}
