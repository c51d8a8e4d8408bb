import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// Files that the runtime itself reads, writes or covers, where the root file system would have it take others.
    @Suite struct KernelFiles {
        /// CVE-2019-16884 and its kin: /proc is not the kernel's, and what is written there goes elsewhere.
        @Test func cve2019_16884_aSysctlIsNotWrittenToAFakeProc() throws {
            let bed = try Bed.here
            let path = "sys/net/ipv4/ip_forward"
            var config = try Config("cat", "/real/\(path)", "/proc/\(path)")
            config.set("linux.sysctl", ["net.ipv4.ip_forward": "1"])
            config.set("linux.maskedPaths", nil)
            config.set("linux.readonlyPaths", nil)
            config.set("mounts.0", ["destination": "/proc", "type": "bind", "source": "fake", "options": ["bind"]])
            config.set("mounts.+", ["destination": "/real", "type": "proc", "source": "proc"])
            let bundle = try bed.makeBundle(config)
            try bed.hostShell("mkdir -p $1/sys/net/ipv4", bundle + "/fake")
            try bed.write("fake\n", to: "\(bundle)/fake/\(path)")
            let outcome = try bed.run("--bundle", bundle)
            #expect(outcome.output == "1\nfake\n", "\(outcome)")
            // Twin: what goes by the path of the box does end up in the fake.
            config.set("process.args", ["sh", "-c", "echo 1 >/proc/\(path)"])
            try bed.write(config.text(), to: bundle + "/config.json")
            try bed.run("--bundle", bundle)
            #expect(try File.text(of: "\(bundle)/fake/\(path)") == "1\n")
        }

        /// CVE-2025-31133: what is used as a mask is no /dev/null.
        @Test(arguments: ["link", "file", "zero", "absent"])
        func cve2025_31133_onlyTheNullDeviceMasks(kind: String) throws {
            let bed = try Bed.here
            var config = try Config("cat", "/proc/version")
            config.set("linux.maskedPaths", ["/proc/version"])
            config.set(
                "mounts.1", ["destination": "/dev", "type": "bind", "source": "evil", "options": ["bind", "dev"]])
            let bundle = try bed.makeBundle(config)
            let null = bundle + "/evil/null"
            try bed.hostShell("mkdir -p $1/pts $1/shm $1/mqueue; mknod -m 666 $1/null c 1 3", bundle + "/evil")
            let masked = try bed.run("--bundle", bundle)
            #expect(masked.status == 0 && masked.output.isEmpty, "\(masked)")
            try bed.command("rm", null)
            switch kind {
            case "link": try bed.link(null, to: "/proc/sys/kernel/core_pattern")
            case "file": try bed.write("mask\n", to: null)
            case "zero": try bed.command("mknod", "-m", "666", null, "c", "1", "5")
            default: break
            }
            let outcome = try bed.run("--bundle", bundle)
            #expect(outcome.status == 125 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("mask"), "\(outcome)")
        }

        /// crun CVE-2026-88264, CVE-2026-88265: a config.json without a /dev of its own.
        @Test func cve2026_88265_theHostsDevicesKeepTheirOwner() throws {
            let bed = try Bed.here
            func owners() throws -> [FileStatus] {
                try ["/dev/null", "/dev/zero", "/dev/tty", "/dev/ptmx"].map { try File.status($0) }
            }
            var config = try Config("sh", "-c", "echo written >/dev/null; ls -ln /dev/null; id -u")
            config.set("mounts", [["destination": "/proc", "type": "proc", "source": "proc"]])
            config.set("process.user", ["uid": 1000, "gid": 1000])
            config.set("process.capabilities", nil)
            let bundle = try bed.makeBundle(config)
            let dev = bundle + "/rootfs/dev"
            let outside = try bed.makeOutside()
            try bed.link(dev + "/null", to: outside + "/canary")
            let before = try owners()
            let outcome = try bed.run("--bundle", bundle)
            #expect(outcome.status == 0 && outcome.output.hasPrefix("crw-rw-rw-") && outcome.output.hasSuffix("1000\n"))
            config.set("process.terminal", true)
            try bed.write(config.text(), to: bundle + "/config.json")
            let terminal = try bed.start("--bundle", bundle, on: Terminal()).wait()
            #expect(terminal.status == 125 || terminal.status == 0, "\(terminal)")
            #expect(try owners() == before)
            #expect(try bed.names(in: dev) == ["null"])
            #expect(try File.text(of: outside + "/canary") == "secret\n")
        }

        /// CRI-O CVE-2022-0811: a sysctl that is the host's, by its own name or smuggled into another.
        @Test func cve2022_0811_aSysctlCannotReachTheHost() throws {
            let bed = try Bed.here
            let pattern = try File.text(of: "/proc/sys/kernel/core_pattern")
            let rootfs = try bed.makeRootfs()
            for setting in [
                "kernel.core_pattern=|/bin/evil", "kernel.shm_rmid_forced=1+kernel.core_pattern=|/bin/evil",
                "kernel.shm_rmid_forced=1\nkernel.core_pattern=|/bin/evil", "net./../kernel/core_pattern=x",
                "net/../kernel/core_pattern=x", "net.ipv4/../../kernel/core_pattern=x", "kernel.modprobe=/bin/evil",
            ] {
                let outcome = try bed.run("--rootfs", rootfs, "--userns", "host", "--sysctl", setting, "true")
                #expect(outcome.status == 125 && outcome.errors.contains("sysctl"), "\(setting): \(outcome)")
            }
            #expect(try File.text(of: "/proc/sys/kernel/core_pattern") == pattern)
            let flags = [
                "--rootfs", rootfs, "--sysctl", "kernel.shm_rmid_forced=1", "--sysctl", "net.ipv4.ip_forward=1",
            ]
            let twin = try bed.runAsHostRoot(
                flags + ["cat", "/proc/sys/kernel/shm_rmid_forced", "/proc/sys/net/ipv4/ip_forward"])
            #expect(twin.output == "1\n1\n", "\(twin)")
        }

        /// CVE-2023-25809: the host's cgroups can be written, with or without a cgroup namespace.
        @Test(arguments: [true, false])
        func cve2023_25809_cgroupsCannotBeWritten(ownNamespace: Bool) throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "mkdir /sys/fs/cgroup/evil; echo $? $(ls -d /sys/fs/cgroup/evil)")
            if !ownNamespace { config.set("linux.namespaces.5", nil) }
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.run("--bundle", bundle)
            #expect(outcome.output == "1\n" && outcome.errors.contains("Read-only file system"), "\(outcome)")
            let plain = try bed.run("--rootfs", try bed.makeRootfs(), "mkdir", "/sys/fs/cgroup/evil")
            #expect(plain.status == 1, "\(plain)")
            // Twin: where the config says so, a cgroup can be made, and it is one below the box's own.
            if !ownNamespace { return }
            config.set("mounts.6.options", ["nosuid", "noexec", "nodev"])
            try bed.write(config.text(), to: bundle + "/config.json")
            let twin = try bed.run("--bundle", bundle)
            #expect(twin.output == "0 /sys/fs/cgroup/evil\n", "\(twin)")
        }
    }
}
