internal import CBoxLinux

/// The file that this process executes. Every call is thread-safe.
public enum OwnProgram {
    /// `/proc/self/exe`, by open(2) with O_PATH.
    public static func open() throws(Errno) -> Descriptor { try File.open("/proc/self/exe", FileFlags.path) }

    /// Whether a descriptor of a file stands on a mount that is read-only and attached nowhere, as a detached copy
    /// of a mount is: the path of such a file is `/`, which no file in a mount tree can have.
    public static func isDetachedAndReadOnly(_ file: CInt) throws(Errno) -> Bool {
        if try check(box_fstatfs_flags(file)) & 1 == 0 { return false }
        return try File.readLink("/proc/self/fd/\(file)") == "/"
    }

    /// execveat(2) of the file behind a descriptor, with the arguments and the environment that this process got.
    /// Returns only to throw.
    public static func executeAgain(_ file: CInt) throws(Errno) {
        try check(box_execveat(file, CommandLine.unsafeArgv, box_environ()))
    }
}
