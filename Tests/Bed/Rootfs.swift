internal import BoxSystem
internal import Foundation

extension Bed {
    /// Applets of busybox that tests call by name; `/bin/busybox NAME` reaches the rest.
    private static let applets = [
        "sh", "ash", "awk", "cat", "chmod", "chown", "cp", "cut", "date", "dd", "df", "echo", "env", "false", "find",
        "getopt", "grep", "head", "hostname", "id", "ifconfig", "ip", "kill", "ln", "ls", "md5sum", "mkdir", "mknod",
        "mkfifo", "mount", "mv", "nproc", "printf", "ps", "pwd", "readlink", "rm", "rmdir", "sed", "seq", "sleep",
        "sort", "stat", "stty", "sync", "tail", "tee", "test", "timeout", "touch", "tr", "true", "tty", "umount",
        "uname", "unlink", "vi", "wc", "wget", "whoami", "yes",
    ]

    /// A throw-away root file system: static busybox with its usual names, `/bin/workload`, and accounts
    /// root (0), box (1000, in group 2000 too).
    public func makeRootfs(_ name: String = "rootfs") throws -> String {
        let root = "\(directory)/\(name)"
        try makeDirectory(root)
        for folder in ["bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var"] {
            try makeDirectory("\(root)/\(folder)")
        }
        try FileManager.default.copyItem(atPath: "/bin/busybox", toPath: root + "/bin/busybox")
        try FileManager.default.copyItem(atPath: Bed.binary("workload"), toPath: root + "/bin/workload")
        for applet in Bed.applets {
            guard symlink("busybox", "\(root)/bin/\(applet)") == 0 else {
                throw BedError("cannot link \(applet)", errno)
            }
        }
        chmod(root + "/tmp", 0o1777)
        try write("root:x:0:0:root:/root:/bin/sh\nbox:x:1000:1000:box:/home/box:/bin/sh\n", to: root + "/etc/passwd")
        try write("root:x:0:\nbox:x:1000:\nextra:x:2000:box\n", to: root + "/etc/group")
        return root
    }

    /// An OCI bundle: a root file system of its own and `config` beside it. Its directory.
    public func makeBundle(_ config: Config, name: String = "bundle") throws -> String {
        let bundle = "\(directory)/\(name)"
        try makeDirectory(bundle)
        _ = try makeRootfs(name + "/rootfs")
        try write(config.text(), to: bundle + "/config.json")
        return bundle
    }

    /// A directory of the bed's own; its path.
    public func newDirectory(_ name: String) throws -> String {
        let path = directory + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Writes a file of this text, 0644.
    public func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}
