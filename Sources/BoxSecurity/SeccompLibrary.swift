internal import CSeccomp

/// The libseccomp that is linked in.
public enum SeccompLibrary {
    /// `2.5.4`; seccomp_version(3).
    public static var version: String {
        guard let version = seccomp_version() else { return "unknown" }
        return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
    }
}
