import Glibc
import TestBed
import Testing

extension Conformance {
    /// The flags of `create`, `run` and `start`.
    @Suite struct CreateAndRun {
        @Test func pidFileHoldsThePid() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            let file = bed.directory + "/pid"
            try #require(try box.create("--pid-file", file).outcome.status == 0)
            #expect(try bed.command("cat", file).output == "\(box.pid)")
        }

        /// Relative to the caller's directory, not to the bundle.
        @Test func relativePathsAreTheCallers() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            let program = try bed.runtimeCommand([]).arguments.joined(separator: " ")
            try bed.write(Config(script: "echo other").text(), to: bed.directory + "/other.json")
            let flag = RuntimeUnderTest.current == .runc ? "" : "--config other.json"
            let outcome = try bed.command(
                "sh", "-c",
                "cd \(bed.directory) && \(program) run \(flag) --bundle bundle-one --pid-file pid one && ls pid")
            #expect(outcome.status == 0 && outcome.output.hasSuffix("pid\n"), "\(outcome)")
            #expect(access(box.bundle + "/pid", F_OK) != 0)
        }

        @Test func configurationElsewhere() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try bed.write(Config(script: "echo elsewhere").text(), to: bed.directory + "/other.json")
            try box.run("--config", bed.directory + "/other.json").expect(output: "elsewhere\n")
            try box.run("-f", bed.directory + "/other.json").expect(output: "elsewhere\n")
        }

        /// Without -b the bundle is the working directory; flags with `=` work like those with a word of their own.
        @Test func bundleIsTheWorkingDirectory() throws {
            let bed = try Bed.here
            let box = try bed.container(Config(script: "echo here"))
            let program = try bed.runtimeCommand([]).arguments.joined(separator: " ")
            let outcome = try bed.command("sh", "-c", "cd \(box.bundle) && \(program) run one")
            outcome.expect(output: "here\n")
            try bed.oci("run", "--bundle=\(box.bundle)", "--pid-file=\(bed.directory)/pid", "one").expect(
                output: "here\n")
        }

        @Test func runInTheBackground() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            let outcome = try box.run("--detach", "--pid-file", bed.directory + "/pid")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try box.status == "running")
            #expect(try bed.command("cat", bed.directory + "/pid").output == "\(box.pid)")
            try box.kill("KILL")
            try box.waitFor("stopped")
            try box.call("delete").expect()
        }

        @Test func runThatKeeps() throws {
            let box = try Bed.here.container(Config(script: "exit 3"))
            #expect(try box.run("--keep").status == 3)
            #expect(try box.status == "stopped")
            try box.call("delete").expect()
        }

        /// --preserve-fds N: the N descriptors from 3 on; without it none.
        @Test func descriptorsThatArePreserved() throws {
            let bed = try Bed.here
            let box = try bed.container(Config(script: "cat <&4; ls /proc/self/fd/5 2>/dev/null || echo five=closed"))
            try bed.write("preserved\n", to: bed.directory + "/file")
            let program = try bed.runtimeCommand([]).arguments.joined(separator: " ")
            let file = bed.directory + "/file"
            let outcome = try bed.command(
                "sh", "-c",
                "exec 3<\(file) 4<\(file) 5<\(file); exec \(program) run -b \(box.bundle) --preserve-fds 2 one")
            outcome.expect(output: "preserved\nfive=closed\n")
        }

        @Test func descriptorsAreClosedOtherwise() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "status"))
            let program = try bed.runtimeCommand([]).arguments.joined(separator: " ")
            let outcome = try bed.command(
                "sh", "-c", "exec 3</etc/passwd 7</; exec \(program) run -b \(box.bundle) one")
            outcome.expect(["fds": "0 1 2 "])
        }

        @Test func pidfdSocketReceivesThePidfd() throws {
            let bed = try Bed.here
            let socket = bed.directory + "/pidfd"
            let receiver = try Command([try Bed.binary("workload"), "receive-pidfd", socket]).start(in: bed)
            defer { receiver.signal(SIGKILL) }
            try receiver.waitForOutput("ready")
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            let created = try box.create("--pidfd-socket", socket)
            try #require(created.outcome.status == 0, "\(created.outcome)")
            try receiver.waitForOutput("pid \(try box.pid)\n")
            try box.call("delete", "--force")
            let outcome = try receiver.wait()
            #expect(outcome.output.contains("ended"), "\(outcome)")
        }

        /// Without pivot_root(2), for a root on the initial ramdisk.
        @Test func withoutPivotRoot() throws {
            let bed = try Bed.here
            let box = try bed.container(Config(script: "ls /bin/workload && ls / | grep -c '^proc$'"))
            try box.run("--no-pivot").expect(output: "/bin/workload\n1\n")
        }

        /// A session keyring of its own unless --no-new-keyring.
        @Test func keyringOfTheContainer() throws {
            let bed = try Bed.here
            let workload = try Bed.binary("workload")
            let box = try bed.container(Config("/bin/workload", "find-key", "conformance"))
            let found = { (flags: [String]) throws -> String in
                let line = [workload, "with-key", "conformance"]
                return try Command(line + bed.runtimeCommand(["run", "-b", box.bundle] + flags + [box.id]).arguments)
                    .start(in: bed).wait().output
            }
            #expect(try found([]) != "key 0\n")
            #expect(try found(["--no-new-keyring"]) == "key 0\n")
        }

        @Test func notASubreaper() throws {
            let bed = try Bed.here
            try bed.container(Config(script: "exit 4")).run("--no-subreaper").expect(status: 4)
        }

        /// Signals that `run` gets go to the workload.
        @Test func signalsOfRunAreForwarded() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "trap", "HUP", "USR1"))
            let running = try bed.runtimeCommand(["run", "-b", box.bundle, box.id]).start(in: bed)
            try running.waitForOutput("ready")
            running.signal(SIGHUP)
            try running.waitForOutput("got HUP")
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
        }

        /// socket activation (sd_listen_fds(3)): the descriptors and their names reach the workload, as its own.
        @Test func listenDescriptorsArePassedOn() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config(script: "cat <&3; echo pid=$LISTEN_PID; echo fds=$LISTEN_FDS"))
            try bed.write("passed\n", to: bed.directory + "/file")
            let program = try bed.runtimeCommand([]).arguments.joined(separator: " ")
            let outcome = try bed.command(
                "sh", "-c",
                "exec 3<\(bed.directory)/file; LISTEN_FDS=1 LISTEN_PID=$$ exec \(program) run -b \(box.bundle) one")
            outcome.expect(["pid": "1", "fds": "1"])
            #expect(outcome.output.hasPrefix("passed\n"), "\(outcome)")
        }

        @Test func bundlesThatAreNone() throws {
            let bed = try Bed.here
            let empty = try bed.newDirectory("empty")
            #expect(try bed.oci("run", "-b", empty, "one").status == 1)
            #expect(try bed.oci("create", "-b", "/no/such/bundle", "one").status != 0)
            let box = try bed.container(Config("/bin/true"))
            try bed.write("{\"ociVersion\": \"1.0.0\",\n \"process\": [}\n", to: box.bundle + "/config.json")
            let outcome = try box.run()
            outcome.expectFailure(saying: "config.json", status: 1)
            #expect(paths(in: bed.stateRoot).isEmpty)
        }
    }
}
