import Glibc
import TestBed
import Testing

extension HostBed {
    @Suite struct DockerClients {
        @Test func theCommandLineRunsBoxesToTheirEnd() throws {
            try ServedDaemon.with { daemon in
                let hello = try daemon.dockerRun("box", "echo", "hello")
                #expect(hello.status == 0 && hello.output == "hello\n", "\(hello)")
                let both = try daemon.dockerRun("box", "sh", "-c", "echo out; echo err >&2; exit 3")
                #expect(both.status == 3 && both.output == "out\n" && both.errors.contains("err"), "\(both)")
                let piped = try daemon.dockerRun("-i", "box", "cat", input: "through\n")
                #expect(piped.status == 0 && piped.output == "through\n", "\(piped)")
                let missing = try daemon.dockerRun("box", "/no/such/program")
                #expect(missing.status == 127, "\(missing)")
                let refused = try daemon.docker("create", "-p", "80:80", "box")
                #expect(refused.errors.contains("HostConfig.PortBindings"), "\(refused)")
                #expect(try daemon.docker("ps", "-aq").output == "")
            }
        }

        @Test func theCommandLineLooksIntoABoxAndEndsIt() throws {
            try ServedDaemon.with { daemon in
                let made = try daemon.docker(
                    "run", "-d", "--name", "svc", "--network", "none", "box", "sh", "-c",
                    "echo first; while true; do sleep 1; done")
                #expect(made.status == 0, "\(made)")
                let executed = try daemon.docker("exec", "-i", "svc", "sh", "-c", "cat; exit 4", input: "inside\n")
                #expect(executed.status == 4 && executed.output == "inside\n", "\(executed)")
                let logs = try daemon.docker("logs", "svc")
                #expect(logs.output == "first\n", "\(logs)")
                try daemon.bed.write("data\n", to: daemon.bed.directory + "/file")
                #expect(try daemon.docker("cp", daemon.bed.directory + "/file", "svc:/tmp/file").status == 0)
                #expect(try daemon.docker("exec", "svc", "cat", "/tmp/file").output == "data\n")
                let back = daemon.bed.directory + "/back"
                #expect(try daemon.docker("cp", "svc:/tmp/file", back).status == 0)
                #expect(try daemon.bed.command("cat", back).output == "data\n")
                let diff = try daemon.docker("diff", "svc")
                #expect(diff.output == "C /tmp\nA /tmp/file\n", "\(diff)")
                #expect(try daemon.docker("stats", "--no-stream", "--format", "{{.Name}}", "svc").output == "svc\n")
                #expect(try daemon.docker("top", "svc").output.contains("sleep 1"))
                #expect(try daemon.docker("stop", "-t", "0", "svc").status == 0)
                #expect(try daemon.docker("wait", "svc").output == "137\n")
            }
        }

        @Test func aTerminalIsATerminalAndIsLeftByItsKeys() throws {
            try ServedDaemon.with { daemon in
                let terminal = try Terminal()
                let running = try daemon.start(
                    "docker", "run", "--network", "none", "-it", "--name", "tty", "box", "sh", on: terminal)
                // A shell that sets its terminal throws away what was typed before.
                try running.waitForOutput("# ")
                try terminal.type("test -t 0 && echo is-a-$((40 + 2))\n")
                try running.waitForOutput("is-a-42")
                try terminal.type("\u{10}\u{11}")
                try running.wait(timeout: 20)
                #expect(try daemon.docker("inspect", "-f", "{{.State.Running}}", "tty").output == "true\n")
            }
        }

