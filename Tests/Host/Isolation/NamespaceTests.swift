import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// What a box sees of the host: nothing that it was not given.
    @Suite struct Isolation {
        private static let all = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"]

        /// Each namespace differs from the caller's, but for those that a flag keeps.
        @Test(arguments: [([], ["user"]), (["--userns", "auto"], []), (["--network", "host"], ["net", "user"])])
        func namespacesAreTheBoxsOwn(flags: [String], shared: [String]) throws {
            let bed = try Bed.here
            let links = "for n in \(Self.all.joined(separator: " ")); do echo $n $(readlink /proc/self/ns/$n); done"
            let outside = try bed.hostShell(links).output.split(separator: "\n")
            let command = [
                try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", try bed.makeRootfs(),
            ]
            let inside = try Command(command + flags + ["sh", "-c", links]).start(in: bed).wait()
            let same = inside.output.split(separator: "\n").filter(outside.contains).map { $0.prefix { $0 != " " } }
            #expect(inside.output.split(separator: "\n").count == Self.all.count, "\(inside)")
            #expect(same.map(String.init) == shared)
        }

        /// After the pivot no mount is left but the box's own.
        @Test func onlyItsOwnMountsAreThere() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            func points(_ flags: [String]) throws -> Set<String> {
                let outcome = try bed.runAsHostRoot(
                    ["--rootfs", rootfs] + flags + ["cut", "-d", " ", "-f", "5", "/proc/self/mountinfo"])
                #expect(outcome.status == 0, "\(outcome)")
                return Set(outcome.output.split(separator: "\n").map(String.init))
            }
            let own: Set<String> = [
                "/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup",
            ]
            let protected: Set<String> = [
                "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
                "/sys/devices/virtual/powercap", "/sys/firmware", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                "/proc/sysrq-trigger",
            ]
            let seen = try points([])
            #expect(seen.isSuperset(of: own) && seen.subtracting(own).isSubset(of: protected), "\(seen)")
            #expect(seen.isSuperset(of: ["/proc/keys", "/proc/sys"]))
            #expect(try points(["-v", "\(bed.makeOutside()):/more"]).subtracting(seen) == ["/more"])
        }

        @Test func theHostsProcessesAreOutOfReach() throws {
            let bed = try Bed.here
            let host = try Command(["sleep", "1000"]).start(in: bed)
            let script = "ls -d /proc/[0-9]* | wc -l; kill -9 \(host.pid); kill -9 -1; echo still here"
            let outcome = try bed.runAsHostRoot(["--rootfs", bed.makeRootfs(), "--privileged", "sh", "-c", script])
            #expect(
                outcome.output.hasSuffix("still here\n") && outcome.errors.contains("No such process"), "\(outcome)")
            // The shell and ls.
            #expect(outcome.output.hasPrefix("2\n") || outcome.output.hasPrefix("3\n"), "\(outcome)")
            #expect(File.exists("/proc/\(host.pid)/exe"))
            // Twin: who shares the pid namespace can.
            try bed.hostShell("kill -9 \(host.pid)")
            #expect(try host.wait().status == 137)
        }

        /// Root in a user namespace is nobody to the host's files, even where a directory of the host is brought in.
        @Test func rootInTheBoxIsNotRootOfTheHost() throws {
            let bed = try Bed.here
            let (outside, rootfs) = (try bed.makeOutside(), try bed.makeRootfs())
            try bed.command("chmod", "600", outside + "/canary")
            let script = "id -u; cat /out/canary; echo bad >/out/canary; touch /out/new"
            let volume = ["--rootfs", rootfs, "-v", outside + ":/out:noidmap"]
            func run(_ flags: [String]) throws -> Outcome {
                try Command(
                    [Bed.binary("swiftbox"), "run", "--root", bed.stateRoot] + volume + flags + ["sh", "-c", script]
                )
                .start(in: bed).wait()
            }
            let boxed = try run(["--userns", "auto"])
            #expect(boxed.output == "0\n" && boxed.errors.contains("Permission denied"), "\(boxed)")
            #expect(try bed.names(in: outside) == ["canary"])
            #expect(try File.text(of: outside + "/canary") == "secret\n")
            let twin = try run(["--userns", "host"])
            #expect(twin.output == "0\nsecret\n", "\(twin)")
            #expect(try bed.names(in: outside) == ["canary", "new"])
        }

        /// What a privileged box can do and an ordinary one cannot.
        private static let privileged = [
            "echo x >/proc/sys/kernel/hostname", "echo 1 >/proc/sys/net/ipv4/ip_forward", "hostname taken",
            "mount -t tmpfs x /tmp", "mount -o remount,rw /sys", "umount /dev/shm", "umount /sys/fs/cgroup",
            "mknod /d c 1 1", "mknod /e b 8 0", "unshare -m true", "chroot / mount -t tmpfs x /home",
            "grep . /proc/keys", "head -c 9 /proc/timer_list | grep .",
        ]
        /// What would reach the host from a privileged one, too, and is not tried there.
        private static let harmful = [
            "echo x >/proc/sys/kernel/core_pattern", "echo 1 >/proc/sys/vm/drop_caches", "echo b >/proc/sysrq-trigger",
            "echo 1 >/sys/kernel/profiling", "head -c 9 /proc/kcore | grep .", "ls /sys/firmware | grep .",
            "unshare -U true",
        ]

        @Test func whatChangesOrTellsOfTheHostFails() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            for name in ["unshare", "chroot"] { try bed.link("\(rootfs)/bin/\(name)", to: "busybox") }
            let script = #"for a; do sh -c "$a" >/dev/null 2>&1; echo "$? $a"; done"#
            func failures(_ flags: [String], _ attempts: [String]) throws -> [String] {
                let box = ["--rootfs", rootfs] + flags + ["sh", "-c", script, "sh"]
                let lines = try bed.runAsHostRoot(box + attempts).output.split(separator: "\n").map(String.init)
                #expect(lines.count == attempts.count && !lines.contains { $0.hasPrefix("127 ") }, "\(lines)")
                return zip(lines, attempts).filter { !$0.0.hasPrefix("0 ") }.map(\.1)
            }
            let all = Self.privileged + Self.harmful
            #expect(try failures([], all) == all)
            #expect(try failures(["--privileged"], Self.privileged) == [])
        }
    }
}
