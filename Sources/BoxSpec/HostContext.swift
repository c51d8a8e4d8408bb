public import BoxOCI
internal import BoxSecurity
internal import BoxSystem

extension SpecContext {
    /// The context of a real run: reads the caller's environment and directory, and the accounts of the root file
    /// system that `options` name.
    ///
    /// - Throws: a directory of a flag that is not there, or accounts that cannot be read.
    public static func ofHost(id: String, options: RunOptions) throws(BoxError) -> SpecContext {
        let directory = try explaining({ BoxError(.kernel, "cannot tell the working directory", errno: $0) }) {
            () throws(Errno) in try OwnProcess.workingDirectory()
        }
        let rights = try explaining({ BoxError(.kernel, "cannot tell the caller's capabilities", errno: $0) }) {
            () throws(Errno) in try CapabilitySet.permitted()
        }
        var context = SpecContext(
            id: id, workingDirectory: directory, callerUID: Caller.userID,
            callerCapabilities: rights, callerEnvironment: CallerEnvironment(Caller.variable),
            inputIsTerminal: Terminal.isTerminal(0), resolveDevice: deviceNode(at:flag:),
            readFile: contents(of:flag:))
        context.ownIDs = try ownIDs()
        let roots = try context.rootDirectories(options)
        context.passwd = try accountFile("passwd", in: roots)
        context.group = try accountFile("group", in: roots)
        return context
    }

    /// Of the user namespace that the caller is root of, or would be.
    private static func ownIDs() throws(BoxError) -> UInt32? {
        try explaining({ BoxError(.kernel, "cannot tell the caller's ids", errno: $0) }) { () throws(Errno) in
            if Caller.userID != 0 { return try SubordinateIDs.of(user: Caller.userID)?.countFromZero ?? 1 }
            return try OwnIDs.areInitial() ? nil : OwnIDs.countFromZero()
        }
    }

    /// Where files of the box's root are found before it is mounted, topmost first.
    private func rootDirectories(_ options: RunOptions) throws(BoxError) -> [String] {
        guard let rootfs = options.rootfs else { return ["/"] }
        let upper = options.upper.map { [("--upper", $0)] } ?? []
        let lowers = [("--rootfs", rootfs)] + options.layers.map { ("--layer", $0) }
        var paths: [String] = []
        for (flag, path) in upper + lowers where !path.isEmpty {
            paths.append(absolute(path))
            try Self.checkDirectory(absolute(path), flag, path)
        }
        return paths
    }

    private static func checkDirectory(_ absolute: String, _ flag: String, _ typed: String) throws(BoxError) {
        do {
            if try File.status(absolute, follow: true).kind == .directory { return }
        } catch {
            throw unreadable(flag, typed, error)
        }
        throw refusal(flag, typed, "is no directory")
    }

    /// The layers may be hostile: nothing outside of them is followed, and only a regular file is read.
    private static func accountFile(_ name: String, in roots: [String]) throws(BoxError) -> String {
        for root in roots {
            do {
                let directory = try File.open(root, FileFlags.path | FileFlags.directory)
                let flags = FileFlags.readOnly | FileFlags.nonBlocking | FileFlags.noControllingTerminal
                let file = try File.open("etc/\(name)", flags, below: directory.raw, .inRoot)
                if try File.status(at: file.raw).kind != .file { return "" }
                return String(decoding: try File.readAll(file.raw, limit: 4 << 20), as: UTF8.self)
            } catch {
                if error == .noSuchFileOrDirectory || error == .notDirectory { continue }
                // An overlay's whiteout, a device that stands for nothing: the layers below do not count.
                if error == .noSuchAddressOrDevice { return "" }
                throw BoxError(.kernel, "cannot read /etc/\(name) of \(root)", errno: error)
            }
        }
        return ""
    }

    private static func deviceNode(at path: String, flag: String) throws(BoxError) -> DeviceNode {
        let status: FileStatus
        do {
            status = try File.status(path, follow: true)
        } catch {
            throw unreadable(flag, path, error)
        }
        guard status.kind == .block || status.kind == .character else {
            throw refusal(flag, path, "is no device")
        }
        return DeviceNode(
            status.kind == .block ? .block : .character, major: status.represents.major,
            minor: status.represents.minor, mode: status.mode & 0o777, uid: status.uid, gid: status.gid)
    }

    private static func contents(of path: String, flag: String) throws(BoxError) -> [UInt8] {
        do {
            return try File.contents(of: path)
        } catch {
            throw unreadable(flag, path, error)
        }
    }

    private static func unreadable(_ flag: String, _ path: String, _ errno: Errno) -> BoxError {
        let kind: BoxError.Kind = errno == .noSuchFileOrDirectory ? .notFound : .kernel
        var error = refusal(flag, path, "cannot be read", kind)
        error.errno = errno
        return error
    }
}
