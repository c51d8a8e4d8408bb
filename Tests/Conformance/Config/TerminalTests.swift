import TestBed
import Testing

extension Conformance {
    /// `process.terminal` and the console socket.
    @Suite struct Terminals {
        /// The other end of a console socket, which types a line once it has the terminal.
        private func receiver(_ bed: Bed, _ path: String) throws -> Running {
            let running = try Command([try Bed.binary("workload"), "receive-terminal", path, "typed\n"]).start(in: bed)
            try running.waitForOutput("ready")
            return running
        }

        @Test func consoleSocketReceivesTheTerminal() throws {
            let bed = try Bed.here
            let socket = bed.directory + "/console"
            let receiver = try receiver(bed, socket)
            var config = try Config(
                script: """
                    test -t 0 && test -t 1 && test -t 2 && echo all=terminals
                    stty size; tty; read word; echo "word=$word"; ls -l /dev/console; echo "sid=$(cut -d' ' -f6 </proc/1/stat)"
                    """)
            config.set("process.terminal", true)
            config.set("process.consoleSize", ["height": 33, "width": 99])
            let box = try bed.container(config)
            let created = try box.create("--console-socket", socket)
            try #require(created.outcome.status == 0, "\(created.outcome)")
            try receiver.waitForOutput("onlcr")
            try box.call("start")
            let outcome = try receiver.wait()
            outcome.expect([
                "descriptors": "1", "rows": "33", "columns": "99", "all": "terminals", "word": "typed", "sid": "1",
            ])
            #expect(outcome.output.contains("33 99") && outcome.output.contains("/dev/console"), "\(outcome)")
        }

        /// Where the output of `run` is no terminal, lines end in \n alone, as on a pipe.
        @Test func newlinesAreLeftAlone() throws {
            let outcome = try Bed.here.container(Config(script: "echo one; echo two").with("process.terminal", true))
                .run()
            #expect(outcome.status == 0 && outcome.output == "one\ntwo\n", "\(outcome)")
        }

        @Test func terminalAndSocketBelongTogether() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true").with("process.terminal", true))
            #expect(try box.create().outcome.status != 0, "a terminal without a console socket")
            #expect(try box.call("state").status != 0)
            try box.write(Config("/bin/true"))
            #expect(
                try box.create("--console-socket", bed.directory + "/s").outcome.status != 0,
                "a socket without a terminal")
            #expect(try box.call("state").status != 0)
        }

        @Test func runOnATerminal() throws {
            let bed = try Bed.here
            let terminal = try Terminal(rows: 40, columns: 120)
            let before = try terminal.settings()
            let box = try bed.container(
                Config(script: "stty size; read word; echo \"got $word\"; exit 5").with("process.terminal", true))
            let running = try bed.runtimeCommand(["run", "-b", box.bundle, box.id]).start(in: bed, on: terminal)
            try running.waitForOutput("40 120")
            try terminal.type("hello\r")
            let outcome = try running.wait()
            #expect(outcome.status == 5 && outcome.output.contains("got hello"), "\(outcome)")
            #expect(try terminal.settings() == before)
        }

        @Test func terminalWithoutOneOnStandardInput() throws {
            let outcome = try Bed.here.container(
                Config(script: "test -t 1 && echo terminal").with("process.terminal", true)
            ).run()
            #expect(outcome.status == 0 && outcome.output.contains("terminal"), "\(outcome)")
        }

        /// "Runtimes MUST ignore consoleSize if terminal is false or unset."
        @Test func consoleSizeWithoutATerminal() throws {
            try Bed.here.container(
                Config("/bin/workload", "status").with("process.consoleSize", ["height": 1, "width": 2])
            ).run().expect(["tty": ""])
        }
    }
}
