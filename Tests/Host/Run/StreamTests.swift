import TestBed
import Testing

extension HostBed {
    /// Standard streams go to the workload as they are.
    @Suite struct Streams {
        @Test func everyByteGetsThrough() throws {
            let outcome = try Bed.here.shell(
                """
                head -c 3000000 /dev/urandom > in
                awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' >> in
                $BOX -i cat < in > out && cmp in out && cat in | $BOX -i cat | cmp in -
                """)
            #expect(outcome.status == 0, "\(outcome)")
        }

        @Test func outputLargerThanAnyPipeArrives() throws {
            let outcome = try Bed.here.shell("$BOX dd if=/dev/zero bs=64k count=1024 2>/dev/null | wc -c")
            #expect(outcome.output == "67108864\n", "\(outcome)")
        }

        @Test func withoutInteractiveTheInputIsEmpty() throws {
            let bed = try Bed.here
            #expect(try bed.box("cat", input: "typed").output == "")
            #expect(try bed.box("-i", "cat", input: "typed").output == "typed")
        }

        @Test func outputAndErrorsStayApart() throws {
            let outcome = try Bed.here.box("sh", "-c", "echo out; echo err >&2")
            #expect(outcome.output == "out\n")
            #expect(outcome.errors.hasSuffix("err\n"), "\(outcome)")
        }

        /// No copying in between: the workload holds the very file.
        @Test func theFileItselfIsHandedOn() throws {
            let outcome = try Bed.here.shell(
                """
                $BOX stat -L -c '%d %i' /proc/self/fd/1 > out
                stat -L -c '%d %i' out | cmp - out
                """)
            #expect(outcome.status == 0, "\(outcome)")
        }

        @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
        func closedStreamsDoNoHarm(closed: String) throws {
            let outcome = try Bed.here.shell("$BOX sh -c 'exit 5' \(closed)")
            #expect(outcome.status == 5, "\(outcome)")
        }

        /// A descriptor of swiftbox's own in their place would be a way out of the box.
        @Test(arguments: ["<&-", "<&- >&-"])
        func nothingOfSwiftboxTakesAClosedStreamsPlace(closed: String) throws {
            let outcome = try Bed.here.shell("$BOX -i workload status >&2 \(closed)")
            let script = "for n in 0 1 2 3 4 5; do readlink /proc/self/fd/$n; done; readlink /proc/$$/fd/1"
            let links = try Bed.here.shell("$BOX -i sh -c '\(script)' 3>&1 \(closed) 1>&3 3>&-")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(links.lines.allSatisfy { $0 == "/dev/null" || $0.contains("/command.") }, "\(links)")
        }

        @Test func aReaderThatLeavesEndsTheBox() throws {
            let outcome = try Bed.here.shell("{ $BOX yes; echo $? > status; } | head -n 1; cat status", timeout: 20)
            #expect(outcome.lines.first == "y", "\(outcome)")
            #expect(outcome.lines.last != "0", "\(outcome)")
        }

        @Test func whatFollowsTheCommandBelongsToIt() throws {
            let bed = try Bed.here
            #expect(try bed.box("echo", "-e", "a", "--name", "b", "--", "-v").output == "a --name b -- -v\n")
            #expect(try bed.box("--", "echo", "--", "x").output == "-- x\n")
            #expect(try bed.box("--entrypoint", "echo", "-i", "one", "two words").output == "one two words\n")
            #expect(try bed.box("--entrypoint", "echo", "--", "-i").output == "-i\n")
        }
    }
}
