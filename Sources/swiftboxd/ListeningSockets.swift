internal import BoxEngine
internal import BoxOCI
internal import BoxSystem

/// Where requests come in. The descriptors are the server's from then on.
struct ListeningSockets: Sendable {
    let api: [CInt]
    let metrics: CInt?
    /// The file of a socket that is ours to remove.
    private let made: (path: String, status: FileStatus)?

    /// Those that systemd passed (sd_listen_fds(3)), else one of our own at the configured path.
    init(_ settings: DaemonConfiguration) throws(BoxError) {
        let passed = Self.passed()
        if passed.isEmpty {
            let (socket, status) = try Self.make(settings.socketPath, group: settings.group)
            (api, made) = ([socket], (settings.socketPath, status))
        } else {
            (api, made) = (passed, nil)
        }
        metrics = try settings.metricsAddress.map { (address) throws(BoxError) in try Self.loopback(address) }
    }

    /// Of a daemon that ends; not where another one has put its own in its place.
    func removeFile() throws(Errno) {
        guard let made, File.exists(made.path) else { return }
        let now = try File.status(made.path)
        if now.inode == made.status.inode && now.device == made.status.device { try File.remove(made.path) }
    }

    private static func passed() -> [CInt] {
        let environment = Caller.environment
        guard environment["LISTEN_PID"] == String(Processes.id),
            let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), count > 0
        else { return [] }
        return Array(3..<(3 + count))
    }

    /// Made under another name, given away, and only then put where clients look for it: nobody else gets in between,
    /// and a socket that a killed daemon left is replaced.
    private static func make(_ path: String, group: String) throws(BoxError) -> (CInt, FileStatus) {
        let gid = try groupID(group)
        return try explaining({ BoxError(.kernel, "cannot listen on \(path)", errno: $0) }) {
            () throws(Errno) -> (CInt, FileStatus) in
            let (parent, _) = File.split(path)
            try File.makeDirectories(parent)
            let temporary = path + ".\(Processes.id)"
            let listener = try UnixSocket.listen(temporary, .stream)
            let status: FileStatus
            do throws(Errno) {
                let here = FileFlags.currentDirectory
                try File.changeOwner(temporary, uid: 0, gid: gid ?? 0, at: here)
                try File.changeMode(temporary, mode: gid == nil ? 0o600 : 0o660, at: here)
                status = try File.status(temporary)
                try File.rename(temporary, to: path)
            } catch let cause {
                do throws(Errno) { try File.remove(temporary) } catch { throw cause }
                throw cause
            }
            return (listener.release(), status)
        }
    }

    /// nil where there is no such group: then the socket is root's.
    private static func groupID(_ name: String) throws(BoxError) -> UInt32? {
        let text = try explaining({ BoxError(.kernel, "cannot read /etc/group", errno: $0) }) { () throws(Errno) in
            try File.text(of: "/etc/group")
        }
        return Accounts(passwd: "", group: text).groups.first { $0.name == name }?.gid
    }

    private static func loopback(_ address: String) throws(BoxError) -> CInt {
        let parts = address.split(separator: ":")
        let port = parts.last.flatMap { UInt16($0) } ?? 0
        return try explaining({ BoxError(.kernel, "cannot listen on \(address)", field: "metrics_address", errno: $0) })
        {
            () throws(Errno) in try TCPSocket.listenOnLoopback(port: port, version6: address.hasPrefix("[")).release()
        }
    }
}
