import TestBed
import Testing

extension HostBed {
    /// Capabilities and system calls, as the box's process finds them.
    @Suite struct Rights {
        struct Case {
            var flags: [String]
            /// Bounding set, permitted and effective alike, inheritable and ambient alike; nil: as many as there are.
            var bounding: UInt64?
            var held: UInt64?
            var kept: UInt64 = 0
        }

        /// CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT,
        /// AUDIT_WRITE, SETFCAP.
        private static let usual: UInt64 = 0xa004_25fb
        private static let netAdmin: UInt64 = 1 << 12

        private static let cases = [
            Case(flags: [], bounding: usual, held: usual),
            Case(flags: ["--userns", "host"], bounding: usual, held: usual),
            Case(flags: ["--cap-drop", "ALL"], bounding: 0, held: 0),
            Case(
                flags: ["--cap-drop", "NET_RAW", "--cap-drop", "cap_kill"], bounding: usual & ~0x2020,
                held: usual & ~0x2020),
            Case(flags: ["--cap-add", "NET_ADMIN"], bounding: usual | netAdmin, held: usual | netAdmin),
            Case(flags: ["--cap-drop", "ALL", "--cap-add", "NET_ADMIN"], bounding: netAdmin, held: netAdmin),
            Case(flags: ["-u", "1000"], bounding: usual, held: 0),
            Case(
                flags: ["-u", "1000", "--cap-add", "NET_ADMIN"], bounding: usual | netAdmin, held: netAdmin,
                kept: netAdmin),
            Case(flags: ["--privileged"], bounding: nil, held: nil),
            Case(flags: ["--cap-add", "ALL"], bounding: nil, held: nil),
        ]

        /// runc CVE-2022-29162, crun CVE-2022-27650: the inheritable set is empty unless somebody needs it.
        @Test func capabilitiesAreThoseDocumented() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let mine = fields(try bed.hostShell("sed 's/:[[:space:]]*/=/' /proc/self/status").output)
            // All that this machine's root has.
            let own = try #require(UInt64(mine["CapBnd"] ?? "", radix: 16))
            for one in Self.cases {
                let command = [try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", rootfs]
                let outcome = try Command(command + one.flags + ["workload", "status"]).start(in: bed).wait()
                let found = ["CapBnd", "CapPrm", "CapEff", "CapInh", "CapAmb"].map { name in
                    UInt64(fields(outcome.output)[name] ?? "", radix: 16)
                }
                let held = one.held ?? own
                #expect(found == [one.bounding ?? own, held, held, one.kept, one.kept], "\(one.flags): \(outcome)")
            }
        }

        @Test func anInheritableSetThatIsAskedForIsThere() throws {
            let bed = try Bed.here
            var config = try Config("workload", "status")
            config.set("process.capabilities.inheritable", ["CAP_KILL"])
            let bundle = try bed.makeBundle(config)
            #expect(fields(try bed.run("--bundle", bundle).output)["CapInh"] == "0000000000000020")
        }

        @Test func noNewPrivilegesAndAFilterAreTheDefault() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let usual = fields(try bed.run("--rootfs", rootfs, "workload", "status").output)
            #expect(usual["NoNewPrivs"] == "1" && usual["Seccomp"] == "2" && usual["Seccomp_filters"] == "1")
            #expect(usual["dumpable"] == "1" && usual["Threads"] == "1")
            let loose = fields(try bed.run("--rootfs", rootfs, "--privileged", "workload", "status").output)
            #expect(loose["NoNewPrivs"] == "0" && loose["Seccomp"] == "0")
        }

        /// What the default profile denies, as an errno each: 1 EPERM, 38 ENOSYS.
        private static let denied: [(name: String, errno: Int)] = [
            ("mount", 1), ("umount", 1), ("fsopen", 1), ("pivot_root", 1), ("unshare-user", 1), ("unshare-mount", 1),
            ("setns", 1), ("clone-user", 1), ("clone3", 38), ("bpf", 1), ("perf", 1), ("keyctl", 1), ("add_key", 1),
            ("io_uring", 1), ("userfaultfd", 1), ("reboot", 1), ("kexec", 1), ("init_module", 1),
            ("open_by_handle_at", 1), ("sethostname", 1), ("settime", 1), ("vsock", 1), ("personality", 1),
            ("mknod-null", 1), ("mknod-disk", 1), ("600", 38),
            ("1000", 38), ("i386-keyctl", 1), ("i386-socketcall", 1),
        ]

        @Test func theDefaultProfileDenies() throws {
            let bed = try Bed.here
            let names = Self.denied.map(\.name) + ["getpid", "i386-getpid", "i386-socket", "setuid"]
            let outcome = try bed.runAsHostRoot(["--rootfs", bed.makeRootfs(), "workload", "syscall"] + names)
            let expected =
                Self.denied.map { "\($0.name) \($0.errno)" } + [
                    "getpid 0", "i386-getpid 0", "i386-socket 0", "setuid 0",
                ]
            #expect(outcome.output.split(separator: "\n").map(String.init) == expected, "\(outcome)")
        }

        /// Twin: with all capabilities and no filter none of these answers as it did, or it is not the filter's answer.
        @Test func withoutTheProfileTheKernelAnswersItself() throws {
            let bed = try Bed.here
            let names = [
                "mount", "fsopen", "unshare-mount", "setns", "clone-user", "clone3", "keyctl", "add_key", "personality",
                "i386-keyctl", "i386-socketcall", "sethostname",
            ]
            let outcome = try bed.runAsHostRoot(
                ["--rootfs", bed.makeRootfs(), "--privileged", "workload", "syscall"] + names)
            let answers = outcome.output.split(separator: "\n").map(String.init)
            let refused = Self.denied.map { "\($0.name) \($0.errno)" }
            #expect(answers.count == names.count && answers.allSatisfy { !refused.contains($0) }, "\(outcome)")
        }
    }
}
