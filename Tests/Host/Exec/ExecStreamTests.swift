import BoxSystem
import Glibc
import TestBed
import Testing

/// Streams, terminals, descriptors, signals, and life without the runtime.
extension HostBed.Exec.Streams {
    @Test func standardStreamsAreTheCallers() throws {
        try Bed.here.withBox { box in
            let outcome = try box.exec([], "sh", "-c", "cat; echo error >&2", input: "input\n")
            #expect(outcome.output == "input\n" && outcome.errors == "error\n", "\(outcome)")
        }
    }

    @Test func aTerminalIsRelayed() throws {
        try Bed.here.withBox { box in
            let terminal = try Terminal(rows: 33, columns: 99)
            let before = try terminal.settings()
            let script =
                "tty; id -un; stty size; [ -e /dev/console ] && echo console; read line; echo got $line; exit 5"
            let running = try box.command(["-t", "-u", "box"], ["sh", "-c", script]).start(in: box.bed, on: terminal)
            try running.waitForOutput("33 99")
            try terminal.type("typed\r")
            let outcome = try running.wait()
            #expect(outcome.status == 5 && !outcome.output.contains("console"), "\(outcome)")
            for text in ["/dev/pts/0", "box", "got typed"] { #expect(outcome.output.contains(text), "\(outcome)") }
            #expect(try terminal.settings() == before)
        }
    }

    @Test func aTerminalsKeysAndSizeReachTheProcess() throws {
        try Bed.here.withBox { box in
            let terminal = try Terminal(rows: 20, columns: 40)
            let keys = try box.command(["--tty"], ["workload", "trap", "INT"]).start(in: box.bed, on: terminal)
            try keys.waitForOutput("ready")
            try terminal.type("\u{3}")
            try keys.waitForOutput("got INT")
            keys.signal(SIGTERM)
            #expect(try keys.wait().status == 0)
            let size = try box.command(["-t"], ["workload", "winsize"]).start(in: box.bed, on: terminal)
            try size.waitForOutput("20 40")
            try terminal.resize(rows: 50, columns: 120)
            try size.waitForOutput("50 120")
            size.signal(SIGTERM)
            #expect(try size.wait().status == 0)
        }
    }

    /// What an engine does: it listens, and reads the terminal of a process that nobody stays with.
    @Test func aTerminalGoesToTheConsoleSocket() throws {
        try Bed.here.withBox { box in
            let path = box.bed.directory + "/console"
            let listener = try UnixSocket.listen(path, .stream)
            let pidFile = box.bed.directory + "/pid"
            let flags = ["-t", "-d", "--console-socket", path, "--pid-file", pidFile]
            let outcome = try box.exec(flags, "sh", "-c", "tty; read line; echo got $line")
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
            let connection = RecordSocket(owning: try UnixSocket.accept(listener.raw).release())
            let message = try connection.receive()
            let master = Descriptor(owning: try #require(message.descriptor))
            #expect(!message.bytes.isEmpty)
            try File.write(Array("typed\n".utf8), to: master.raw)
            var text = ""
            _ = try poll(10) {
                var entries = [Poll.Entry(master.raw)]
                try Poll.wait(&entries, milliseconds: 100)
                if entries[0].isReady {
                    text += String(decoding: try File.readSome(master.raw, atMost: 1000), as: UTF8.self)
                }
                return text.contains("got typed")
            }
            #expect(text.contains("/dev/pts/0") && text.contains("got typed"), "\(text)")
            box.reap(try box.bed.number(in: pidFile))
            for (words, error) in [(["-d", "-t"], "--detach"), (["--console-socket", path], "--console-socket")] {
                let refused = try box.exec(words, "true")
                #expect(refused.status == 255 && refused.errors.contains(error), "\(refused)")
            }
            let nobody = try box.exec(["-t", "-d", "--console-socket", path + "x"], "true")
            #expect(nobody.status == 255 && nobody.errors.contains("--console-socket"), "\(nobody)")
        }
    }

    @Test func aDetachedProcessLivesOn() throws {
        try Bed.here.withBox { box in
            let (pidFile, socket) = (box.bed.directory + "/pid", box.bed.directory + "/pidfd")
            let listener = try UnixSocket.listen(socket, .stream)
            let flags = ["--detach", "--pid-file", pidFile, "--pidfd-socket", socket]
            let outcome = try box.exec(flags, "workload", "sleep-forever")
            #expect(outcome.status == 0, "\(outcome)")
            let pid = try box.bed.number(in: pidFile)
            #expect(try File.text(of: "/proc/\(pid)/cmdline") == "workload\0sleep-forever\0")
            let connection = RecordSocket(owning: try UnixSocket.accept(listener.raw).release())
            let pidfd = Descriptor(owning: try #require(try connection.receive().descriptor))
            #expect(try File.text(of: "/proc/self/fdinfo/\(pidfd.raw)").contains("\nPid:\t\(pid)\n"))
            try box.exec([], "true")
            #expect(try box.bed.isAlive(pid))
            box.reap(pid)
        }
    }

    @Test func aPidFileThatStandsForNothingIsRemoved() throws {
        try Bed.here.withBox { box in
            let path = box.bed.directory + "/pid"
            #expect(try box.exec(["--pid-file", path], "nothing").status == 255)
            #expect(!File.exists(path))
            let unwritable = try box.exec(["--pid-file", "/nowhere/pid"], "touch", "/tmp/ran")
            #expect(unwritable.status == 255 && unwritable.errors.contains("--pid-file"), "\(unwritable)")
            #expect(try box.exec([], "ls", "/tmp/ran").status == 1)
            let unheard = try box.exec(["--pidfd-socket", path], "touch", "/tmp/ran")
            #expect(unheard.status == 255 && unheard.errors.contains("--pidfd-socket"), "\(unheard)")
            #expect(try box.exec([], "ls", "/tmp/ran").status == 1)
        }
    }

    @Test func signalsArePassedOn() throws {
        try Bed.here.withBox { box in
            let running = try box.command([], ["workload", "trap", "USR1"]).start(in: box.bed)
            try running.waitForOutput("ready")
            running.signal(SIGUSR1)
            try running.waitForOutput("got USR1")
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
        }
    }

    @Test func theProcessEndsWithItsRuntime() throws {
        try Bed.here.withBox { box in
            let pidFile = box.bed.directory + "/pid"
            let running = try box.command(["--pid-file", pidFile], ["workload", "sleep-forever"]).start(in: box.bed)
            try running.waitForOutput("ready")
            let pid = try box.bed.number(in: pidFile)
            running.signal(SIGKILL)
            try running.wait()
            #expect(try poll(10) { try !box.bed.isAlive(pid) })
            box.reap(pid)
        }
    }

    @Test func descriptorsArePassedOnlyWhereAskedFor() throws {
        try Bed.here.withBox { box in
            let runtime = "\(try Bed.binary("swiftbox-runtime")) --root \(box.bed.stateRoot) exec"
            let outside = try box.bed.makeOutside()
            func run(_ flags: String, _ command: String) throws -> Outcome {
                try box.bed.hostShell("exec 3<$1/canary 4<$1 9<$1; \(runtime) \(flags) box \(command)", outside)
            }
            let none = try run("", "workload status")
            #expect(fields(none.output)["fds"] == "0 1 2 ", "\(none)")
            let one = try run("--preserve-fds 1", "sh -c 'cat <&3; ls /proc/self/fd | wc -l'")
            // 0, 1, 2, 3 and the one that reads the directory.
            #expect(one.output == "secret\n5\n", "\(one)")
            let missing = try run("--preserve-fds 3", "true")
            #expect(missing.status == 255 && missing.errors.contains("--preserve-fds"), "\(missing)")
        }
    }

    @Test func socketsOfTheServiceManagerArePassedOn() throws {
        try Bed.here.withBox { box in
            let runtime = "\(try Bed.binary("swiftbox-runtime")) --root \(box.bed.stateRoot) exec"
            let outside = try box.bed.makeOutside()
            let script = "echo $LISTEN_FDS $LISTEN_FDNAMES $((LISTEN_PID - $$)); cat <&3; cat <&4"
            let outcome = try box.bed.hostShell(
                "exec 3<$1/canary 4<$1/canary; export LISTEN_FDS=1 LISTEN_FDNAMES=a; "
                    + "LISTEN_PID=$$ exec \(runtime) --preserve-fds 1 box sh -c '\(script)'", outside)
            #expect(outcome.output == "1 a 0\nsecret\nsecret\n", "\(outcome)")
            let another = try box.bed.hostShell(
                "LISTEN_FDS=1 LISTEN_PID=1 \(runtime) box sh -c 'echo $LISTEN_FDS.'")
            #expect(another.output == ".\n", "\(another)")
        }
    }
}
