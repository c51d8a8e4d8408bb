import Glibc
import TestBed
import Testing

extension HostBed {
    /// What the caller learns from the exit status, and what swiftbox answers without a box.
    @Suite struct ExitStatus {
        @Test(arguments: [
            (["true"], 0), (["false"], 1), (["sh", "-c", "exit 77"], 77), (["sh", "-c", "exit 255"], 255),
            (["--init", "sh", "-c", "exit 7"], 7), (["--init", "sh", "-c", "kill -TERM $$"], 143),
            (["--init", "sh", "-c", "kill -SEGV $$"], 139), (["--init", "sh", "-c", "kill -KILL $$"], 137),
        ])
        func isTheCommands(words: [String], status: Int) throws {
            let outcome = try Bed.here.box(words)
            #expect(outcome.status == status, "\(outcome)")
        }

        @Test(arguments: [
            (["nothing"], 127, "the command nothing was not found in the box"),
            (["/bin/nothing"], 127, "the command /bin/nothing was not found in the box"),
            (["--init", "nothing"], 127, "the command nothing was not found in the box"),
            (["-e", "PATH=/etc", "sh"], 127, "set PATH in the box"),
            (["--entrypoint", "nothing", "true"], 127, "the command nothing was not found"),
            (["/etc/passwd"], 126, "the command /etc/passwd cannot be executed: permission denied"),
            (["--init", "/etc/passwd"], 126, "the command /etc/passwd cannot be executed"),
            (["/etc"], 126, "the command /etc cannot be executed"),
            (["/bin/garbage"], 126, "neither a program for this machine nor a script"),
            (["/bin/lost"], 126, "the interpreter or dynamic loader that it names is not"),
            (["-w", "/nowhere", "true"], 125, "--workdir /nowhere: cannot change to the directory /nowhere"),
        ])
        func tellsWhyNothingRan(words: [String], status: Int, message: String) throws {
            let bed = try Bed.here
            let bin = try bed.rootfs() + "/bin"
            try bed.write("neither\n", to: bin + "/garbage")
            try bed.write("#!/nowhere/sh\n", to: bin + "/lost")
            chmod(bin + "/garbage", 0o755)
            chmod(bin + "/lost", 0o755)
            let outcome = try bed.box(words)
            #expect(outcome.status == status, "\(outcome)")
            #expect(outcome.errors.contains("swiftbox: "), "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome)")
            #expect(outcome.output.isEmpty)
        }

        /// Process 1 of a pid namespace cannot be killed from inside; from outside it can.
        @Test func ofAKilledWorkloadIs128AndTheSignal() throws {
            let bed = try Bed.here
            let pidFile = bed.directory + "/pid"
            let running = try bed.startBox("--pidfile", pidFile, "workload", "sleep-forever")
            try running.waitForOutput("ready")
            kill(try bed.number(in: pidFile), SIGKILL)
            #expect(try running.wait().status == 137)
        }

        @Test(arguments: [
            (["--help"], "swiftbox"), (["run", "--help"], "EXAMPLES:"), (["version"], "kernel: "),
            (["--version"], "swiftbox version "), (["completions", "bash"], "--pids-limit"),
            (["completions", "zsh"], "--pids-limit"), (["completions", "fish"], "pids-limit"),
            (["run"], "USAGE: swiftbox run"), (["run", "-it", "--help"], "EXAMPLES:"),
        ])
        func ofHelpIsZero(words: [String], text: String) throws {
            let outcome = try Command([Bed.binary("swiftbox")] + words).start(in: Bed.here).wait()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.contains(text), "\(outcome)")
            #expect(outcome.errors.isEmpty, "\(outcome)")
        }

        /// The shell itself says whether it understands what is made for it.
        @Test func completionsAreAScriptOfBash() throws {
            let outcome = try Bed.here.command("bash", "-nc", completions("bash"))
            #expect(outcome.status == 0, "\(outcome)")
        }

        private func completions(_ shell: String) throws -> String {
            try Command([Bed.binary("swiftbox"), "completions", shell]).start(in: Bed.here).wait().output
        }

        @Test(arguments: [(["--help"], "verbs"), (["--version"], "spec: 1."), (["help"], "verbs")])
        func ofTheRuntimesHelpIsZero(words: [String], text: String) throws {
            let outcome = try Command([Bed.binary("swiftbox-runtime")] + words).start(in: Bed.here).wait()
            #expect(outcome.status == 0 && outcome.output.contains(text), "\(outcome)")
        }
    }
}
