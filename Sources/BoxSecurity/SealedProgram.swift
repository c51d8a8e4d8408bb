public import BoxOCI
internal import BoxSystem

/// Keeps boxes from overwriting the program that starts them (CVE-2019-5736): until its execve(2) a box's init process,
/// and for its whole life the process 1 of `--init`, shows that program as /proc/1/exe, and root in a box without a
/// user namespace is the owner of the file. So it runs from a mount of its own that is read-only, attached nowhere,
/// and which therefore nobody can make writable.
public enum SealedProgram {
    /// Returns when this process runs from such a mount, having started its program once more if need be with the
    /// same arguments and environment; at once when it is not root with CAP_SYS_ADMIN, who alone could harm the file.
    /// Call it before anything is read or made. It cannot go round in circles: only a copy that already passes the
    /// test by which the next round ends is executed.
    public static func enter() throws(BoxError) {
        if Caller.userID != 0 { return }
        try explaining({ BoxError(.kernel, "cannot protect swiftbox's own program from the box", errno: $0) }) {
            () throws(Errno) in
            let program = try OwnProgram.open()
            if try OwnProgram.isDetachedAndReadOnly(program.raw) { return try restoreName() }
            guard let copy = try detachedCopy(of: program.raw) else { return }
            try Mounts.change(copy.raw, set: .readOnly)
            if try OwnProgram.isDetachedAndReadOnly(copy.raw) { try OwnProgram.executeAgain(copy.raw) }
            throw .notSupported
        }
    }

    private static func detachedCopy(of program: CInt) throws(Errno) -> Descriptor? {
        do {
            return try Mounts.cloneTree("", at: program, recursive: false)
        } catch {
            if error == .notPermitted { return nil }
            if error != .invalidArgument { throw error }
        }
        // Started outside of this mount namespace: the same file has to be found by its name in here.
        let path = try File.readLink("/proc/self/exe")
        let named = try File.open(path, FileFlags.path)
        if try !File.isStill(program, path) { throw .noSuchFileOrDirectory }
        return try Mounts.cloneTree("", at: named.raw, recursive: false)
    }

    /// Kernels before 6.14 name a program that is executed by its descriptor after the descriptor's number.
    private static func restoreName() throws(Errno) {
        if let name = CommandLine.arguments.first?.split(separator: "/").last { try OwnProcess.rename(String(name)) }
    }
}
