import BoxSystem
import TestBed
import Testing

extension GuestBed {
    /// A process that joins a box is under the box's limits from its birth on.
    @Suite struct Exec {
        @Test func isLimitedByTheBoxsPids() throws {
            var config = try Config("workload", "sleep-forever")
            config.set("linux.resources.pids.limit", 20)
            try Bed.here.withBox(config) { box in
                // The box's own process and the bomb itself count.
                let bomb = try box.exec([], "workload", "fork-bomb", "100")
                #expect(bomb.output == "started 18 errno 11\n", "\(bomb)")
                #expect(try Cgroups.number("max", in: "swiftbox-box/pids.events") ?? 0 > 0)
                // Where there is no room for it, it is not born at all.
                let full = try box.command([], ["workload", "descend", "18"]).start(in: box.bed)
                try full.waitForOutput("ready")
                let refused = try box.exec([], "true")
                #expect(refused.status == 255, "\(refused)")
                #expect(refused.errors.contains("the box has as many processes as it may have"), "\(refused)")
                full.signal(15)
                try full.wait()
            }
        }

        @Test func isLimitedByTheBoxsMemory() throws {
            var config = try Config("workload", "sleep-forever")
            config.set("linux.resources.memory", ["limit": 32 << 20, "swap": 32 << 20])
            try Bed.here.withBox(config) { box in
                let within = try box.command([], ["workload", "eat-memory", "8"]).start(in: box.bed)
                try within.waitForOutput("ate 8")
                within.signal(15)
                try within.wait()
                let beyond = try box.exec([], "workload", "eat-memory", "100")
                #expect(beyond.status == 137 && !beyond.output.contains("ate 100"), "\(beyond)")
            }
        }

        /// A cgroup that has children with controllers of their own holds no process: who joins goes where the init went.
        @Test func goesWhereTheInitProcessIs() throws {
            var config = try Config("workload", "sleep-forever")
            config.set("linux.resources.pids.limit", 20)
            try Bed.here.withBox(config) { box in
                try File.makeDirectory(Cgroups.top + "/swiftbox-box/init.scope", mode: 0o755)
                for pid in try Cgroups.words("swiftbox-box/cgroup.procs") {
                    try Cgroups.write(pid, to: "swiftbox-box/init.scope/cgroup.procs")
                }
                try Cgroups.write("+pids", to: "swiftbox-box/cgroup.subtree_control")
                let outcome = try box.exec([], "grep", "^0::", "/proc/self/cgroup")
                #expect(outcome.output == "0::/init.scope\n", "\(outcome)")
                let top = try box.exec(["--cgroup", "/"], "true")
                #expect(top.status == 255 && top.errors.contains("passes controllers on"), "\(top)")
            }
        }
    }
}

extension GuestBed.Exec {
    private static let profile = """
        profile swiftbox-exec flags=(attach_disconnected,mediate_deleted) {
          file,
          capability,
          mount,
          signal,
          deny /etc/group r,
        }
        """

    private func withProfile(_ body: (Bed) throws -> Void) throws {
        let bed = try Bed.here
        let path = bed.directory + "/profile"
        try bed.write(Self.profile, to: path)
        let loaded = try bed.command("apparmor_parser", "--replace", "--skip-cache", path)
        try #require(loaded.status == 0, "\(loaded)")
        defer { #expect(throws: Never.self) { try bed.command("apparmor_parser", "--remove", path) } }
        try body(bed)
    }

    @Test func getsTheAppArmorProfile() throws {
        try withProfile { bed in
            let current = "/proc/self/attr/current"
            try bed.withBox { box in
                let confined = try box.exec(["--apparmor", "swiftbox-exec"], "cat", current, "/etc/group")
                #expect(confined.output == "swiftbox-exec (enforce)\n", "\(confined)")
                #expect(confined.errors.contains("'/etc/group': Permission denied"), "\(confined)")
                #expect(try box.exec([], "cat", current).output == "unconfined\n")
                let unknown = try box.exec(["--apparmor", "nowhere"], "true")
                #expect(unknown.status == 255 && unknown.errors.contains("cannot set the security label"), "\(unknown)")
            }
            var config = try Config("workload", "sleep-forever")
            config.set("process.apparmorProfile", "swiftbox-exec")
            try bed.withBox(config, id: "confined") { box in
                let inherited = try box.exec([], "cat", current)
                #expect(inherited.output == "swiftbox-exec (enforce)\n", "\(inherited)")
            }
        }
    }

    /// CVE-2019-16884: the box has put something else in the place of its /proc, and the label would end there.
    @Test func cve2019_16884_aLabelIsNotWrittenToAFakeProc() throws {
        var config = try Config("workload", "sleep-forever")
        for set in ["bounding", "effective", "permitted"] {
            config.set("process.capabilities.\(set).+", "CAP_SYS_ADMIN")
        }
        try withProfile { bed in
            try bed.withBox(config) { box in
                let fake = """
                    mount -t tmpfs none /proc && mkdir -p /proc/self/attr/apparmor /proc/thread-self/attr
                    for file in self/attr/exec self/attr/apparmor/exec thread-self/attr/exec; do : >/proc/$file; done
                    """
                #expect(try box.exec([], "sh", "-c", fake).status == 0)
                let pidFile = bed.directory + "/pid"
                let flags = ["--detach", "--pid-file", pidFile, "--apparmor", "swiftbox-exec"]
                let outcome = try box.exec(flags, "workload", "sleep-forever")
                #expect(outcome.status == 0, "\(outcome)")
                let pid = try #require(CInt(File.text(of: pidFile)))
                #expect(try File.text(of: "/proc/\(pid)/attr/current") == "swiftbox-exec (enforce)\n")
                let written = try box.exec([], "sh", "-c", "cat /proc/self/attr/exec /proc/self/attr/apparmor/exec")
                #expect(written.status == 0 && written.output.isEmpty, "\(written)")
                box.reap(pid)
            }
        }
    }
}
