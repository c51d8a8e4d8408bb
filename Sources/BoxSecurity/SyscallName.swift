internal import CSeccomp
internal import Glibc

/// System calls by number, as a log has them.
public enum SyscallName {
    /// libseccomp's name; `syscall 999` for one that it does not know. `token` is the audit architecture.
    public static func name(_ number: Int32, token: UInt32) -> String {
        guard let name = seccomp_syscall_resolve_num_arch(token, number) else { return "syscall \(number)" }
        defer { free(name) }
        return String(cString: name)
    }
}
