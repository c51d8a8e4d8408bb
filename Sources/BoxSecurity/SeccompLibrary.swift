internal import BoxSystem
internal import CSeccomp

/// The libseccomp that is linked in.
public enum SeccompLibrary {
    /// `2.5.4`; seccomp_version(3).
    public static var version: String {
        guard let version = seccomp_version() else { return "unknown" }
        return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
    }
}

/// The names of a profile that `SeccompCompiler` turns into a program, sorted.
public enum SeccompVocabulary {
    public static var actions: [String] { SeccompNames.actions.keys.sorted() }
    public static var operators: [String] { SeccompNames.operators.keys.sorted() }
    public static var architectures: [String] {
        (SeccompArchitecture.allCases.map(\.rawValue) + SeccompArchitecture.foreign).sorted()
    }
    public static var flags: [String] { SeccompNames.flags.keys.sorted() }
    /// Those of `flags` that the running kernel takes.
    public static var flagsOfKernel: [String] {
        flags.filter { name in SeccompNames.flags[name].map(SecurityCalls.knowsSeccompFlags) ?? false }
    }
}
