import TestBed
import Testing

extension HostBed {
    /// The state root after runs that were killed at a bad moment, and without room.
    @Suite struct StateRoot {
        @Test func fullFileSystemIsToldAndLeavesNothing() throws {
            let bed = try Bed.here
            let root = try bed.makeFolder("full")
            let script = """
                mount -t tmpfs -o size=4k none "$1" && head -c 4096 /dev/zero >"$1/filler" && root=$1 && shift
                "$@"; echo "status $?"; ls -A "$root"
                """
            let outcome = try bed.command(
                "unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", root,
                Bed.binary("swiftbox"), "run", "--root", root, "--rootfs", bed.makeRootfs(), "true")
            #expect(outcome.output == "status 125\nfiller\n", "\(outcome)")
            #expect(outcome.errors.contains("cannot make the state directory"), "\(outcome)")
            #expect(outcome.errors.contains("No space left on device"), "\(outcome)")
        }

        /// Under the hidden name there was no box yet: what its state names may belong to one that lives.
        @Test func remainsOfAKilledStartTouchNoLivingBox() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let living = try bed.start(
                "--rootfs", rootfs, "--name", "living", "-i", "sh", "-c", "echo ready; sleep 1; echo still here")
            try living.waitForOutput("ready")
            let remains = try bed.makeFolder("state/.new-1-living")
            try bed.command("cp", bed.stateRoot + "/living/state.json", remains)
            #expect(try bed.run("--rootfs", rootfs, "true").status == 0)
            let outcome = try living.wait()
            #expect(outcome.status == 0 && outcome.output.contains("still here"), "\(outcome)")
            #expect(try !bed.exists(remains))
        }

        /// A run that was killed between the last two calls of its clean-up.
        @Test func emptiedDirectoryIsCleared() throws {
            let bed = try Bed.here
            let remains = try bed.makeFolder("state/emptied")
            #expect(try bed.run("--rootfs", bed.makeRootfs(), "true").status == 0)
            #expect(try !bed.exists(remains))
        }
    }
}
