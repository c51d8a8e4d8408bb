import TestBed
import Testing

extension GuestBed {
    @Suite struct Pids {
        @Test(arguments: [[], ["--userns", "auto"], ["--init"]])
        func stopsAForkBomb(flags: [String]) throws {
            let script = "workload fork-bomb 100; cat /sys/fs/cgroup/pids.peak /sys/fs/cgroup/pids.max"
            let outcome = try Bed.here.box(["--pids-limit", "20"] + flags + ["sh", "-c", script])
            // The shell and the bomb itself are in the box too, and with --init its first process.
            let started = flags == ["--init"] ? 17 : 18
            #expect(outcome.status == 0 && outcome.output == "started \(started) errno 11\n20\n20\n", "\(outcome)")
            #expect(outcome.errors.contains("warning: a fork was refused at --pids-limit 20\n"), "\(outcome)")
        }

        @Test func isLimitedToTheDefaultAndSaysNothingOfIt() throws {
            let outcome = try Bed.here.box("cat", "/sys/fs/cgroup/pids.max")
            #expect(outcome.output == "4096\n" && outcome.errors == "", "\(outcome)")
        }

        @Test func canBeUnlimited() throws {
            let outcome = try Bed.here.box("--pids-limit", "-1", "cat", "/sys/fs/cgroup/pids.max")
            #expect(outcome.output == "max\n", "\(outcome)")
        }

        @Test func stopsAForkBombOfABundle() throws {
            var config = try Config("/bin/workload", "fork-bomb", "100")
            config.set("linux.resources.pids.limit", 20)
            let outcome = try Bed.here.runtime("run", "--bundle", Bed.here.makeBundle(config), "bomb")
            #expect(outcome.status == 0 && outcome.output == "started 19 errno 11\n", "\(outcome)")
            #expect(outcome.errors.contains("refused at linux.resources.pids.limit 20"), "\(outcome)")
        }
    }
}
