internal import BoxDocument

extension Linux {
    private static let ipcNames: Set<String> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// Only what a namespace of the box's own holds: any other sysctl would change the host.
    func validateSysctl() throws(BoxError) {
        try refuseDuplicates(sysctl, in: "linux.sysctl")
        for pair in sysctl {
            let field = "linux.sysctl.\(pair.name)"
            let parts = pair.name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            if parts.contains(where: \.isEmpty)
                || pair.name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2F || $0 == 0x7F })
            {
                throw invalid(
                    "linux.sysctl", "\(JSON.quoted(pair.name)) is no sysctl name",
                    remedy: "write it with dots, such as net.ipv4.ip_forward")
            }
            if pair.value.utf8.contains(where: { $0 == 0x0A || $0 == 0 }) {
                throw invalid(field, "must not hold a line break or NUL, found \(JSON.quoted(pair.value))")
            }
            guard let type = Self.namespace(ofSysctl: pair.name) else {
                throw invalid(
                    field, "belongs to no namespace: setting it would change the host",
                    remedy: "set it on the host, or leave it out")
            }
            if namespace(type) == nil {
                throw invalid(
                    field, "needs a \(type.rawValue) namespace",
                    remedy: "add {\"type\": \"\(type.rawValue)\"} to linux.namespaces")
            }
        }
    }

    /// The kind of namespace that a sysctl belongs to; nil for one of the whole host.
    public static func namespace(ofSysctl name: String) -> Namespace.Kind? {
        if Self.ipcNames.contains(name) || name.utf8.starts(with: "fs.mqueue.".utf8) { return .ipc }
        if name.utf8.starts(with: "net.".utf8) { return .network }
        if name == "kernel.hostname" || name == "kernel.domainname" { return .uts }
        return nil
    }
}

extension Spec {
    /// Two ways to say one name: which wins would be chance.
    func refuseNameTwice() throws(BoxError) {
        if linux.sysctl.isEmpty { return }
        for (name, field, said) in [
            ("kernel.hostname", "hostname", hostname), ("kernel.domainname", "domainname", domainname),
        ] where said != nil && linux.sysctl.contains(where: { $0.name == name }) {
            throw invalid("linux.sysctl.\(name)", "conflicts with \(field)", remedy: "leave out one of the two")
        }
    }
}
