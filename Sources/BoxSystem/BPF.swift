internal import CBoxLinux

/// Device programs of cgroups. Every call is thread-safe.
public enum BPF {
    /// bpf(2) BPF_PROG_LOAD of a BPF_PROG_TYPE_CGROUP_DEVICE program: instructions of 8 bytes each.
    /// EINVAL or EACCES when the kernel's verifier refuses it, EPERM without CAP_BPF (or CAP_SYS_ADMIN).
    public static func loadCgroupDeviceProgram(_ instructions: [UInt8]) throws(Errno) -> Descriptor {
        Descriptor(owning: CInt(try check(box_bpf_load_cgroup_device(instructions, UInt32(instructions.count / 8)))))
    }

    /// bpf(2) BPF_PROG_ATTACH: the cgroup keeps the program until it is removed; `program` may be closed.
    public static func attachDeviceProgram(_ program: CInt, toCgroup cgroup: CInt) throws(Errno) {
        try check(box_bpf_attach_cgroup_device(cgroup, program))
    }
}
