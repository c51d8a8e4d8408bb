public import BoxOCI

/// The profile of a box that names none: what ordinary programs need is allowed, everything else fails
/// with EPERM, or with ENOSYS where it is newer than the profile.
///
/// `configs/seccomp/default.json` is this profile for the default capabilities, to start an own one from.
public enum DefaultSeccompProfile {
    /// - Parameter capabilities: the box's bounding set; a call that a capability guards is allowed with it.
    public static func profile(capabilities: CapabilitySet) -> Seccomp {
        var profile = Seccomp(defaultAction: "SCMP_ACT_ERRNO")
        profile.defaultErrnoRet = 1
        profile.architectures = [
            "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",
        ]
        profile.syscalls = OrdinarySyscalls.groups.map(allow)
        profile.syscalls += personalities.map {
            allow("personality", Seccomp.Argument(index: 0, value: $0, op: "SCMP_CMP_EQ"))
        }
        profile.syscalls.append(allow("socket", ordinaryFamilies))
        for (capability, names) in guarded where !capabilities.isDisjoint(with: capability) {
            profile.syscalls.append(allow(names))
        }
        if !capabilities.contains(.sysAdmin) { profile.syscalls += cloneWithoutNamespaces }
        return profile
    }

    private static func allow(_ names: String) -> Seccomp.Syscall {
        // Of bytes: to look for white space among characters takes ten times as long, a third of a millisecond.
        let words = names.utf8.split { $0 <= UInt8(ascii: " ") }
        return Seccomp.Syscall(names: words.map { String(Substring($0)) }, action: "SCMP_ACT_ALLOW")
    }

    private static func allow(_ names: String, _ condition: Seccomp.Argument) -> Seccomp.Syscall {
        var rule = allow(names)
        rule.args = [condition]
        return rule
    }

    /// PER_LINUX, PER_LINUX32, both with UNAME26, and the question what it is. Not ADDR_NO_RANDOMIZE
    /// and its like, which weaken the next program.
    private static let personalities: [UInt64] = [0x0, 0x8, 0x20000, 0x20008, 0xffff_ffff]

    /// All families below AF_ALG. From there on are AF_ALG (a large kernel attack surface) and AF_VSOCK
    /// (reaches the hypervisor, and no namespace holds it). Said as a bound, not as "not 40": the kernel reads
    /// 32 bits of the argument, seccomp 64, and a number with high bits would pass.
    /// i386's socketcall(2) passes its arguments in memory, where no filter sees them: it makes no socket here, so that
    /// 32-bit programs need a C library that calls socket(2) itself, or a profile that names socketcall.
    private static let ordinaryFamilies = Seccomp.Argument(index: 0, value: 38, op: "SCMP_CMP_LT")

    /// A new namespace gives every capability inside it, and with them most of the kernel's attack surface.
    /// clone3(2) passes its flags in memory, so it answers ENOSYS and the C library takes clone(2).
    private static let cloneWithoutNamespaces: [Seccomp.Syscall] = {
        // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; clone(2) cannot make a NEWTIME.
        let clone = allow(
            "clone", Seccomp.Argument(index: 0, value: 0x7e02_0000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ"))
        var clone3 = Seccomp.Syscall(names: ["clone3"], action: "SCMP_ACT_ERRNO")
        clone3.errnoRet = 38
        return [clone, clone3]
    }()

    /// The capability that the kernel asks for, and the calls it opens. Any one of a set is enough.
    private static let guarded: [(CapabilitySet, String)] = [
        (
            .sysAdmin,
            """
            clone clone3 unshare setns
            mount umount umount2 mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick
            statmount listmount pivot_root
            sethostname setdomainname quotactl quotactl_fd fanotify_init lookup_dcookie lsm_set_self_attr
            """
        ),
        ([.sysAdmin, .bpf], "bpf"),
        ([.sysAdmin, .perfmon], "perf_event_open"),
        ([.sysAdmin, .syslog], "syslog"),
        (.dacReadSearch, "open_by_handle_at"),
        (.sysBoot, "reboot"),
        (.sysChroot, "chroot"),
        (.sysModule, "init_module finit_module delete_module"),
        (.sysNice, "get_mempolicy set_mempolicy set_mempolicy_home_node mbind migrate_pages move_pages"),
        (.sysPacct, "acct"),
        (.sysPtrace, "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev"),
        (.sysRawio, "iopl ioperm"),
        (.sysTime, "settimeofday stime clock_settime clock_settime64"),
        (.sysTtyConfig, "vhangup"),
    ]
}
