internal import CBoxLinux

/// The calls by which a process gives up rights. They act on the calling thread.
public enum SecurityCalls {
    /// seccomp(SECCOMP_SET_MODE_FILTER); `program` is an array of struct sock_filter, 8 bytes each.
    /// Needs no_new_privs or CAP_SYS_ADMIN (EACCES). Allocates nothing.
    public static func setSeccompFilter(_ program: [UInt8], flags: UInt32) throws(Errno) {
        let result = program.withUnsafeBytes {
            box_seccomp_set_filter(flags, $0.baseAddress, UInt16($0.count / 8))
        }
        // With TSYNC a positive answer is the thread that could not be brought under the filter.
        if try check(result) > 0 { throw Errno.noSuchProcess }
    }

    /// The same with SECCOMP_FILTER_FLAG_NEW_LISTENER in `flags`; at once the new descriptor is sent by sendmsg(2) and closed.
    /// The errno of sendmsg(2) is returned, not thrown: the filter is in force. Allocates nothing in between.
    public static func setListeningSeccompFilter(
        _ program: [UInt8], flags: UInt32, message: UInt8, socket: CInt
    ) throws(Errno) -> Errno? {
        var sent = 0
        let result = program.withUnsafeBytes {
            box_seccomp_listen(flags, $0.baseAddress, UInt16($0.count / 8), message, socket, &sent)
        }
        try check(result)
        return sent < 0 ? Errno(rawValue: CInt(-sent)) : nil
    }

    /// Whether the kernel knows all SECCOMP_FILTER_FLAG_* in `flags`: asked with a program at address 0, which it reads
    /// (EFAULT) only after it has looked at them. Changes nothing.
    public static func knowsSeccompFlags(_ flags: UInt32) -> Bool {
        // What is for a listener alone is refused without one.
        let listener: UInt32 = flags & 32 == 0 ? 0 : 8
        return box_seccomp_probe_flags(flags | listener) == -Int(Errno.badAddress.rawValue)
    }
}

extension File {
    /// lseek(2) to the start.
    public static func rewind(_ descriptor: CInt) throws(Errno) {
        try check(box_lseek(descriptor, 0, 0))
    }
}