        @Test func execTellsWhyACommandDoesNotRunAndIsLeftByItsKeys() throws {
            try ServedDaemon.with { daemon in
                try daemon.startService()
                let missing = try daemon.docker("exec", "svc", "no-such-command")
                #expect(missing.status == 127 && missing.errors.contains("no-such-command"), "\(missing)")
                #expect(missing.output.isEmpty, "\(missing)")
                let denied = try daemon.docker("exec", "svc", "/etc/passwd")
                #expect(denied.status == 126 && denied.errors.contains("/etc/passwd"), "\(denied)")
                let elsewhere = try daemon.docker("exec", "-w", "/no/such/place", "svc", "true")
                #expect(elsewhere.status == 125 && elsewhere.errors.contains("/no/such/place"), "\(elsewhere)")
                let terminal = try Terminal()
                let told = try daemon.start("docker", "exec", "-it", "svc", "no-such-command", on: terminal)
                try told.waitForOutput("no-such-command")
                #expect(try told.wait(timeout: 20).status == 127)
                let shell = try daemon.start(
                    "docker", "exec", "-it", "--detach-keys", "ctrl-x,y", "svc", "sh", on: terminal)
                try shell.waitForOutput("# ")
                try terminal.type("echo $((40 + 2)); exec sleep 77\n")
                try shell.waitForOutput("\n42")
                // Docker's usual keys are not the ones that were asked for.
                try terminal.type("\u{10}\u{11}")
                try shell.waitForOutput("^P")
                try terminal.type("\u{18}y")
                try shell.wait(timeout: 20)
                #expect(try daemon.docker("top", "svc").output.contains("sleep 77"))
            }
        }

        @Test func logsAreFollowedAndEventsAreTold() throws {
            try ServedDaemon.with { daemon in
                let events = try daemon.start("docker", "events", "--format", "{{.Action}}")
                #expect(
                    try daemon.docker(
                        "run", "-d", "--name", "svc", "--network", "none", "box", "sh", "-c",
                        "echo one; read line </tmp/fifo; true"
                    ).status == 0)
                try events.waitForOutput("start")
                #expect(try daemon.docker("rm", "-f", "svc").status == 0)
                try events.waitForOutput("destroy")
                events.signal(SIGKILL)
                try events.wait()
                #expect(
                    try daemon.docker(
                        "run", "-d", "--name", "talks", "--network", "none", "box", "sh", "-c",
                        "while true; do echo tick; sleep 0.1; done"
                    ).status == 0)
                let follower = try daemon.start("docker", "logs", "-f", "talks")
                try follower.waitForOutput("tick\ntick\ntick\n")
                #expect(try daemon.docker("rm", "-f", "talks").status == 0)
                #expect(try follower.wait(timeout: 20).status == 0)
            }
        }

        @Test func theLibraryForPythonFindsWhatItExpects() throws {
            try ServedDaemon.with { daemon in
                let outcome = try daemon.script("docker_py.py", "box")
                #expect(outcome.status == 0 && outcome.output == "all as it should be\n", "\(outcome)")
            }
        }

        @Test func composeBringsServicesUpAndDown() throws {
            try ServedDaemon.with { daemon in
                let file = daemon.bed.directory + "/docker-compose.yml"
                try daemon.bed.write(
                    """
                    version: "2.4"
                    services:
                      web:
                        image: box
                        command: ["sh", "-c", "while true; do echo web; sleep 1; done"]
                        network_mode: none
                        environment: {A: b}
                        stop_grace_period: 0s
                      job:
                        image: box
                        command: echo job
                        network_mode: host

                    """, to: file)
                func compose(_ words: String...) throws -> Outcome {
                    try daemon.compose(file, words)
                }
                let up = try compose("up", "-d")
                #expect(up.status == 0, "\(up)")
                let shown = try compose("exec", "-T", "web", "sh", "-c", "echo $A")
                #expect(shown.output == "b\n", "\(shown)")
                let logs = try compose("logs", "--no-color", "job")
                #expect(logs.output.contains("| job\n"), "\(logs)")
                let down = try compose("down")
                #expect(down.status == 0, "\(down)")
                #expect(try daemon.docker("ps", "-aq").output == "")
            }
        }

        @Test func answersAreWhatTheirDescriptionSays() throws {
            try ServedDaemon.with { daemon in
                try daemon.startService()
                let outcome = try daemon.script("check.py", "svc", "box")
                #expect(outcome.status == 0 && outcome.output.hasSuffix(" endpoints, 0 wrong\n"), "\(outcome)")
            }
        }

        @Test func clientsWithoutMannersDisturbNobody() throws {
            try ServedDaemon.with("limits: {streams: 64, client_timeout: 3}") { daemon in
                let outcome = try daemon.script("manners.py", "box", "64", "3")
                #expect(outcome.status == 0 && outcome.output == "all as they should be\n", "\(outcome)")
            }
        }
    }
}
