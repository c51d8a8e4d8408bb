import TestBed
import Testing

extension HostBed {
    /// What a box finds that swiftbox itself puts there: /dev, /proc, /sys, the network.
    @Suite struct View {
        @Test(arguments: [[], ["--userns", "auto"]])
        func devHoldsWhatEveryBoxHasAndNothingElse(flags: [String]) throws {
            let bed = try Bed.here
            let outcome = try bed.box(flags + ["ls", "/dev"])
            #expect(
                outcome.lines == [
                    "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
                    "tty", "urandom", "zero",
                ], "\(outcome)")
            let use =
                "echo x > /dev/null && head -c 4 /dev/zero | wc -c && head -c 4 /dev/urandom | wc -c; echo > /dev/full"
            let used = try bed.box(flags + ["sh", "-c", use])
            #expect(used.lines == ["4", "4"] && used.errors.contains("No space left"), "\(used)")
        }

        @Test func aDeviceOfTheHostIsThereWhenNamed() throws {
            let bed = try Bed.here
            let outcome = try bed.box(
                "--device", "/dev/zero:/dev/nought:r", "sh", "-c",
                "head -c 3 /dev/nought | wc -c; stat -c %t:%T /dev/nought")
            #expect(outcome.lines == ["3", "1:5"], "\(outcome)")
        }

        @Test func kernelFilesOfTheHostAreMasked() throws {
            let bed = try Bed.here
            let paths = ["kcore", "keys", "interrupts", "timer_list", "sched_debug"].map { "/proc/\($0)" }
            let read = paths.map { "[ ! -e \($0) ] || cat \($0)" }.joined(separator: "; ")
            let outcome = try bed.box(
                "sh", "-c", read + "; ls -A /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v :")
            #expect(outcome.lines.isEmpty, "\(outcome)")
            // The twin: with the masks away the same commands show something.
            let open = try bed.box("--privileged", "sh", "-c", "cat /proc/interrupts /proc/keys | wc -l")
            #expect(open.output != "0\n")
        }

        @Test(arguments: [
            "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity",
            "/sys/kernel/mm/ksm/run",
            "/sys/fs/cgroup/cgroup.procs",
        ])
        func theKernelsSettingsAreReadOnly(path: String) throws {
            let outcome = try Bed.here.box("sh", "-c", "[ ! -e \(path) ] || echo 0 > \(path)")
            #expect(outcome.status == 0 || outcome.errors.contains("Read-only file system"), "\(outcome)")
        }

        @Test func loopbackIsUpAndTheOnlyLink() throws {
            let bed = try Bed.here
            #expect(try bed.box("ls", "/sys/class/net").lines == ["lo"])
            let talk = """
                busybox nc -l -p 7 > /tmp/got &
                for i in 1 2 3 4 5 6 7 8 9; do echo hello | busybox nc 127.0.0.1 7 && break; sleep 0.3; done
                wait; cat /tmp/got
                """
            let outcome = try bed.box("sh", "-c", talk)
            #expect(outcome.lines == ["hello"], "\(outcome)")
            let far = try bed.box("sh", "-c", "busybox nc -w 1 192.0.2.1 80")
            #expect(far.status != 0 && far.errors.contains("Network is unreachable"), "\(far)")
        }

        @Test func networkHostIsTheHosts() throws {
            let bed = try Bed.here
            let own = try bed.command("readlink", "/proc/self/ns/net").output
            #expect(try bed.box("readlink", "/proc/self/ns/net").output != own)
            #expect(try bed.box("--network", "none", "readlink", "/proc/self/ns/net").output != own)
            #expect(try bed.box("--network", "host", "readlink", "/proc/self/ns/net").output == own)
        }

        @Test(arguments: [([], "65536"), (["--shm-size", "1m"], "1024")])
        func sharedMemoryHasItsSize(flags: [String], kilobytes: String) throws {
            let outcome = try Bed.here.box(flags + ["sh", "-c", "df -k /dev/shm | tail -n 1 | awk '{ print $2 }'"])
            #expect(outcome.lines == [kilobytes], "\(outcome)")
        }

        @Test func sysctlsAndUlimitsHold() throws {
            let bed = try Bed.here
            let sysctl = try bed.box("--sysctl", "net.core.somaxconn=77", "cat", "/proc/sys/net/core/somaxconn")
            #expect(sysctl.output == "77\n", "\(sysctl)")
            let limits = try bed.status(["--ulimit", "nofile=64:128", "--ulimit", "core=0", "--oom-score-adj", "300"])
            #expect(limits["rlimit.nofile"] == "64:128" && limits["rlimit.core"] == "0:0")
            #expect(limits["oom_score_adj"] == "300")
        }
    }
}
