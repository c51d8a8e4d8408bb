import Glibc
import TestBed
import Testing

extension Conformance {
    /// `linux.seccomp`.
    @Suite struct Seccomp {
        private func rule(_ names: [String], _ action: String, _ more: [String: Any] = [:]) -> [String: Any] {
            ["names": names, "action": action].merging(more) { $1 }
        }

        /// `workload call NAME ARGUMENTS…` for each line under this filter, in one container.
        private func calls(_ seccomp: [String: Any], _ lines: [String]) throws -> Outcome {
            let script = lines.map { "echo \"\($0)=$(/bin/workload call \($0))\"" }.joined(separator: "\n")
            return try Bed.here.container(Config(script: script).with("linux.seccomp", seccomp)).run()
        }

        /// What each makes of a call: an errno, a signal, or nothing (getpgid of no process is ESRCH).
        @Test func actionsOfAFilter() throws {
            let table: [(action: String, more: [String: Any], found: String)] = [
                ("SCMP_ACT_ERRNO", [:], "getpgid 1"), ("SCMP_ACT_ERRNO", ["errnoRet": 77], "getpgid 77"),
                ("SCMP_ACT_ALLOW", [:], "getpgid 3"), ("SCMP_ACT_LOG", [:], "getpgid 3"),
                ("SCMP_ACT_TRAP", [:], "getpgid signal 31"), ("SCMP_ACT_KILL", [:], "getpgid signal 31"),
                ("SCMP_ACT_KILL_THREAD", [:], "getpgid signal 31"), ("SCMP_ACT_KILL_PROCESS", [:], "getpgid signal 31"),
                ("SCMP_ACT_TRACE", ["errnoRet": 5], "getpgid 38"),
            ]
            // An action a container: one argument tells them apart instead. Equal to the default is not added, so none is.
            let rules = table.enumerated().map { index, row in
                rule(
                    ["getpgid"], row.action,
                    row.more.merging(["args": [["index": 1, "value": 100 + index, "op": "SCMP_CMP_EQ"]]]) { $1 })
            }.filter { $0["action"] as? String != "SCMP_ACT_ALLOW" }
            let outcome = try calls(
                ["defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules],
                table.indices.map { "getpgid 9999999 \(100 + $0)" })
            outcome.expect(
                Dictionary(uniqueKeysWithValues: table.enumerated().map { ("getpgid 9999999 \(100 + $0)", $1.found) }))
        }

        @Test func operatorsOfAnArgument() throws {
            let operators: [(name: String, more: [String: Any], hit: [Int], miss: [Int])] = [
                ("SCMP_CMP_NE", [:], [9, 11], [10]), ("SCMP_CMP_LT", [:], [9], [10, 11]),
                ("SCMP_CMP_LE", [:], [9, 10], [11]),
                ("SCMP_CMP_EQ", [:], [10], [9, 11]), ("SCMP_CMP_GE", [:], [10, 11], [9]),
                ("SCMP_CMP_GT", [:], [11], [10]),
                ("SCMP_CMP_MASKED_EQ", ["value": 14, "valueTwo": 10], [10, 11, 26], [9, 12]),
            ]
            for row in operators {
                let argument = ["index": 1, "value": 10, "op": row.name].merging(row.more) { $1 }
                let filter: [String: Any] = [
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "syscalls": [rule(["getpgid"], "SCMP_ACT_ERRNO", ["errnoRet": 77, "args": [argument]])],
                ]
                let wanted =
                    row.hit.map { ("getpgid 9999999 \($0)", "getpgid 77") }
                    + row.miss.map { ("getpgid 9999999 \($0)", "getpgid 3") }
                let container = try Bed.here.container(Config("/bin/true"), id: row.name.lowercased())
                try container.write(
                    Config(
                        script: wanted.map { "echo \"\($0.0)=$(/bin/workload call \($0.0))\"" }.joined(separator: "\n")
                    )
                    .with("linux.seccomp", filter))
                try container.run().expect(Dictionary(uniqueKeysWithValues: wanted))
            }
        }

        /// Conditions of one rule on different arguments must all hold; of one argument, any.
        @Test func severalArguments() throws {
            let both =
                [["index": 1, "value": 5, "op": "SCMP_CMP_EQ"], ["index": 2, "value": 6, "op": "SCMP_CMP_EQ"]]
                as [[String: Any]]
            let either =
                [
                    ["index": 0, "value": 9_999_991, "op": "SCMP_CMP_EQ"],
                    ["index": 0, "value": 9_999_992, "op": "SCMP_CMP_EQ"],
                ] as [[String: Any]]
            try calls(
                [
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "syscalls": [
                        rule(["getpgid"], "SCMP_ACT_ERRNO", ["errnoRet": 71, "args": both]),
                        rule(["getsid"], "SCMP_ACT_ERRNO", ["errnoRet": 72, "args": either]),
                    ],
                ],
                ["getpgid 9999999 5 6", "getpgid 9999999 5 7", "getsid 9999991", "getsid 9999992", "getsid 9999993"]
            ).expect([
                "getpgid 9999999 5 6": "getpgid 71", "getpgid 9999999 5 7": "getpgid 3", "getsid 9999991": "getsid 72",
                "getsid 9999992": "getsid 72", "getsid 9999993": "getsid 3",
            ])
        }

        /// A default that denies, with what a static shell needs allowed.
        @Test func defaultActionAndItsErrno() throws {
            try calls(
                [
                    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 90,
                    "syscalls": [rule(everyCall().filter { $0 != "getpgid" }, "SCMP_ACT_ALLOW")],
                ], ["getpgid 9999999", "getsid 9999999"]
            ).expect(["getpgid 9999999": "getpgid 90", "getsid 9999999": "getsid 90"])
        }

        /// Names that this libseccomp or kernel does not know are left out, as the profiles of engines need.
        @Test func unknownNamesAreLeftOut() throws {
            try calls(
                [
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "syscalls": [rule(["no_such_call", "getpgid"], "SCMP_ACT_ERRNO")],
                ],
                ["getpgid 9999999"]
            ).expect(["getpgid 9999999": "getpgid 1"])
        }

        /// Docker's profile, whose default is EPERM: a call newer than all it names fails with ENOSYS, so that libc falls back.
        @Test func newerCallsAreUnknown() throws {
            let known = everyCall()
            let outcome = try calls(
                [
                    "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
                    "syscalls": [rule(known, "SCMP_ACT_ALLOW")],
                ],
                ["getpgid 9999999", "9000", "getsid 9999999"])
            outcome.expect(["getpgid 9999999": "getpgid 3", "9000": "9000 38", "getsid 9999999": "getsid 1"])
        }

        /// What the shell and the workload call, and enough else for every libc; not getsid.
        private func everyCall() -> [String] {
            [
                "access", "arch_prctl", "brk", "capget", "capset", "chdir", "clock_gettime", "clone", "clone3", "close",
                "dup", "dup2", "dup3",
                "execve", "exit", "exit_group", "faccessat", "faccessat2", "fchdir", "fchown", "fcntl", "fstat",
                "fstatfs", "futex", "getcwd",
                "getdents64", "getegid", "geteuid", "getgid", "getpgid", "getpgrp", "getpid", "getppid", "getrandom",
                "getrlimit", "gettid",
                "getuid", "ioctl", "lseek", "lstat", "madvise", "mmap", "mprotect", "mremap", "munmap", "newfstatat",
                "open", "openat", "pipe",
                "pipe2", "poll", "ppoll", "prctl", "prlimit64", "pread64", "read", "readlink", "readlinkat", "rseq",
                "rt_sigaction",
                "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "sendmsg", "recvmsg", "set_robust_list",
                "set_tid_address", "setgid", "setgroups",
                "setresgid", "setresuid", "setpgid", "setsid", "setuid", "sigaltstack", "stat", "statx", "sysinfo",
                "tgkill", "umask", "uname",
                "vfork", "wait4", "waitid", "write", "writev", "epoll_wait", "epoll_ctl", "nanosleep", "seccomp",
                "keyctl", "kill", "close_range",
                "openat2", "sched_yield", "sched_getaffinity", "epoll_pwait", "epoll_create1", "eventfd2",
                "clock_nanosleep", "tkill",
                "unlinkat", "statfs", "mkdirat", "landlock_restrict_self", "process_madvise", "futex_waitv",
            ]
        }

        @Test func flagsOfAFilter() throws {
            let plain = try Config("/bin/workload", "status")
            let rules = [rule(["getpgid"], "SCMP_ACT_ERRNO")]
            let box = try Bed.here.container(
                plain.with(
                    "linux.seccomp",
                    [
                        "defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules,
                        "flags": [
                            "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
                        ],
                    ] as [String: Any]))
            try box.run().expect(["Seccomp": "2"])
        }

        @Test func architecturesOfAFilter() throws {
            let filter: [String: Any] = [
                "defaultAction": "SCMP_ACT_ALLOW",
                "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                "syscalls": [rule(["getpid"], "SCMP_ACT_ERRNO", ["errnoRet": 77])],
            ]
            let box = try Bed.here.container(
                Config("/bin/workload", "syscall", "getpid", "i386-getpid").with("linux.seccomp", filter))
            let outcome = try box.run()
            #expect(outcome.lines.contains("i386-getpid 77"), "\(outcome)")
        }

        @Test func badFilters() throws {
            let plain = try Config("/bin/true")
            func filter(_ changes: [String: Any]) -> Config {
                plain.with("linux.seccomp", ["defaultAction": "SCMP_ACT_ALLOW"].merging(changes) { $1 })
            }
            let call = rule(["getpgid"], "SCMP_ACT_ERRNO")
            try Bed.here.expectRefusals(of: [
                ("linux.seccomp.defaultAction", filter(["defaultAction": "SCMP_ACT_HATS"])),
                ("linux.seccomp.architectures", filter(["architectures": ["SCMP_ARCH_PDP11"], "syscalls": [call]])),
                ("linux.seccomp.flags", filter(["flags": ["SECCOMP_FILTER_FLAG_HATS"], "syscalls": [call]])),
                ("linux.seccomp.syscalls", filter(["syscalls": [rule(["getpgid"], "SCMP_ACT_HATS")]])),
                (
                    "linux.seccomp.syscalls",
                    filter([
                        "syscalls": [
                            rule(
                                ["getpgid"], "SCMP_ACT_ERRNO",
                                ["args": [["index": 7, "value": 1, "op": "SCMP_CMP_EQ"]]])
                        ]
                    ])
                ),
                (
                    "linux.seccomp.syscalls",
                    filter([
                        "syscalls": [
                            rule(
                                ["getpgid"], "SCMP_ACT_ERRNO", ["args": [["index": 1, "value": 1, "op": "SCMP_CMP_X"]]])
                        ]
                    ])
                ),
                ("linux.seccomp", plain.with("linux.seccomp", ["syscalls": [call]])),
            ])
        }

        /// A filter of notifications has to go to somebody.
        @Test func notificationsNeedAListener() throws {
            try Bed.here.expectRefusals(of: [
                (
                    "linux.seccomp",
                    Config("/bin/true").with(
                        "linux.seccomp",
                        ["defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule(["getpgid"], "SCMP_ACT_NOTIFY")]])
                )
            ])
        }

        /// The agent gets the state of the container, its metadata and the descriptor, and answers the call.
        @Test func agentAnswersCalls() throws {
            let bed = try Bed.here
            let socket = bed.directory + "/agent"
            let agent = try Command([try Bed.binary("workload"), "seccomp-agent", socket, "77"]).start(in: bed)
            defer { agent.signal(SIGKILL) }
            try agent.waitForOutput("ready")
            let config = try Config(script: "/bin/workload call getpgid 9999999").with(
                "linux.seccomp",
                [
                    "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": socket, "listenerMetadata": "a note",
                    "syscalls": [rule(["getpgid"], "SCMP_ACT_NOTIFY")],
                ])
            let box = try bed.container(config.with("annotations", ["org.example.k": "v"]))
            let ran = try box.run()
            try #require(ran.status == 0 && ran.output == "getpgid 77\n", "\(ran)")
            let outcome = try agent.wait()
            let state = try Answer(outcome.facts["state"] ?? "")
            #expect(state["metadata"] == "a note" && state.words("fds").contains("seccompFd"), "\(state)")
            #expect(state["state", "id"] == "one" && state["state", "annotations", "org.example.k"] == "v", "\(state)")
            #expect(
                state["state", "bundle"] == box.bundle && state["pid"] != nil && state["ociVersion"] != nil, "\(state)")
            #expect(state["state", "status"] == "creating", "\(state)")
        }

        /// exec'd processes are under the same filter.
        @Test func execIsFilteredToo() throws {
            let filter: [String: Any] = [
                "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule(["getpgid"], "SCMP_ACT_ERRNO", ["errnoRet": 77])],
            ]
            let box = try Bed.here.container(Config("/bin/workload", "sleep-forever").with("linux.seccomp", filter))
            _ = try box.launch()
            try box.exec("/bin/workload", "call", "getpgid", "9999999").expect(output: "getpgid 77\n")
        }
    }
}
