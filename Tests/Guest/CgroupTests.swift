import BoxSystem
import TestBed
import Testing

extension GuestBed {
    @Suite struct Cgroup {
        /// The caller's own cgroup has room for one process. One that was forked there and moved would not fit.
        @Test func isWhereTheBoxIsBorn() throws {
            let bed = try Bed.here
            try File.makeDirectory(Cgroups.top + "/narrow", mode: 0o755)
            defer { #expect(throws: Never.self) { try removeCgroup("narrow") } }
            try Cgroups.write("1", to: "narrow/pids.max")
            let enter = "echo $$ >\(Cgroups.top)/narrow/cgroup.procs && exec \"$@\""
            let outcome = try bed.command(
                "sh", "-c", enter, "sh", Bed.binary("swiftbox"), "run", "--root", bed.stateRoot,
                "--rootfs", bed.makeRootfs(), "cat", "/proc/self/cgroup")
            #expect(outcome.status == 0 && outcome.output == "0::/\n", "\(outcome)")
        }

        @Test func isAllThatTheBoxSees() throws {
            let script =
                "cat /proc/1/cgroup /sys/fs/cgroup/cgroup.procs; echo 5 >/sys/fs/cgroup/pids.max; ls /sys/fs/cgroup/tests"
            let outcome = try Bed.here.box("sh", "-c", script)
            #expect(outcome.output.hasPrefix("0::/\n1\n"), "\(outcome)")
            #expect(outcome.errors.contains("Read-only file system"), "\(outcome)")
            #expect(outcome.errors.contains("tests: No such file"), "\(outcome)")
        }

        @Test func isNotTakenFromAnother() throws {
            let bed = try Bed.here
            try File.makeDirectory(Cgroups.top + "/swiftbox-taken", mode: 0o755)
            defer { #expect(throws: Never.self) { try removeCgroup("swiftbox-taken") } }
            let outcome = try bed.box("--name", "taken", "true")
            #expect(outcome.status == 125, "\(outcome)")
            #expect(outcome.errors.contains("cgroup /swiftbox-taken exists already"), "\(outcome)")
            #expect(File.exists(Cgroups.top + "/swiftbox-taken"))
        }

        @Test func refusesTheNameOfARunningBox() throws {
            let bed = try Bed.here
            let first = try bed.startBox("--name", "one", "workload", "sleep-forever")
            try first.waitForOutput("ready")
            let second = try bed.box("--name", "one", "true")
            #expect(second.status == 125 && second.errors.contains("the id one is in use"), "\(second)")
            #expect(try !Cgroups.words("swiftbox-one/cgroup.procs").isEmpty)
            first.signal(9)
            try first.wait()
            try bed.box("true")
        }

        @Test func getsAControllerThatWasNotPassedOn() throws {
            try Cgroups.write("-hugetlb", to: "cgroup.subtree_control")
            #expect(try !Cgroups.words("cgroup.subtree_control").contains("hugetlb"))
            defer { #expect(throws: Never.self) { try Cgroups.write("+hugetlb", to: "cgroup.subtree_control") } }
            let outcome = try Bed.here.box("--hugetlb", "2m=4m", "cat", "/sys/fs/cgroup/hugetlb.2MB.max")
            #expect(outcome.status == 0 && outcome.output == "4194304\n", "\(outcome)")
        }

        /// A path of its own, two levels deep, made and removed.
        @Test func canBeNamedByABundle() throws {
            var config = try Config("/bin/cat", "/sys/fs/cgroup/pids.max")
            config.set("linux.cgroupsPath", "/nested/deep")
            config.set("linux.resources.pids.limit", 33)
            let outcome = try Bed.here.runtime("run", "--bundle", Bed.here.makeBundle(config), "nested")
            #expect(outcome.status == 0 && outcome.output == "33\n", "\(outcome)")
            #expect(!File.exists(Cgroups.top + "/nested"))
        }

        /// Without a pid namespace nothing but the cgroup knows who belonged to the box.
        @Test func endsWhatABoxLeavesRunning() throws {
            var config = try Config("/bin/sh", "-c", "setsid workload sleep-forever & sleep 1; exit 3")
            config.set("linux.namespaces.0", nil)
            let outcome = try Bed.here.runtime("run", "--bundle", Bed.here.makeBundle(config), "daemons")
            #expect(outcome.status == 3 && outcome.output == "ready\n", "\(outcome)")
        }

        @Test func isClearedByTheNextRunWhenSwiftboxWasKilled() throws {
            let bed = try Bed.here
            let box = try bed.startBox("--name", "lost", "sh", "-c", "workload descend 5")
            try box.waitForOutput("ready")
            box.signal(9)
            #expect(try box.wait().status == 137)
            #expect(File.exists(Cgroups.top + "/swiftbox-lost"))
            let events = Cgroups.top + "/swiftbox-lost/cgroup.events"
            let gone = poll(1) {
                do { return try File.text(of: events).contains("populated 0") } catch { return false }
            }
            #expect(gone, "the workload outlives swiftbox by more than a second")
            let next = try bed.box("true")
            #expect(next.status == 0 && next.errors == "", "\(next)")
            #expect(!File.exists(Cgroups.top + "/swiftbox-lost"))
        }

        private func removeCgroup(_ name: String) throws {
            try File.remove("\(Cgroups.top)/\(name)", directory: true)
        }
    }
}
