import TestBed
import Testing

extension GuestBed {
    @Suite struct Memory {
        private static let reason = "out of memory: the kernel killed the whole box at --memory 32m\n"

        /// The process that eats is a child: its shell would live on, if not the whole box were killed.
        @Test(arguments: [[], ["--init"], ["--userns", "auto"]])
        func killsTheWholeBoxAndSaysWhy(flags: [String]) throws {
            let outcome = try Bed.here.box(
                ["-m", "32m"] + flags + ["sh", "-c", "workload eat-memory 100; echo alive"])
            #expect(outcome.status == 137 && outcome.output == "", "\(outcome)")
            #expect(outcome.errors == "swiftbox: warning: " + Self.reason, "\(outcome)")
        }

        @Test func tellsOfAChildThatWasKilledAlone() throws {
            let outcome = try Bed.here.box(
                "-m", "32m", "--cgroup", "memory.oom.group=0", "sh", "-c", "workload eat-memory 100; exit 7")
            #expect(outcome.status == 7, "\(outcome)")
            #expect(
                outcome.errors.contains("out of memory: the kernel killed a process of the box at --memory 32m\n"),
                "\(outcome)")
        }

        @Test func killsABundle() throws {
            var config = try Config("/bin/workload", "eat-memory", "100")
            config.set("linux.resources.memory.limit", 32 << 20)
            let outcome = try Bed.here.runtime("run", "--bundle", Bed.here.makeBundle(config), "eater")
            #expect(outcome.status == 137, "\(outcome)")
            #expect(outcome.errors.contains("the whole box at linux.resources.memory.limit 32m\n"), "\(outcome)")
        }

        /// What is thrown away is memory, and the box's own.
        @Test func countsWhatIsWrittenToTheScratchLayer() throws {
            let outcome = try Bed.here.box("-m", "32m", "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=100")
            #expect(outcome.status == 137 && outcome.errors.contains(Self.reason), "\(outcome)")
        }

        @Test func boundsTheScratchLayer() throws {
            let outcome = try Bed.here.box(
                "--scratch-size", "8m", "sh", "-c", "dd if=/dev/zero of=/big bs=1M count=20; stat -c %s /big")
            #expect(outcome.errors.contains("No space left on device"), "\(outcome)")
            #expect(Int(outcome.output.dropLast()).map { $0 > 7 << 20 && $0 <= 8 << 20 } == true, "\(outcome)")
        }

        /// The guest gets a swap file, so that a box without a right to swap has something not to use.
        @Test func givesSwapOnlyWhereAsked() throws {
            let bed = try Bed.here
            let file = bed.directory + "/swap"
            let make =
                "dd if=/dev/zero of=\(file) bs=1M count=96 && chmod 600 \(file) && mkswap \(file) && swapon \(file)"
            let made = try bed.command("sh", "-c", make)
            try #require(made.status == 0, "\(made)")
            defer { #expect(throws: Never.self) { try bed.command("swapoff", file) } }

            let without = try bed.box("-m", "32m", "--memory-swap", "32m", "workload", "eat-memory", "48")
            #expect(without.status == 137 && without.output == "" && without.errors.contains(Self.reason), "\(without)")

            let script = "workload eat-memory 48 | { read line; echo $line; cat /sys/fs/cgroup/memory.swap.max; }"
            let with = try bed.startBox("-m", "32m", "--memory-swap", "96m", "sh", "-c", script)
            try with.waitForOutput("ate 48\n67108864\n")
            with.signal(9)
            try with.wait()
            // Its next run clears what the killed one could not.
            try bed.box("true")
        }
    }
}
