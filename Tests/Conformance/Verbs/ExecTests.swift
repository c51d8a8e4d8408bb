import Glibc
import TestBed
import Testing

extension Conformance {
    /// `exec`: another process in a container that runs.
    @Suite struct Exec {
        private func running(_ config: Config? = nil) throws -> Container {
            let box = try Bed.here.container(config ?? Config("/bin/workload", "sleep-forever"))
            let created = try box.launch()
            try created.waitForOutput("ready")
            return box
        }

        /// What the container's own process has, it gets too.
        @Test func inheritsWhatTheContainerHas() throws {
            var config = try Config("/bin/workload", "sleep-forever")
            config.set("process.cwd", "/tmp")
            config.set("process.env", ["PATH=/bin", "OF=container"])
            config.set("hostname", "crate")
            config.set("process.oomScoreAdj", 123)
            config.set("process.rlimits", [["type": "RLIMIT_NOFILE", "soft": 100, "hard": 200] as [String: Any]])
            let box = try running(config)
            let inside = try box.exec("/bin/workload", "status")
            inside.expect([
                "hostname": "crate", "cwd": "/tmp", "uid": "0", "NoNewPrivs": "1", "CapBnd": "00000000a80425fb",
                "CapEff": "00000000a80425fb", "oom_score_adj": "123", "rlimit.nofile": "100:200", "fds": "0 1 2 ",
                "tty": "",
            ])
            #expect(inside.facts["cgroup"] != nil && inside.facts["pid"] != "1")
            try box.exec("/bin/sh", "-c", "echo of=$OF").expect(["of": "container"])
            let names = try box.exec(
                "/bin/sh", "-c",
                "for n in pid net ipc uts mnt cgroup; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo $n; done"
            )
            names.expect(output: "")
        }

        @Test func statusAndStreamsOfExec() throws {
            let box = try running()
            let outcome = try box.exec("/bin/sh", "-c", "cat; echo oops >&2; exit 42", input: "typed\n")
            #expect(outcome.status == 42 && outcome.output == "typed\n" && outcome.errors == "oops\n", "\(outcome)")
            #expect(try box.exec("/bin/sh", "-c", "kill -TERM $$").status == 143)
        }

        @Test func flagsOfExec() throws {
            let box = try running()
            let flags = [
                "--cwd", "/home", "-e", "A=1", "-e", "B=two words", "--user", "1000:1001",
            ]
            let outcome = try box.exec("/bin/workload", "status", flags: flags)
            outcome.expect(["cwd": "/home", "uid": "1000", "gid": "1001", "CapEff": "0000000000000000"])
            try box.exec("/bin/sh", "-c", "echo a=$A; echo b=$B", flags: flags).expect(["a": "1", "b": "two words"])
            try box.exec("/bin/workload", "status", flags: ["-u", "1000"]).expect(["uid": "1000"])
            try box.exec("/bin/sh", "-c", "echo a=$A", flags: ["--env", "A=2"]).expect(["a": "2"])
        }

        @Test func groupsOfExec() throws {
            let flags = ["--user", "1000:1001", "--additional-gids", "2000", "--additional-gids=3000"]
            try running().exec("/bin/workload", "status", flags: flags).expect(["gid": "1001", "groups": "2000 3000 "])
        }

        @Test func capabilitiesAndPrivilegesOfExec() throws {
            let box = try running(Config("/bin/workload", "sleep-forever").with("process.noNewPrivileges", false))
            let outcome = try box.exec("/bin/workload", "status", flags: ["--cap", "CAP_SYS_ADMIN", "--no-new-privs"])
            outcome.expect(["NoNewPrivs": "1"])
            let bounding = UInt64(outcome.facts["CapBnd"] ?? "", radix: 16) ?? 0
            #expect(bounding & (1 << 21) != 0, "CAP_SYS_ADMIN: \(outcome)")
            try box.exec("/bin/workload", "status").expect(["NoNewPrivs": "0"])
        }

