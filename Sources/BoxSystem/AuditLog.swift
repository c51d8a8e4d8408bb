internal import CBoxLinux

/// What the kernel's audit tells, heard beside auditd or without one: netlink(7), NETLINK_AUDIT. One thread.
public final class AuditLog {
    public let raw: CInt
    private var buffer = [UInt8](repeating: 0, count: 16384)
    /// AUDIT_SECCOMP
    private static let seccomp: UInt16 = 1326

    /// EPERM without CAP_AUDIT_READ in the host's first user namespace; EPROTONOSUPPORT where the kernel has no audit.
    public init() throws(Errno) { raw = CInt(try check(box_audit_socket())) }

    deinit { _ = Descriptor(owning: raw) }

    /// The next record of a system call that a filter has answered; nil when there is none yet. Lost ones are passed over.
    public func nextSeccomp() throws(Errno) -> String? {
        while true {
            let count = box_read(raw, &buffer, buffer.count)
            if count == -Int(Errno.wouldBlock.rawValue) { return nil }
            // ENOBUFS: more came than was fetched.
            if count == -105 || count == -Int(Errno.interrupted.rawValue) { continue }
            try check(count)
            if count < 16 { continue }
            let kind = UInt16(buffer[4]) | UInt16(buffer[5]) << 8
            if kind == Self.seccomp { return String(decoding: buffer[16..<count], as: UTF8.self) }
        }
    }
}
