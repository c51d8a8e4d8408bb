public import BoxOCI
internal import BoxSystem

/// One mount inside the box, ready to be made: the mechanism behind `mounts[]`.
public struct BoxMount: Equatable, Sendable {
    public var destination: String
    /// A file-system type; nil for a bind, whose source is a detached mount that the caller holds.
    public var type: String?
    public var source: String
    public var options: MountOptions

    public init(destination: String, type: String?, source: String, options: MountOptions) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }

    /// Where a link could send the kernel's own files elsewhere, none is followed (CVE-2019-19921, CVE-2026-41579).
    var followsLinks: Bool {
        switch type {
        case "proc", "sysfs", "cgroup2", "devpts", "mqueue", "devtmpfs": return false
        default: break
        }
        return destination != "/dev" && !destination.hasPrefix("/dev/")
    }

    /// Makes a new file system and mounts it (fsopen, fsconfig, fsmount, move_mount).
    public func mountFileSystem(_ type: String, in root: CInt) throws(BoxError) {
        let target = try openTarget(in: root, as: .directory)
        // Written before it is mounted, and read-only only afterwards.
        let later: MountAttributes = options.copiesUp ? .readOnly : []
        let mount =
            options.mountFlags == 0
            ? try make(type, over: target.raw, options.set.subtracting(later))
            : try mountByFlags(type, over: target.raw, in: root)
        if options.copiesUp { try copyUp(from: target.raw, to: mount.raw) }
        try explaining({ failure($0) }) { () throws(Errno) in
            if options.copiesUp || options.mountFlags != 0 { try Mounts.change(mount.raw, set: options.set) }
        }
        try finish(mount.raw, on: options.mountFlags == 0 ? target.raw : nil)
    }

    private func make(
        _ type: String, over target: CInt, _ attributes: MountAttributes
    ) throws(BoxError) -> Descriptor {
        let context = try explaining({ failure($0) }) { () throws(Errno) in try FileSystemContext(type: type) }
        do throws(Errno) {
            try context.set("source", source)
            for datum in try data(type: type, target: target) { try context.configure(datum) }
            return try context.mount(attributes)
        } catch {
            throw failure(error, found: context.kernelMessage())
        }
    }

    /// `silent` and `iversion`: mount(2) onto the directory behind a descriptor, by way of the working directory. What
    /// lies on top there afterwards is the new mount.
    private func mountByFlags(_ type: String, over target: CInt, in root: CInt) throws(BoxError) -> Descriptor {
        try explaining({ failure($0) }) { () throws(Errno) in
            let words = try data(type: type, target: target).map { $0.key + ($0.value.map { "=" + $0 } ?? "") }
            try OwnProcess.changeDirectory(target)
            try Mounts.mountHere(type, source: source, flags: options.mountFlags, data: words.joined(separator: ","))
        }
        return try openTarget(in: root, as: .directory)
    }

    private func copyUp(from target: CInt, to mount: CInt) throws(BoxError) {
        try explaining({ BoxError(.kernel, "cannot copy \(destination) up into its tmpfs", errno: $0) }) {
            () throws(Errno) in
            var copy = TreeCopy()
            try copy.copyContents(of: target, to: mount)
        }
    }

    /// `remount`: the options of what is mounted at the destination; of the file system too where it is not named a bind.
    public func remount(in root: CInt) throws(BoxError) {
        let failure: (Errno) -> BoxError = { errno in
            BoxError(
                .kernel, "cannot remount \(destination)", errno: errno,
                found: errno == .invalidArgument ? "nothing is mounted there, or it has no such option" : nil)
        }
        let target = try explaining(failure) { () throws(Errno) in
            try RootedPath.open(destination, in: root, followLinks: followsLinks)
        }
        try explaining(failure) { () throws(Errno) in
            if !options.data.isEmpty {
                let context = try FileSystemContext(at: target.raw)
                for datum in options.data { try context.configure(datum) }
                try context.reconfigure()
            }
            try change(target.raw)
        }
        try finish(target.raw, on: nil)
    }

    /// Attaches a detached copy of the bind's source.
    public func bind(_ tree: CInt, in root: CInt) throws(BoxError) {
        let kind = try explaining({ failure($0) }) { () throws(Errno) in try File.status(at: tree).kind }
        let target = try openTarget(in: root, as: kind == .directory ? .directory : .file)
        try explaining({ failure($0) }) { () throws(Errno) in try change(tree) }
        try finish(tree, on: target.raw)
    }

    /// Takes away what lies on top at the destination. Its parent is resolved inside the root, its own name not followed.
    public func unmount(in root: CInt) throws(BoxError) {
        try explaining({ errno in
            BoxError(
                errno == .invalidArgument ? .notFound : .kernel, "cannot unmount \(destination)", errno: errno,
                found: errno == .invalidArgument ? "nothing is mounted there" : nil)
        }) { () throws(Errno) in
            let parts = destination.split(separator: "/").filter { $0 != "." }
            guard let name = parts.last, name != ".." else { throw .invalidArgument }
            let parent = try RootedPath.open("/" + parts.dropLast().joined(separator: "/"), in: root)
            try OwnProcess.changeDirectory(parent.raw)
            try Mounts.detach(String(name))
        }
    }

    /// The flags that a bind does not name are cleared, unless the mount is locked (mount_namespaces(7)).
    private func change(_ mount: CInt) throws(Errno) {
        let all: MountAttributes = [.readOnly, .noSuid, .noDev, .noExec, .noSymlinkFollow]
        do {
            try Mounts.change(mount, set: options.set, clear: options.clear.union(all.subtracting(options.set)))
        } catch {
            if error != .notPermitted { throw error }
            try Mounts.change(mount, set: options.set, clear: options.clear)
        }
    }

    /// nil: it is where it belongs already.
    private func finish(_ mount: CInt, on target: CInt?) throws(BoxError) {
        do {
            let recursive = options.recursiveSet.union(options.recursiveClear)
            if !recursive.isEmpty {
                try Mounts.change(mount, set: options.recursiveSet, clear: options.recursiveClear, recursive: true)
            }
            if let target { try Mounts.attach(mount, onto: target) }
            for change in options.propagation {
                try Mounts.change(mount, propagation: change.kind, recursive: change.recursive)
            }
        } catch {
            throw failure(error)
        }
    }

    private func openTarget(in root: CInt, as kind: RootedPath.Target) throws(BoxError) -> Descriptor {
        do {
            return try RootedPath.openOrMake(destination, in: root, as: kind, followLinks: followsLinks)
        } catch {
            var problem = failure(error)
            if error == .tooManySymbolicLinkLevels {
                problem.found = "\(destination) in the rootfs is, or leads through, a symbolic link"
                problem.remedy = "replace the link by a directory"
            } else if error == .readOnlyFileSystem || error == .permissionDenied {
                problem.found = "the mount point \(destination) does not exist and cannot be made in this rootfs"
                problem.remedy = "make \(destination) in the rootfs, or give the box a writable upper layer"
            }
            throw problem
        }
    }

    /// A tmpfs whose options name no mode keeps that of the directory it covers.
    private func data(type: String, target: CInt) throws(Errno) -> [MountOptions.Datum] {
        if type != "tmpfs" || options.data.contains(where: { $0.key == "mode" }) { return options.data }
        let mode = try File.status(at: target).mode
        return options.data + [MountOptions.Datum(key: "mode", value: String(mode, radix: 8))]
    }

    private func failure(_ errno: Errno, found: String = "") -> BoxError {
        BoxError(
            .kernel, "cannot mount \(type ?? source) at \(destination)", errno: errno,
            found: found.isEmpty ? nil : found)
    }
}

extension FileSystemContext {
    borrowing func configure(_ datum: MountOptions.Datum) throws(Errno) {
        if let value = datum.value {
            try set(datum.key, value)
        } else {
            try set(datum.key)
        }
    }
}
