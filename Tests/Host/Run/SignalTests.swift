import BoxSystem
import Glibc
import TestBed
import Testing

extension HostBed {
    /// Signals to swiftbox reach the workload; with `--init`, process 1 hands them on and reaps orphans.
    @Suite struct Signalling {
        @Test(arguments: [[], ["--init"]])
        func areForwarded(flags: [String]) throws {
            let bed = try Bed.here
            let script = ["workload", "trap", "INT", "USR1", "HUP", "QUIT", "WINCH", "40"]
            let running = try Command(
                [Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", bed.rootfs()] + flags + script
            ).start(in: bed)
            try running.waitForOutput("ready")
            for (number, text) in [
                (SIGINT, "got INT"), (SIGUSR1, "got USR1"), (SIGHUP, "got HUP"), (SIGQUIT, "got QUIT"),
                (SIGWINCH, "got WINCH"), (40, "got a real-time"),
            ] {
                running.signal(number)
                try running.waitForOutput(text)
            }
            running.signal(SIGTERM)
            let outcome = try running.wait()
            #expect(outcome.status == 0 && outcome.output.hasSuffix("got TERM\n"), "\(outcome)")
        }

        @Test(arguments: [["sleep", "1000"], ["--init", "workload", "trap", "INT"], ["workload", "trap", "INT"]])
        func aSecondInterruptKills(words: [String]) throws {
            let bed = try Bed.here
            let pidFile = bed.directory + "/pid"
            let running = try Command(
                [
                    Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", bed.rootfs(), "--pidfile",
                    pidFile,
                ]
                    + words
            ).start(in: bed)
            if words.contains("trap") {
                try running.waitForOutput("ready")
            } else {
                #expect(poll(10) { File.exists(pidFile) })
            }
            running.signal(SIGINT)
            usleep(200_000)
            let pid = try bed.number(in: pidFile)
            #expect(File.exists("/proc/\(pid)"), "one is not enough")
            running.signal(SIGINT)
            let outcome = try running.wait(timeout: 5)
            #expect(outcome.status == 137, "\(outcome)")
        }

        @Test func withoutAHandlerInitLetsTheDefaultHappen() throws {
            let running = try Bed.here.startBox("--init", "workload", "descend", "1")
            try running.waitForOutput("ready")
            running.signal(SIGTERM)
            #expect(try running.wait().status == 143)
        }

        /// A grandchild whose parent has ended belongs to process 1, and a program that never waits keeps the corpse.
        @Test(arguments: [([], true), (["--init"], false)])
        func initReapsOrphans(flags: [String], corpse: Bool) throws {
            let script = """
                workload orphan 1 > /tmp/pid; read word pid < /tmp/pid
                exec awk -v "file=/proc/$pid/stat" 'BEGIN { system("sleep 1.5"); while ((getline line < file) > 0) print line }'
                """
            let outcome = try Bed.here.box(flags + ["sh", "-c", script])
            #expect(outcome.status == 0 && outcome.output.contains("(workload) Z") == corpse, "\(outcome)")
        }

        @Test func initIsProcessOneAndItsChildIsNot() throws {
            let status = try Bed.here.status(["--init"])
            #expect(status["pid"] == "2" && status["ppid"] == "1")
            #expect(status["fds"] == "0 1 2 ")
        }

        @Test(arguments: [[], ["--init"]])
        func theEndOfTheWorkloadIsTheEndOfAll(flags: [String]) throws {
            let outcome = try Bed.here.box(
                flags + ["sh", "-c", "busybox setsid sleep 1000 & busybox setsid sleep 1000 & exit 3"])
            #expect(outcome.status == 3 && outcome.seconds < 10, "\(outcome)")
        }

        /// SIGTERM while the box is still being made: it must not be lost, and nothing may be left.
        @Test func aSignalDuringTheStartIsNotLost() throws {
            let bed = try Bed.here
            for delay in stride(from: 0, to: 30_000, by: 2_500) {
                let running = try bed.startBox("--init", "sleep", "1000")
                usleep(UInt32(delay))
                running.signal(SIGTERM)
                let status = try running.wait(timeout: 10).status
                #expect(status == 143, "after \(delay) µs: \(status)")
            }
        }
    }
}
