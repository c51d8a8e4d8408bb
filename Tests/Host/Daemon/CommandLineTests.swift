internal import Foundation
internal import TestBed
internal import Testing

extension HostBed {
    /// `swiftbox` through a daemon: what people type and what they see.
    @Suite struct CommandLine {
        /// The program, told of one daemon.
        private struct Client {
            let bed: Bed
            let daemon: TestDaemon

            func callAsFunction(_ words: String..., input: String = "") throws -> Outcome {
                try start(words, input: input).wait(timeout: 60)
            }

            func start(_ words: [String], input: String = "", on terminal: Terminal? = nil) throws -> Running {
                try daemon.swiftbox(words, input: input, on: terminal)
            }
        }

        private func withClient(_ body: (Client) throws -> Void) throws {
            try TestDaemon.serving("prepared_monitors: 0\n") { bed, daemon in try body(Client(bed: bed, daemon: daemon))
            }
        }

        @Test func runsInTheForegroundAsWithoutADaemon() throws {
            try withClient { swiftbox in
                let run = try swiftbox("run", "--verbose", "-i", "sh", "-c", "cat; echo err >&2; exit 7", input: "in")
                #expect(run.status == 7 && run.output == "in", "\(run)")
                #expect(run.errors.contains("through the daemon at \(swiftbox.daemon.socket): SWIFTBOX_HOST"), "\(run)")
                #expect(run.errors.hasSuffix("err\n"), "\(run)")
                let missing = try swiftbox("run", "no-such-command")
                #expect(missing.status == 127 && missing.errors.hasPrefix("swiftbox: the command no-such-command"))
                #expect(try swiftbox("run", "/etc/passwd").status == 126)
                #expect(try swiftbox("run", "--memory", "much", "true").status == 125)
                #expect(try swiftbox("run", "-d", "--rm", "no-such-command").status == 127)
                let much = try swiftbox("run", "sh", "-c", "seq 200000")
                #expect(much.output.utf8.count == 1_288_895 && much.output.hasSuffix("\n200000\n"))
                // Nothing of them is left.
                #expect(try swiftbox("ps", "-aq").output.isEmpty)
            }
        }