        /// --process FILE: a `process` object instead of flags.
        @Test func processFromAFile() throws {
            let bed = try Bed.here
            let box = try running()
            var process = try Config("/bin/workload", "status")
            process.set("process.user", ["uid": 1000, "gid": 1001, "umask": 0o077])
            process.set("process.cwd", "/var")
            process.set("process.oomScoreAdj", 77)
            process.set("process.rlimits", [["type": "RLIMIT_NOFILE", "soft": 50, "hard": 60] as [String: Any]])
            process.set("process.capabilities", ["bounding": ["CAP_KILL"]])
            let whole = try Answer(process.text())
            let text = try whole.text(of: "process")
            try bed.write(text, to: bed.directory + "/process.json")
            try box.exec(flags: ["--process", bed.directory + "/process.json"]).expect([
                "uid": "1000", "gid": "1001", "cwd": "/var", "Umask": "0077", "oom_score_adj": "77",
                "rlimit.nofile": "50:60", "CapBnd": "0000000000000020",
            ])
            // Relative to the caller's working directory.
            let line = try bed.runtimeCommand(["exec", "-p", "process.json", box.id]).arguments.joined(separator: " ")
            try bed.command("sh", "-c", "cd \(bed.directory) && \(line)").expect(["cwd": "/var"])
        }

        /// Scheduling is the process's own, and applies to those that enter later.
        @Test func schedulingOfExec() throws {
            let bed = try Bed.here
            let box = try running()
            var process = try Config("/bin/workload", "attributes")
            process.set("process.scheduler", ["policy": "SCHED_BATCH", "nice": 3])
            process.set("process.ioPriority", ["class": "IOPRIO_CLASS_BE", "priority": 6])
            try bed.write(Answer(process.text()).text(of: "process"), to: bed.directory + "/process.json")
            try box.exec(flags: ["--process", bed.directory + "/process.json"])
                .expect(["policy": "3", "sched_nice": "3", "io_class": "2", "io_level": "6"])
        }

        /// Since 1.2: the processors of what exec starts, before and after it is in the container's cgroup.
        @Test func processorsOfExec() throws {
            var config = try Config("/bin/workload", "sleep-forever")
            config.set("process.execCPUAffinity", ["initial": "0", "final": "1"])
            let box = try running(config)
            try box.exec("/bin/workload", "status").expect(["Cpus_allowed_list": "1"])
            let own = try Command(["cat", "/proc/\(box.pid)/status"]).start(in: Bed.here).wait()
            #expect(own.output.contains("Cpus_allowed_list:\t0-"), "\(own)")
        }

        /// A container that shares its caller's session keyring does so with what joins it.
        @Test(arguments: [false, true]) func keyringOfExec(isShared: Bool) throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            let created = isShared ? try box.create("--no-new-keyring") : try box.create()
            #expect(created.outcome.status == 0, "\(created.outcome)")
            try box.call("start")
            let line = try [Bed.binary("workload"), "with-key", "conformance"]
            let exec = try bed.runtimeCommand(["exec", box.id, "/bin/workload", "find-key", "conformance"]).arguments
            let found = try Command(line + exec).start(in: bed).wait()
            #expect((found.output == "key 0\n") == isShared, "\(found)")
        }

