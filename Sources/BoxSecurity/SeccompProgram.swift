public import BoxSystem

/// A seccomp filter, compiled and ready for the kernel. A plain value; safe on any thread.
public struct SeccompProgram: Equatable, Sendable {
    /// struct sock_filter, 8 bytes each, at most 4,096 of them.
    public var instructions: [UInt8]
    /// SECCOMP_FILTER_FLAG_* of seccomp(2).
    public var flags: UInt32
    /// Names in the profile that stand for no system call that swiftbox knows. No rule was made for
    /// them, as the specification's other runtimes do; the caller warns.
    public var unknownSyscalls: [String]
    /// Somebody is asked about some calls: the kernel makes a descriptor by which they are answered, seccomp_unotify(2).
    public var listens: Bool
    /// The name under which `SeccompCache` keeps it.
    public var keptAs: String?

    public init(instructions: [UInt8], flags: UInt32, unknownSyscalls: [String] = [], listens: Bool = false) {
        self.listens = listens
        self.instructions = instructions
        self.flags = flags
        self.unknownSyscalls = unknownSyscalls
    }

    /// Puts the calling thread under the filter, for good: seccomp(SECCOMP_SET_MODE_FILTER).
    /// EACCES without no_new_privs and CAP_SYS_ADMIN. Allocates nothing, so the cloned child may call it.
    public func install() throws(Errno) {
        try SecurityCalls.setSeccompFilter(instructions, flags: flags)
    }

    /// The same for a filter that listens: the descriptor goes into `socket` beside the one byte `message`.
    ///
    /// Nothing is called between the two but sendmsg(2), which no rule may notify: the caller can never stand still in a
    /// call that nobody can answer yet. Whoever reads the socket has to pass the descriptor on at once.
    /// - Returns: the errno of sendmsg(2) where the filter itself forbids it; then the filter is in force all the same.
    public func installListening(tellingBy message: UInt8, over socket: CInt) throws(Errno) -> Errno? {
        try SecurityCalls.setListeningSeccompFilter(instructions, flags: flags, message: message, socket: socket)
    }
}