        /// The file is there before the box: nothing is run that its caller could not find.
        @Test func putsTheIdDownOrRunsNothing() throws {
            try withClient { swiftbox in
                let file = swiftbox.bed.directory + "/cid"
                for flags in [["run"], ["run", "-d"], ["create"]] {
                    let run = try swiftbox.start(flags + ["--cidfile", file, "sleep", "0"]).wait(timeout: 60)
                    let id = try String(contentsOfFile: file, encoding: .utf8)
                    #expect(run.status == 0 && id.count == 64, "\(flags) \(run) \(id)")
                    if flags != ["run"] { #expect(run.output == id + "\n") }
                    let again = try swiftbox.start(flags + ["--name", "never-made", "--cidfile", file, "true"]).wait(
                        timeout: 60)
                    #expect(again.status == 125 && again.errors.contains("--cidfile \(file)"), "\(again)")
                    #expect(try swiftbox("ps", "-aq", "--filter", "name=never-made").output.isEmpty)
                    try FileManager.default.removeItem(atPath: file)
                    // A command that is not there is found out by its start.
                    if flags == ["create"] { continue }
                    let missing = try swiftbox.start(flags + ["--cidfile", file, "nothing"]).wait(timeout: 60)
                    #expect(missing.status == 127 && !FileManager.default.fileExists(atPath: file), "\(missing)")
                }
            }
        }

        /// What a box without a daemon tells its caller: of its start, and of its end.
        @Test func warningsReachTheCaller() throws {
            try withClient { swiftbox in
                func warnings(_ outcome: Outcome) -> [String] {
                    outcome.errors.split(separator: "\n").map(String.init).filter { $0.contains("warning: ") }
                }
                let words = ["--best-effort", "--memory", "64m", "--cpus", "1", "--timeout", "300ms", "sleep", "1000"]
                let alone = try Command([try Bed.binary("swiftbox"), "run", "--root", swiftbox.bed.stateRoot] + words)
                    .start(in: swiftbox.bed).wait(timeout: 60)
                let served = try swiftbox.start(["run"] + words).wait(timeout: 60)
                #expect(alone.status == 137 && served.status == 137, "\(alone) \(served)")
                #expect(warnings(served) == warnings(alone) && !warnings(alone).isEmpty, "\(alone) \(served)")
                #expect(warnings(served).last?.contains("time-out") == true, "\(served)")
                let quiet = try swiftbox.start(["run", "--quiet"] + words).wait(timeout: 60)
                #expect(quiet.status == 137 && quiet.errors.isEmpty, "\(quiet)")
                let detached = try swiftbox.start(["run", "-d"] + words).wait(timeout: 60)
                #expect(detached.status == 0 && warnings(detached) == warnings(alone).dropLast(), "\(detached)")
            }
        }

        /// The box is there by then, and its caller is told which it is.
        @Test func aFileThatCannotTakeTheIdIsNone() throws {
            try withClient { swiftbox in
                let place = swiftbox.bed.directory + "/full"
                try swiftbox.bed.hostShell(
                    "mkdir $1; mount -t tmpfs -o size=4k none $1; head -c 4096 /dev/zero >$1/all", place)
                defer { umount2(place, 0) }
                let run = try swiftbox("run", "-d", "--name", "one", "--cidfile", place + "/id", "sleep", "1000")
                let id = try swiftbox("ps", "-q", "--no-trunc").output.dropLast()
                #expect(run.status == 125 && run.errors.contains("--cidfile") && run.errors.contains(id), "\(run)")
                #expect(id.count == 64 && run.errors.contains("rm --force \(id.prefix(12))"), "\(run)")
                #expect(!FileManager.default.fileExists(atPath: place + "/id"))
            }
        }

        /// Over before the answer to its launch has come, again and again.
        @Test func aCrowdOfShortBoxesIsStarted() throws {
            try withClient { swiftbox in
                let script = try """
                export SWIFTBOX_HOST=unix://\(swiftbox.daemon.socket)
                for i in $(seq 200); do \(Bed.binary("swiftbox")) run -d --rm true >/dev/null & all="$all $!"; done
                for i in $all; do wait $i || echo $?; done
                """
                let outcome = try swiftbox.bed.command("sh", "-c", script)
                #expect(outcome.output.isEmpty && outcome.status == 0, "\(outcome)")
            }
        }

        @Test func livesADetachedLife() throws {
            try withClient { swiftbox in
                let id = try swiftbox(
                    "run", "-d", "--name", "web", "--label", "a=b", "--restart", "on-failure:5", "--health-cmd", "true",
                    "--health-interval", "200ms", "sh", "-c", "echo up; echo bad >&2; sleep 1000")
                #expect(id.status == 0 && id.output.count == 65, "\(id)")
                #expect(
                    try swiftbox("ps", "--format", "{{.Name}} {{.State}} {{json .Labels}}").output
                        == "web running {\"a\":\"b\"}\n")
                #expect(try swiftbox("ps", "-q", "--filter", "label=a=c").output.isEmpty)
                let list = try swiftbox("ps", "--format", "json").output
                #expect(list.contains("\"schema\": 1") && list.contains("\"name\": \"web\""), "\(list)")
                #expect(poll(10) { health(swiftbox) == "healthy\n" })
                let logs = try swiftbox("logs", "web")
                #expect(logs.output == "up\n" && logs.errors == "bad\n", "\(logs)")
                #expect(try swiftbox("logs", "-t", "--tail", "0", "--since", "1h", "web").output.isEmpty)
                let exec = try swiftbox(
                    "exec", "-i", "-e", "A=1", "web", "sh", "-c", "cat; echo $A; exit 9", input: "x")
                #expect(exec.status == 9 && exec.output == "x1\n", "\(exec)")
                let missing = try swiftbox("exec", "web", "no-such-command")
                #expect(missing.status == 127 && missing.output.isEmpty, "\(missing)")
                #expect(missing.errors.hasPrefix("swiftbox: the command no-such-command"), "\(missing)")
                #expect(try swiftbox("top", "web").output.contains("sleep 1000"))
                #expect(try swiftbox("stats", "--no-stream", "--format", "{{.Name}}", "web").output == "web\n")
                #expect(try swiftbox("rename", "web", "net").status == 0)
                #expect(try swiftbox("pause", "net").output == "net\n")
                #expect(try swiftbox("ps", "--format", "{{.State}}").output == "paused\n")
                #expect(try swiftbox("unpause", "net").status == 0)
                #expect(try swiftbox("stop", "-t", "0", "net").status == 0)
                #expect(try swiftbox("wait", "net").output == "137\n")
                #expect(try swiftbox("report", "show", "--box", "net").output.contains("SIGKILL"))
                #expect(try swiftbox("start", "net").status == 0)
                #expect(try swiftbox("rm", "net").status == 125)
                #expect(try swiftbox("rm", "-f", "net").output == "net\n")
                let events = try swiftbox("events", "--since", "1h", "--until", "0s", "--format", "{{.Action}}").output
                for action in ["create", "start", "rename", "pause", "die", "destroy"] {
                    #expect(events.contains("\(action)\n"), "\(events)")
                }
            }
        }

        private func health(_ swiftbox: Client) -> String {
            do {
                return try swiftbox("inspect", "--format", "{{.State.Health.Status}}", "web").output
            } catch {
                return "\(error)"
            }
        }

