public import BoxOCI
public import BoxSystem

/// Which of the security modules that label processes run on this host.
public struct LSMFacts: Equatable, Sendable {
    public var appArmor = false
    public var seLinux = false

    public init() {}

    /// Looks at /sys; a module that does not show there counts as off. Safe on any thread.
    public static func detect() -> LSMFacts {
        var facts = LSMFacts()
        facts.appArmor = appArmorEnabled()
        facts.seLinux = seLinuxMounted()
        return facts
    }

    private static func appArmorEnabled() -> Bool {
        do throws(Errno) {
            return try File.text(of: "/sys/module/apparmor/parameters/enabled").hasPrefix("Y")
        } catch {
            return false
        }
    }

    /// Whether the folder is selinuxfs (SELINUX_MAGIC), which is mountable only where SELinux is on.
    private static func seLinuxMounted() -> Bool {
        do throws(Errno) {
            let folder = try File.open("/sys/fs/selinux", FileFlags.path | FileFlags.directory)
            let type = try File.fileSystemType(folder.raw)
            try folder.close()
            return type == 0xf97c_ff8c
        } catch {
            return false
        }
    }
}

/// The label that the workload gets at its execve(2).
public enum ExecLabel: Equatable, Sendable {
    case appArmor(String)
    case seLinux(String)

    /// The label that `process` asks for; nil when it asks for none.
    /// - Throws: unsupported where the host cannot give it, invalidSpec where it cannot be written.
    public static func plan(_ process: Process, _ facts: LSMFacts) throws(BoxError) -> ExecLabel? {
        let profile = process.apparmorProfile ?? ""
        let label = process.selinuxLabel ?? ""
        try refuseControls(profile, field: "process.apparmorProfile")
        try refuseControls(label, field: "process.selinuxLabel")
        if !label.isEmpty && !facts.seLinux {
            throw BoxError(
                .unsupported, "cannot apply the SELinux label \"\(label)\"", field: "process.selinuxLabel",
                found: "SELinux is not enabled on this host", remedy: "leave it out")
        }
        if !profile.isEmpty && !facts.appArmor {
            // Without AppArmor everything is unconfined already.
            if profile == "unconfined" { return label.isEmpty ? nil : .seLinux(label) }
            throw BoxError(
                .unsupported, "cannot apply the AppArmor profile \"\(profile)\"", field: "process.apparmorProfile",
                found: "AppArmor is not enabled on this host", remedy: "leave it out, or say \"unconfined\"")
        }
        if !profile.isEmpty && !label.isEmpty {
            throw BoxError(
                .unsupported, "an AppArmor profile and an SELinux label cannot go together",
                field: "process.selinuxLabel")
        }
        if !profile.isEmpty { return .appArmor(profile) }
        return label.isEmpty ? nil : .seLinux(label)
    }

    private static func refuseControls(_ text: String, field: String) throws(BoxError) {
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw BoxError(.invalidSpec, "holds a control character", field: field)
        }
    }

    /// Writes the label to `attr/` below `process`, the caller's own directory (`self` or `thread-self`)
    /// in a proc file system that the caller knows to be private. Links and mounts below it are refused
    /// (ELOOP, EXDEV). The kernel answers ENOENT where no such AppArmor profile is loaded, EINVAL to a bad label.
    public func write(below process: CInt) throws(Errno) {
        switch self {
        case .seLinux(let label): try Self.write(label, "attr/exec", process)
        case .appArmor(let profile):
            // Kernels with several modules have a folder each; attr/exec belongs to the first.
            let own = File.exists("attr/apparmor/exec", at: process)
            try Self.write("exec \(profile)", own ? "attr/apparmor/exec" : "attr/exec", process)
        }
    }

    private static func write(_ value: String, _ path: String, _ process: CInt) throws(Errno) {
        let file = try File.open(path, FileFlags.writeOnly, below: process, [.beneath, .noXdev, .noSymlinks])
        try File.writeValue(value, to: file.raw)
        try file.close()
    }
}
