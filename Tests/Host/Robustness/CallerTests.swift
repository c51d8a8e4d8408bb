import TestBed
import Testing

extension HostBed {
    /// Whatever state the caller of swiftbox is in, the box is the same.
    @Suite struct OddCaller {
        /// A shell brings itself into a state and becomes swiftbox.
        private func run(after state: String, _ rootfs: String, _ arguments: String...) throws -> Outcome {
            let bed = try Bed.here
            let command = [try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", rootfs]
            return try Command(["sh", "-c", state + "; exec \"$@\"", "sh"] + command + arguments)
                .start(in: bed).wait(timeout: 20)
        }

        @Test func umaskDoesNotReachTheBox() throws {
            let outcome = try run(
                after: "umask 077", Bed.here.makeRootfs(), "-u", "1000", "-v", "/etc:/made/for/etc:ro", "sh", "-c",
                "umask; stat -c %a / /made /made/for")
            #expect(outcome.status == 0 && outcome.output == "0022\n755\n755\n755\n", "\(outcome)")
        }

        /// A descriptor of swiftbox's own must not become the workload's standard input, or get its messages.
        @Test(arguments: ["exec <&-", "exec >&-", "exec 2>&-", "exec <&- >&-", "exec <&- >&- 2>&-"])
        func closedStreamsAreEmptyOnes(state: String) throws {
            let rootfs = try Bed.here.makeRootfs()
            for flag in ["-i", "-t", "--init"] {
                let outcome = try run(after: state, rootfs, flag, "sh", "-c", "echo said; echo loudly >&2; exit 7")
                #expect(outcome.status == 7, "\(flag): \(outcome)")
            }
        }

        /// A shell's trap cannot ignore this one.
        @Test func ignoredChildSignalDoesNotHideTheEnd() throws {
            let ignoring = "exec env --ignore-signal=CHLD \"$@\""
            let rootfs = try Bed.here.makeRootfs()
            #expect(try run(after: ignoring, rootfs, "sh", "-c", "exit 7").status == 7)
            #expect(try run(after: ignoring, rootfs, "--init", "sh", "-c", "exit 7").status == 7)
        }

        /// nohup(1) and a shell's background jobs: what the caller ignores is not for the box either.
        @Test(arguments: [true, false]) func ignoredSignalIsNotForwarded(ignored: Bool) throws {
            let bed = try Bed.here
            let command = [
                try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", try bed.makeRootfs(),
            ]
            let script = "trap 'exit 9' INT; echo ready; n=0; while [ $n -lt 15 ]; do sleep 0.1; n=$((n+1)); done"
            let running = try Command(
                ["sh", "-c", ignored ? "trap '' INT; exec \"$@\"" : "exec \"$@\"", "sh"] + command + [
                    "sh", "-c", script,
                ]
            ).start(in: bed)
            try running.waitForOutput("ready")
            running.signal(2)
            #expect(try running.wait(timeout: 20).status == (ignored ? 0 : 9))
        }

        /// Under a profile that knows few calls the box starts, and why it cannot is still told.
        @Test func strictProfileStillStartsAndTells() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let allowed = """
                read write close fstat newfstatat mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl access
                execve exit exit_group arch_prctl prctl getrandom prlimit64 set_tid_address set_robust_list rseq
                getuid getgid geteuid getegid readlink readlinkat getpid getppid uname stat lstat open openat fcntl
                """
            let names = allowed.split(whereSeparator: \.isWhitespace).map { "\"\($0)\"" }.joined(separator: ",")
            try bed.write(
                #"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW","names":[\#(names)]}]}"#,
                to: bed.directory + "/strict.json")
            let flags = ["--rootfs", rootfs, "--security-opt", "seccomp=\(bed.directory)/strict.json"]
            let good = try bed.run(flags[0], flags[1], flags[2], flags[3], "echo", "hello")
            #expect(good.status == 0 && good.output == "hello\n", "\(good)")
            let absent = try bed.run(flags[0], flags[1], flags[2], flags[3], "absent")
            #expect(absent.status == 127 && absent.errors.contains("the command absent was not found"), "\(absent)")
        }
    }
}