        @Test func lendsItsTerminalAndTakesItBack() throws {
            try withClient { swiftbox in
                let terminal = try Terminal(rows: 31, columns: 97)
                let before = try terminal.settings()
                let run = try swiftbox.start(
                    [
                        "run", "-it", "--name", "tty", "--detach-keys", "ctrl-a,d", "sh", "-c",
                        "stty size; cat; stty size",
                    ],
                    on: terminal)
                try run.waitForOutput("31 97")
                #expect(try terminal.settings() != before)
                try terminal.resize(rows: 20, columns: 50)
                try terminal.type("hello\n")
                try run.waitForOutput("hello\nhello")
                try terminal.type("\u{1}d")
                #expect(try run.wait().status == 0)
                #expect(try terminal.settings() == before)
                #expect(try swiftbox("ps", "--format", "{{.Name}} {{.State}}").output == "tty running\n")
                let again = try swiftbox.start(["attach", "tty"], on: terminal)
                try terminal.type("once more\n")
                try again.waitForOutput("once more\nonce more")
                try terminal.type("\u{4}")
                try again.waitForOutput("20 50")
                #expect(try again.wait().status == 0)
                #expect(try terminal.settings() == before)
            }
        }

        @Test func passesSignalsOn() throws {
            try withClient { swiftbox in
                let script = "trap 'echo got; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
                let run = try swiftbox.start(["run", "sh", "-c", script])
                try run.waitForOutput("ready")
                let status = try String(contentsOfFile: "/proc/\(run.pid)/status", encoding: .utf8)
                #expect(status.contains("Threads:\t1\n"), "\(status)")
                run.signal(SIGTERM)
                let outcome = try run.wait()
                #expect(outcome.status == 3 && outcome.output == "ready\ngot\n", "\(outcome)")
            }
        }

        /// Process 1 ignores the first.
        @Test func aSecondInterruptKillsTheBox() throws {
            try withClient { swiftbox in
                let run = try swiftbox.start(["run", "--name", "deaf", "sh", "-c", "echo ready; exec sleep 1000"])
                try run.waitForOutput("ready")
                for _ in 0..<2 {
                    #expect(try swiftbox("inspect", "--format", "{{.State.Running}}", "deaf").output == "true\n")
                    run.signal(SIGINT)
                    usleep(300_000)
                }
                #expect(try run.wait(timeout: 10).status == 137)
                #expect(try swiftbox("ps", "-aq").output.isEmpty)
            }
        }

        @Test func copiesFilesAndKeepsImages() throws {
            try withClient { swiftbox in
                let bed = swiftbox.bed
                let rootfs = try bed.makeRootfs()
                let packed = try bed.command("tar", "-C", rootfs, "-cf", bed.directory + "/root.tar", ".")
                #expect(packed.status == 0, "\(packed)")
                let made = try swiftbox(
                    "import", "-c", "CMD [\"echo\", \"image\"]", bed.directory + "/root.tar", "tiny:1")
                #expect(made.status == 0 && made.output.hasPrefix("sha256:"), "\(made)")
                #expect(try swiftbox("tag", "tiny:1", "other:2").status == 0)
                #expect(try swiftbox("images", "--format", "{{json .Names}}").output.contains("other:2"))
                #expect(try swiftbox("run", "--image", "other:2").output == "image\n")
                #expect(try swiftbox("run", "-d", "--name", "c", "--image", "tiny:1", "sleep", "1000").status == 0)
                try bed.write("from outside", to: bed.directory + "/-note")
                let sent = try swiftbox("cp", bed.directory + "/-note", bed.directory + "/root.tar", "c:/tmp")
                #expect(sent.status == 0, "\(sent)")
                #expect(try swiftbox("exec", "c", "cat", "/tmp/-note").output == "from outside")
                let target = try bed.newDirectory("fetched")
                let fetched = try swiftbox("cp", "c:/tmp/-note", target)
                #expect(fetched.status == 0, "\(fetched)")
                #expect(try String(contentsOfFile: target + "/-note", encoding: .utf8) == "from outside")
                #expect(try swiftbox("cp", "c:/none-such", target).errors.contains("none-such"))
                #expect(try swiftbox("rm", "-f", "c").status == 0)
                #expect(try swiftbox("rmi", "-f", "tiny:1", "other:2").status == 0)
                #expect(try swiftbox("images", "-q").output.isEmpty)
            }
        }

        /// As a pipe ends who writes into it.
        @Test func endsTheBoxThatNobodyReads() throws {
            try withClient { swiftbox in
                let command =
                    "'\(try Bed.binary("swiftbox"))' run --name loud sh -c 'trap exit TERM; while :; do echo y; done'"
                let pipe = try Command(
                    ["bash", "-c", "\(command) | head -n 1; echo ${PIPESTATUS[0]}"],
                    environment: ["SWIFTBOX_HOST": "unix://\(swiftbox.daemon.socket)"]
                ).start(in: swiftbox.bed).wait()
                #expect(pipe.output == "y\n141\n", "\(pipe)")
                #expect(try swiftbox("ps", "-aq").output.isEmpty)
            }
        }