        @Test func execInTheBackground() throws {
            let bed = try Bed.here
            let box = try running()
            let file = bed.directory + "/pid"
            let outcome = try box.exec("/bin/workload", "sleep-forever", flags: ["--detach", "--pid-file", file])
            #expect(outcome.status == 0, "\(outcome)")
            let pid = CInt(try bed.command("cat", file).output.filter { !$0.isWhitespace }) ?? 0
            #expect(pid > 0 && Glibc.kill(pid, 0) == 0, "\(outcome)")
            let inside = try box.exec("/bin/sh", "-c", "ls /proc | grep -c '^[0-9]'")
            #expect(inside.status == 0)
            try box.call("delete", "--force")
            // It is the test's child once its own parent is gone.
            #expect(
                poll(10) { waitpid(pid, nil, WNOHANG) == pid || Glibc.kill(pid, 0) != 0 }, "it ends with the container")
        }

        @Test func terminalOfExec() throws {
            let bed = try Bed.here
            let box = try running()
            let terminal = try Terminal(rows: 31, columns: 77)
            let words = [
                "exec", "-t", box.id, "/bin/sh", "-c", "sleep 0.2; stty size; read word; echo got $word; tty; exit 6",
            ]
            let running = try bed.runtimeCommand(words).start(in: bed, on: terminal)
            try running.waitForOutput("31 77", timeout: 10)
            try terminal.type("hello\r")
            let outcome = try running.wait()
            #expect(
                outcome.status == 6 && outcome.output.contains("got hello") && outcome.output.contains("/dev/pts/"),
                "\(outcome)")
        }

        @Test func consoleSocketOfExec() throws {
            let bed = try Bed.here
            let box = try running()
            let socket = bed.directory + "/console"
            let receiver = try Command([try Bed.binary("workload"), "receive-terminal", socket, "typed\n"]).start(
                in: bed)
            defer { receiver.signal(SIGKILL) }
            try receiver.waitForOutput("ready")
            let outcome = try box.exec(
                "/bin/sh", "-c", "read word; echo word=$word; test -t 1 && echo out=terminal",
                flags: ["--tty", "--detach", "--console-socket", socket])
            try #require(outcome.status == 0, "\(outcome)")
            try receiver.wait().expect(["word": "typed", "out": "terminal", "descriptors": "1"])
        }

        @Test func pidfdSocketOfExec() throws {
            let bed = try Bed.here
            let box = try running()
            let socket = bed.directory + "/pidfd"
            let receiver = try Command([try Bed.binary("workload"), "receive-pidfd", socket]).start(in: bed)
            defer { receiver.signal(SIGKILL) }
            try receiver.waitForOutput("ready")
            let outcome = try box.exec("/bin/true", flags: ["--pidfd-socket", socket])
            try #require(outcome.status == 0, "\(outcome)")
            #expect(try receiver.wait().output.contains("ended"))
        }

        @Test func descriptorsOfExec() throws {
            let bed = try Bed.here
            let box = try running().id
            try bed.write("preserved\n", to: bed.directory + "/file")
            let file = bed.directory + "/file"
            let program = try bed.runtimeCommand(["exec"]).arguments.joined(separator: " ")
            try bed.command(
                "sh", "-c",
                "exec 3<\(file) 4<\(file); \(program) --preserve-fds 1 \(box) sh -c 'cat <&3; ls /proc/self/fd/4 2>/dev/null || echo four=closed'"
            )
            .expect(output: "preserved\nfour=closed\n")
            try bed.command("sh", "-c", "exec 3<\(file) 9</; \(program) \(box) workload status").expect([
                "fds": "0 1 2 "
            ])
        }

        /// Runtime-side failures are 255, whatever the workload could say itself.
        @Test func failuresOfExec() throws {
            let bed = try Bed.here
            let box = try running()
            #expect(try box.exec("/bin/missing").status == 255)
            #expect(try box.exec("/etc/passwd").status == 255)
            #expect(try bed.oci("exec", "no-such-box", "/bin/true").status == 255)
            #expect(try box.exec("/bin/true", flags: ["--cwd", "/not/there"]).status == 255)
            #expect(try box.exec("/bin/true", flags: ["--user", "nonsense"]).status == 255)
            #expect(try box.exec("/bin/true", flags: ["--process", "/no/such/file"]).status == 255)
        }

        /// "-1" and "4294967296" must not end up as root.
        @Test func idsOfExecAreNumbers() throws {
            let box = try running()
            for user in ["-1", "4294967296", "1x", "0x0", " 0", "1:", ":1", "1:-1"] {
                let outcome = try box.exec("/bin/workload", "status", flags: ["--user", user])
                #expect(outcome.status == 255, "\(user): \(outcome.facts["uid"] ?? outcome.errors)")
            }
        }

        @Test func execInTheWrongState() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            #expect(try box.exec("/bin/true").status != 0)
            _ = try box.launch()
            try box.waitFor("stopped")
            #expect(try box.exec("/bin/true").status != 0)
        }

        /// Docker and podman put a process in before the workload starts.
        @Test func execInACreatedContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try #require(try box.create().outcome.status == 0)
            try box.exec("/bin/workload", "status").expect(["hostname": "benchmark"])
            #expect(try box.status == "created")
        }

        /// Options stop at the id; what follows is the command's.
        @Test func optionsStopAtTheID() throws {
            let box = try running()
            try box.exec("/bin/busybox", "echo", "-t", "--user", "x").expect(output: "-t --user x\n")
            try box.exec("echo", "found", "in", "PATH").expect(output: "found in PATH\n")
        }

        @Test func homeOfExec() throws {
            let box = try running(Config("/bin/workload", "sleep-forever").with("process.env", ["PATH=/bin"]))
            try box.exec("/bin/sh", "-c", "echo home=$HOME", flags: ["-u", "1000"]).expect(["home": "/home/box"])
        }
    }
}
