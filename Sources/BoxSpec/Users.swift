internal import BoxOCI

extension RunOptions {
    /// `-u NAME|UID[:GROUP|GID]` and `--group-add`. Without `-u` it is root, without root's further groups.
    func resolveUser(_ context: SpecContext) throws(BoxError) -> Accounts.Resolved {
        let accounts = Accounts(passwd: context.passwd, group: context.group)
        var resolved = try accounts.resolve(user ?? "0") { refusal("--user", user ?? "0", $0, $1, remedy: $2) }
        if user == nil { resolved.user.additionalGids = [] }
        for group in groupAdd {
            let gid = try accounts.groupID(group) { refusal("--group-add", group, $0, $1, remedy: $2) }
            resolved.user.additionalGids.append(gid)
        }
        let primary = resolved.user.gid
        resolved.user.additionalGids = unique(resolved.user.additionalGids.filter { $0 != primary })
        return resolved
    }

    private func unique(_ ids: [UInt32]) -> [UInt32] {
        var seen: Set<UInt32> = []
        return ids.filter { seen.insert($0).inserted }
    }
}