        /// examples/service-daemon.sh: killed, the service comes back, and both clients read its log.
        @Test func keepsAServiceAlive() throws {
            let bed = try Bed.here
            let example = try bed.command("sh", "\(Bed.package)/examples/service-daemon.sh")
            #expect(example.status == 0 && example.output.contains("restarts: 1"), "\(example)")
            let log = example.output.split(separator: "\n").filter { $0 == "service is up" }
            #expect(log.count == 4, "\(example)")
        }

        @Test func refusesByNameWhatTheDaemonDoesNotTake() throws {
            try withClient { swiftbox in
                for (words, flag) in [
                    (["--pidfile", "x", "true"], "--pidfile"), (["--report", "x", "true"], "--report"),
                    (["--restart", "maybe", "true"], "--restart"),
                    (["--health-retries", "3", "true"], "--health-retries"),
                    (["--rootfs", "/", "--image", "none-such", "true"], "none-such"),
                    (["-v", "data:/x", "true"], "named volumes"),
                ] {
                    let outcome = try swiftbox.start(["run", "-d"] + words).wait()
                    #expect(outcome.status == 125 && outcome.errors.contains(flag), "\(outcome)")
                }
                #expect(try swiftbox("ps", "--filter", "x").errors.contains("--filter"))
                #expect(try swiftbox("ps", "--format", "{{.Nope}}").status == 0)
                #expect(try swiftbox("stop", "none-such").errors.contains("none-such"))
                #expect(try swiftbox("ps", "-aq").output.isEmpty)
            }
        }

        @Test func saysWhatToDoWithoutADaemon() throws {
            let bed = try Bed.here
            for (words, text) in [
                (["run", "--host", "/none", "true"], "no daemon answers at /none"),
                (
                    ["run", "--restart", "always", "--host", "/none", "true"],
                    "--restart needs the daemon, and none answers"
                ),
                (["ps", "--host", "tcp://x:1"], "unix sockets only"),
                (["plan", "-d", "true"], "--detach cannot be used here"),
            ] {
                let outcome = try Command([try Bed.binary("swiftbox")] + words).start(in: bed).wait()
                #expect(outcome.status == 125 && outcome.errors.contains(text), "\(outcome)")
            }
            let file = bed.directory + "/service.yaml"
            try bed.write("command: [true]\nrestart: always\n", to: file)
            let direct = try bed.run("--file", file)
            #expect(
                direct.status == 125 && direct.errors.contains("service.yaml:2:10: restart: cannot be used without"))
        }

        @Test func startsServicesInOrderAndStopsThemInReverse() throws {
            try withClient { swiftbox in
                let file = "\(Bed.package)/examples/services.yaml"
                let up = try swiftbox("up", "-d", "-f", file)
                #expect(
                    up.status == 0 && up.errors == "shop-store: started\nshop-fill: started\nshop-server: started\n",
                    "\(up)")
                let id = try swiftbox("inspect", "--format", "{{.Id}}", "shop-server").output
                let again = try swiftbox("up", "-d", "-f", file)
                #expect(again.errors == "shop-store: runs\nshop-fill: started\nshop-server: runs\n", "\(again)")
                #expect(try swiftbox("inspect", "--format", "{{.Id}}", "shop-server").output == id)
                let down = try swiftbox("down", "-f", file)
                #expect(down.errors == "shop-server: removed\nshop-fill: removed\nshop-store: removed\n", "\(down)")
                #expect(try swiftbox("ps", "-aq").output.isEmpty)
                let foreground = try swiftbox.start(["up", "-f", file])
                try foreground.waitForOutput("server | server runs")
                foreground.signal(SIGINT)
                let outcome = try foreground.wait()
                #expect(outcome.status == 0 && outcome.output.hasPrefix("store  | store is ready\n"), "\(outcome)")
                #expect(try swiftbox("ps", "-q").output.isEmpty)
            }
        }

        /// A dependency that fails takes away what was made for it.
        @Test func leavesNothingOfServicesThatCannotStart() throws {
            try withClient { swiftbox in
                let file = swiftbox.bed.directory + "/project.yaml"
                try swiftbox.bed.write(
                    """
                    services:
                      job: {command: [sh, -c, "exit 4"]}
                      last: {command: ["true"], depends_on: {job: {condition: service_completed_successfully}}}
                    """, to: file)
                let up = try swiftbox("up", "-d", "-p", "broken", "-f", file)
                #expect(up.status == 125 && up.errors.contains("job was to complete and ended with status 4"), "\(up)")
                #expect(try swiftbox("ps", "-aq").output.isEmpty)
            }
        }
    }
}
