public import BoxSystem

/// Paths inside a rootfs: resolved by the kernel with the rootfs as their root (openat2, RESOLVE_IN_ROOT),
/// never as text. What comes back is a descriptor, and all further work is done on it.
public enum RootedPath {
    /// What `openOrMake` makes of the last part.
    public enum Target: Equatable, Sendable { case directory, file }

    /// Opens what the path leads to with links followed inside the root; O_PATH unless other flags are given.
    public static func open(
        _ path: String, in root: CInt, _ flags: CInt = FileFlags.path, followLinks: Bool = true
    ) throws(Errno) -> Descriptor {
        let relative = String(path.drop { $0 == "/" })
        return try File.open(
            relative.isEmpty ? "." : relative, flags, below: root,
            followLinks ? [.inRoot, .noMagicLinks] : [.inRoot, .noSymlinks])
    }

    /// As `open`, and makes what is missing: directories with mode 755, the last part as `target` says.
    /// A link that leads nowhere is refused (ELOOP): nothing is ever made through one (CVE-2024-45310).
    public static func openOrMake(
        _ path: String, in root: CInt, as target: Target, followLinks: Bool = true
    ) throws(Errno) -> Descriptor {
        do {
            return try open(path, in: root, followLinks: followLinks)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
        }
        if let made = try makeLast(path, in: root, as: target, followLinks) { return made }
        let names = path.split(separator: "/").filter { $0 != "." }
        var here = try File.open(".", FileFlags.path | FileFlags.directory, at: root)
        var prefix = ""
        for (index, name) in names.enumerated() {
            prefix += "/" + name
            do {
                here = try open(prefix, in: root, followLinks: followLinks)
            } catch {
                if error != .noSuchFileOrDirectory || name == ".." { throw error }
                let isFile = target == .file && index == names.count - 1
                here = try make(String(name), asFile: isFile, in: here.raw)
            }
        }
        return here
    }

    /// Where nothing but the last part is missing; nil where more is, or the path is an odd one.
    private static func makeLast(
        _ path: String, in root: CInt, as target: Target, _ followLinks: Bool
    ) throws(Errno) -> Descriptor? {
        let (above, name) = File.split(path)
        if name.isEmpty || name == "." || name == ".." { return nil }
        do {
            let parent = try open(above, in: root, followLinks: followLinks)
            return try make(name, asFile: target == .file, in: parent.raw)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    private static func make(_ name: String, asFile: Bool, in directory: CInt) throws(Errno) -> Descriptor {
        if asFile {
            let flags = FileFlags.create | FileFlags.exclusive | FileFlags.writeOnly | FileFlags.noFollow
            return try File.open(name, flags, mode: 0o644, below: directory, [.beneath, .noSymlinks])
        }
        try tolerating(.fileExists) { () throws(Errno) in
            try File.makeDirectory(name, mode: 0o755, at: directory)
        }
        return try File.open(
            name, FileFlags.path | FileFlags.directory | FileFlags.noFollow, below: directory, [.beneath, .noSymlinks])
    }
}
