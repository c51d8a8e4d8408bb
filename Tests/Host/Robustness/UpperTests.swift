import TestBed
import Testing

extension HostBed {
    /// `--upper DIR` has a work directory beside it, which is removed in the end.
    @Suite struct UpperWork {
        @Test func isNotTakenFromABoxThatUsesIt() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let upper = try bed.makeFolder("upper")
            let running = try bed.start(
                "--rootfs", rootfs, "--upper", upper, "-i", "sh", "-c",
                "echo ready; while [ ! -e /etc/go ]; do sleep 0.05; done; mkdir /usr/new && mv /etc/group /etc/moved")
            try running.waitForOutput("ready")
            let second = try bed.run("--rootfs", rootfs, "--upper", upper, "true")
            #expect(second.status == 125 && second.errors.contains("in use by another box"), "\(second)")
            try bed.command("nsenter", "-t", box(of: running), "-m", "-r", "/bin/touch", "/etc/go")
            let first = try running.wait(timeout: 20)
            #expect(first.status == 0, "\(first)")
            #expect(try !bed.exists(upper + ".work"))
        }

        private func box(of running: Running) throws -> String {
            let pid = try Bed.here.command("pgrep", "-P", String(running.pid)).output
            return pid.filter(\.isNumber)
        }

        @Test(arguments: ["precious", "work", "index"]) func filesOfOthersAreKept(name: String) throws {
            let bed = try Bed.here
            let upper = try bed.makeFolder("upper")
            let other = try bed.makeFolder("upper.work/" + name)
            try bed.write("mine", to: other + "/file")
            let outcome = try bed.run("--rootfs", bed.makeRootfs(), "--upper", upper, "true")
            #expect(outcome.status == 125 && outcome.errors.contains("holds other files"), "\(outcome)")
            #expect(try bed.exists(other + "/file"))
        }

        /// A killed box's work directory is no obstacle, and goes with the next run on the same state root.
        @Test func ofAKilledRunIsReused() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let upper = try bed.makeFolder("upper")
            let running = try bed.start("--rootfs", rootfs, "--upper", upper, "sh", "-c", "echo ready; sleep 60")
            try running.waitForOutput("ready")
            running.signal(9)
            _ = try running.wait()
            #expect(try bed.exists(upper + ".work/work"))
            let next = try bed.run("--rootfs", rootfs, "--upper", upper, "true")
            #expect(next.status == 0, "\(next)")
            #expect(try !bed.exists(upper + ".work"))
        }
    }
}
