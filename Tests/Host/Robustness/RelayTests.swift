import TestBed
import Testing

extension HostBed {
    /// A box with a terminal whose caller has none, reads slowly, or not at all.
    @Suite struct Relay {
        private static let lines = (0..<20000).map { "line \($0) of what somebody pastes\n" }.joined()

        @Test func inputLargerThanAnyBufferComesThrough() throws {
            let bed = try Bed.here
            let outcome = try bed.run(
                "--rootfs", bed.makeRootfs(), "-it", "sh", "-c", "cat | wc -l", input: Self.lines, timeout: 40)
            #expect(outcome.status == 0, "status \(outcome.status): \(outcome.errors)")
            // The kernel mixes the echo with what the box writes, in the middle of lines: only the count is sure.
            #expect(outcome.output.hasSuffix("\n20000\n"), "\(outcome.output.suffix(200))")
        }

        @Test(arguments: ["", "a line\n", "no line end"]) func endOfInputReachesTheBox(input: String) throws {
            let bed = try Bed.here
            let outcome = try bed.run(
                "--rootfs", bed.makeRootfs(), "-it", "sh", "-c", "stty -echo; echo ready; cat; echo over", input: input,
                timeout: 20)
            #expect(outcome.status == 0 && outcome.output.contains("over"), "\(outcome)")
        }

        /// As a terminal that hangs up; nobody would ever read what the box still writes.
        @Test func readerWhoLeavesEndsTheBox() throws {
            let bed = try Bed.here
            let outcome = try bed.command(
                "sh", "-c", "\"$@\" | head -n 1", "sh", Bed.binary("swiftbox"), "run", "--root", bed.stateRoot,
                "--rootfs", bed.makeRootfs(), "-t", "yes", timeout: 20)
            #expect(outcome.output == "y\n", "\(outcome)")
        }

        /// A FIFO that its own writer holds open for reading fills up and stays full.
        @Test func secondInterruptEndsABoxWhoseReaderHangs() throws {
            let bed = try Bed.here
            let running = try Command(
                ["sh", "-c", "mkfifo \"$0\" && exec \"$@\" 1<>\"$0\"", bed.directory + "/full"]
                    + [try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", try bed.makeRootfs()]
                    + ["-t", "sh", "-c", "trap '' INT; : >/tmp/started; exec yes"]
            ).start(in: bed)
            _ = poll(1.5) { false }
            running.signal(2)
            _ = poll(0.3) { false }
            running.signal(2)
            #expect(try running.wait(timeout: 10).status == 137)
        }

        @Test func windowHasTheCallersSizeFromTheFirstMoment() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            for _ in 0..<10 {
                let terminal = try Terminal(rows: 33, columns: 101)
                let running = try bed.start("--rootfs", rootfs, "-it", "stty", "size", on: terminal)
                let outcome = try running.wait()
                #expect(outcome.status == 0 && outcome.output.contains("33 101"), "\(outcome)")
            }
        }

        /// The group that terminals have by custom need not exist in the box.
        @Test func boxOfOneIDHasATerminal() throws {
            let bed = try Bed.here
            let outcome = try bed.run(
                "--rootfs", bed.makeRootfs(), "-t", "--userns", "700000:700000:1", "tty", timeout: 20)
            #expect(outcome.status == 0 && outcome.output.contains("/dev/"), "\(outcome)")
        }

        /// The terminal sends it once; a second one from process 1 would be read as impatience.
        @Test func keyReachesTheWorkloadOfAnInitOnce() throws {
            let bed = try Bed.here
            let terminal = try Terminal()
            let running = try bed.start(
                "--rootfs", try bed.makeRootfs(), "-it", "--init", "sh", "-c",
                "set -- $(cat /proc/self/stat); echo group $5 foreground $8 own $$; cat", on: terminal)
            try running.waitForOutput("own")
            try terminal.type("\u{3}")
            let outcome = try running.wait(timeout: 20)
            #expect(outcome.status == 130, "\(outcome)")
            #expect(outcome.output.contains("group 2 foreground 2 own 2"), "\(outcome)")
        }
    }
}
