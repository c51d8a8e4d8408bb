import Glibc
import TestBed
import Testing

extension HostBed {
    /// `-t`: a terminal of the box's own between the user's and the workload.
    @Suite struct OnATerminal {
        @Test func hasTheSizeOfTheUsersAndFollowsIt() throws {
            let bed = try Bed.here
            let terminal = try Terminal(rows: 33, columns: 99)
            let running = try bed.startBox("-it", "workload", "winsize", on: terminal)
            try running.waitForOutput("33 99")
            try terminal.resize(rows: 50, columns: 120)
            try running.waitForOutput("50 120")
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
        }

        @Test(arguments: [[], ["--userns", "auto"], ["-u", "box"], ["--init"]])
        func isAPseudoTerminalOfTheBox(flags: [String]) throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let running = try Command(
                [Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", bed.rootfs(), "-it"] + flags
                    + [
                        "sh", "-c",
                        "tty; test -t 0 && test -t 1 && test -t 2 && echo all; echo x > /dev/tty; : > /dev/console; read line; echo got $line",
                    ]
            ).start(in: bed, on: terminal)
            try running.waitForOutput("x\r\n")
            try terminal.type("typed\r")
            let outcome = try running.wait()
            for text in ["/dev/pts/0\r\n", "all\r\n", "got typed\r\n"] {
                #expect(outcome.output.contains(text), "\(outcome)")
            }
            #expect(outcome.status == 0, "\(outcome)")
        }

        /// The line discipline of the box makes the signal; swiftbox passes the byte on.
        @Test(arguments: [[], ["--init"]])
        func ctrlCGoesToTheWorkload(flags: [String]) throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let running = try Command(
                [Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", bed.rootfs(), "-it"] + flags
                    + ["workload", "trap", "INT", "QUIT"]
            ).start(in: bed, on: terminal)
            try running.waitForOutput("ready")
            for count in 1...3 {
                try terminal.type("\u{3}")
                try running.waitForOutput(String(repeating: "^Cgot INT\r\n", count: count))
            }
            try terminal.type("\u{1c}")
            try running.waitForOutput("got QUIT")
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
        }

        @Test func theSettingsAreRestored() throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let before = try terminal.settings()
            let running = try bed.startBox(
                "-it", "sh", "-c", "stty -echo raw; echo here; read line; exit 4", on: terminal)
            try running.waitForOutput("here")
            #expect(try terminal.settings() != before, "it is raw meanwhile")
            try terminal.type("\n")
            #expect(try running.wait().status == 4)
            #expect(try terminal.settings() == before)
        }

        @Test func theSettingsAreRestoredWhenTheBoxIsKilled() throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let before = try terminal.settings()
            let pidFile = bed.directory + "/pid"
            let running = try bed.startBox("-it", "--pidfile", pidFile, "workload", "sleep-forever", on: terminal)
            try running.waitForOutput("ready")
            #expect(try terminal.settings() != before)
            kill(try bed.number(in: pidFile), SIGKILL)
            #expect(try running.wait().status == 137)
            #expect(try terminal.settings() == before)
        }

        @Test func theSettingsAreRestoredWhenNothingRan() throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let before = try terminal.settings()
            let outcome = try bed.startBox("-it", "nothing", on: terminal).wait()
            #expect(outcome.status == 127 && outcome.output.contains("was not found"), "\(outcome)")
            #expect(try terminal.settings() == before)
        }

        @Test func allOutputArrivesBeforeTheEnd() throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let running = try bed.startBox("-it", "sh", "-c", "seq 1 20000; echo END", on: terminal)
            let outcome = try running.wait()
            #expect(outcome.output.hasSuffix("20000\r\nEND\r\n"), "\(outcome.output.suffix(100))")
            #expect(outcome.output.split(separator: "\r\n").filter { Int($0) != nil }.count == 20000)
        }

        /// From a pipe and to a file: what was typed is echoed, the end of the input is Ctrl-D, and lines end as they were
        /// written.
        @Test func worksWithoutATerminalOfTheCallers() throws {
            let outcome = try Bed.here.box("-it", "sh", "-c", "cat; echo end", input: "line\n")
            #expect(outcome.status == 0 && outcome.output == "line\nline\nend\n", "\(outcome)")
        }

        @Test func withoutInputTheTerminalIsThereAllTheSame() throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let running = try bed.startBox("-t", "sh", "-c", "tty; exit 3", on: terminal)
            let outcome = try running.wait()
            #expect(outcome.status == 3 && outcome.output.contains("/dev/pts/0"), "\(outcome)")
        }
    }
}
