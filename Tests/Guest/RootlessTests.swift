import TestBed
import Testing

extension GuestBed {
    /// Limits of somebody who is not root, in a cgroup that is delegated to that somebody.
    @Suite struct Rootless {
        @Test func memoryIsLimited() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.runDelegated(
                "-m", "32m", "sh", "-c", "head -c 100000000 /dev/zero | tail -c 90000000 | wc -c; echo alive",
                controllers: "memory pids")
            #expect(
                outcome.status == 137 && outcome.output.isEmpty && !outcome.errors.contains("left behind"), "\(outcome)"
            )
        }

        @Test func processesAreLimited() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.runDelegated(
                "--pids-limit", "5", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 3 & done; wait",
                controllers: "memory pids")
            #expect(outcome.errors.contains("Cannot fork") && !outcome.errors.contains("left behind"), "\(outcome)")
            let free = try user.runDelegated(
                "--pids-limit", "50", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait; echo all",
                controllers: "memory pids")
            #expect(free.status == 0 && free.output == "all\n", "\(free)")
        }

        /// Without a single limit nobody has to step aside.
        @Test func processorTimeIsLimited() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.runDelegated(
                "--pids-limit", "-1", "--cpu-timeout", "1s", "sh", "-c", "while :; do :; done",
                controllers: "memory pids")
            #expect(outcome.status == 137 && !outcome.errors.contains("left behind"), "\(outcome)")
        }
    }
}
