internal import CBoxLinux

/// Device programs of cgroups. Every call is thread-safe.
public enum BPF {
    /// bpf(2) BPF_PROG_LOAD of a BPF_PROG_TYPE_CGROUP_DEVICE program: instructions of 8 bytes each. `name` has at most
    /// 15 letters, digits and `_`.
    /// EINVAL or EACCES when the kernel's verifier refuses it, EPERM without CAP_BPF (or CAP_SYS_ADMIN).
    public static func loadCgroupDeviceProgram(_ instructions: [UInt8], name: String) throws(Errno) -> Descriptor {
        Descriptor(
            owning: CInt(try check(box_bpf_load_cgroup_device(instructions, UInt32(instructions.count / 8), name))))
    }

    /// bpf(2) BPF_PROG_ATTACH: the cgroup keeps the program until it is removed; `program` may be closed.
    public static func attachDeviceProgram(_ program: CInt, toCgroup cgroup: CInt) throws(Errno) {
        try check(box_bpf_attach_cgroup_device(cgroup, program))
    }

    /// The same with BPF_F_REPLACE (Linux 5.6): no open(2) is decided without a program in between.
    public static func replaceDeviceProgram(_ old: CInt, by program: CInt, inCgroup cgroup: CInt) throws(Errno) {
        try check(box_bpf_replace_cgroup_device(cgroup, program, old))
    }

    /// bpf(2) BPF_PROG_DETACH.
    public static func detachDeviceProgram(_ program: CInt, fromCgroup cgroup: CInt) throws(Errno) {
        try check(box_bpf_detach_cgroup_device(cgroup, program))
    }

    /// The device program of this name that is attached to this very cgroup; nil where there is none.
    /// bpf(2) BPF_PROG_QUERY, BPF_PROG_GET_FD_BY_ID and BPF_OBJ_GET_INFO_BY_FD.
    public static func deviceProgram(named name: String, ofCgroup cgroup: CInt) throws(Errno) -> Descriptor? {
        // BPF_CGROUP_MAX_PROGS: the kernel attaches no more.
        var ids = [UInt32](repeating: 0, count: 64)
        let count = try check(box_bpf_query_cgroup_device(cgroup, &ids, UInt32(ids.count)))
        for id in ids[..<count] {
            let program = Descriptor(owning: CInt(try check(box_bpf_open_program(id))))
            var found = [CChar](repeating: 0, count: 16)
            try check(box_bpf_program_name(program.raw, &found))
            let text = String(decoding: found.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text == name { return program }
        }
        return nil
    }
}
