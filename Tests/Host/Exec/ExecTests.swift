import BoxSystem
import Glibc
import TestBed
import Testing

extension HostBed {
    /// `swiftbox-runtime exec`: one more process in a box.
    @Suite struct Exec {
        @Suite struct Process {}
        @Suite struct Streams {}
    }
}

extension HostBed.Exec {
    /// Prints each namespace of its own that is not that of process `$1`, the box's init.
    static let compareNamespaces = """
        for n in mnt pid net ipc uts cgroup user time; do
        [ "$(readlink /proc/self/ns/$n)" = "$(readlink /proc/${1-1}/ns/$n)" ] || echo $n; done
        grep ^0:: /proc/self/cgroup; id -u
        """

    @Test func joinsTheNamespacesAndTheCgroup() throws {
        try Bed.here.withBox { box in
            let outcome = try box.exec([], "sh", "-c", Self.compareNamespaces)
            #expect(outcome.output == "0::/\n0\n" && outcome.status == 0, "\(outcome)")
        }
    }

    /// A box of `swiftbox run`, with swiftbox's own init; only the workload, process 2, lets itself be looked at.
    @Test func joinsAUserNamespace() throws {
        let bed = try Bed.here
        let running = try bed.startBox("--name", "mapped", "--userns", "auto", "--init", "workload", "sleep-forever")
        try running.waitForOutput("ready")
        let outcome = try bed.runtime("exec", "mapped", "sh", "-c", Self.compareNamespaces, "sh", "2")
        #expect(outcome.output == "0::/\n0\n" && outcome.status == 0, "\(outcome)")
        let user = bed.facts(try bed.runtime("exec", "-u", "box", "mapped", "workload", "status").output)
        #expect(user["uid"] == "1000" && user["gid"] == "1000" && user["groups"] == "2000 ", "\(user)")
        #expect(user["Seccomp"] == "2" && user["NoNewPrivs"] == "1" && user["fds"] == "0 1 2 ", "\(user)")
        let unmapped = try bed.runtime("exec", "-u", "70000", "mapped", "true")
        #expect(unmapped.status == 255 && unmapped.errors.contains("--user 70000: the box's user namespace has no id"))
        running.signal(SIGTERM)
        try running.wait()
    }

    @Test func joinsATimeNamespace() throws {
        var config = try Config("sleep", "1000")
        config.set("linux.namespaces.+", ["type": "time"])
        config.set("linux.timeOffsets", ["boottime": ["secs": 7_000_000]])
        try Bed.here.withBox(config) { box in
            let outcome = try box.exec([], "sh", "-c", "cut -d. -f1 /proc/uptime; \(Self.compareNamespaces)")
            #expect(Int(outcome.lines.first ?? "").map { $0 > 7_000_000 } == true, "\(outcome)")
            #expect(outcome.lines.dropFirst() == ["0::/", "0"], "\(outcome)")
        }
    }

    @Test func sharesThePidNamespaceOfTheHostWhereTheBoxDoes() throws {
        let bed = try Bed.here
        var config = try Config("sleep", "1000")
        config.set("linux.namespaces.0", nil)
        try bed.withBox(config) { box in
            let outcome = try box.exec([], "readlink", "/proc/self/ns/pid")
            #expect(try outcome.output == File.readLink("/proc/self/ns/pid") + "\n", "\(outcome)")
        }
    }

    @Test(arguments: [
        (["sh", "-c", "exit 7"], 7, ""), (["sh", "-c", "kill -9 $$"], 137, ""),
        (["sh", "-c", "kill -TERM $$"], 143, ""),
        (["nothing"], 255, "the command nothing was not found in the box: no such file or directory"),
        (["/bin/nothing"], 255, "the command /bin/nothing was not found in the box: no such file or directory"),
        (["/etc/passwd"], 255, "the command /etc/passwd cannot be executed: permission denied"),
        (["echo", "-t", "--user", "x"], 0, ""), (["--", "true"], 0, ""), ([], 255, "exec needs a command"),
    ])
    func theStatusIsTheProcesssOr255(_ words: [String], _ status: Int, _ error: String) throws {
        try Bed.here.withBox { box in
            let outcome = try box.command([], words).start(in: box.bed).wait()
            #expect(outcome.status == status && outcome.errors.isEmpty == error.isEmpty, "\(outcome)")
            if !error.isEmpty { #expect(outcome.errors.contains(error), "\(outcome)") }
            if words.first == "echo" { #expect(outcome.output == "-t --user x\n") }
        }
    }

    @Test func worksInABoxThatIsOnlyCreated() throws {
        let bed = try Bed.here
        let bundle = try bed.makeBundle(Config("true"))
        #expect(try bed.runtime("create", "--bundle", bundle, "new").status == 0)
        let outcome = try bed.runtime("exec", "new", "hostname")
        #expect(outcome.status == 0 && outcome.output == "benchmark\n", "\(outcome)")
        #expect(try bed.runtime("delete", "--force", "new").status == 0)
    }

    @Test func whatIsNoRunningBoxIsRefused() throws {
        let bed = try Bed.here
        let none = try bed.runtime("exec", "none", "true")
        #expect(none.status == 255 && none.errors.contains("does not exist"), "\(none)")
        let bundle = try bed.makeBundle(Config("true"))
        #expect(try bed.runtime("run", "--keep", "--bundle", bundle, "over").status == 0)
        let over = try bed.runtime("exec", "over", "true")
        #expect(over.status == 255 && over.errors.contains("cannot exec in a container that is stopped"), "\(over)")
        #expect(try bed.runtime("delete", "over").status == 0)
        for words in [["exec"], ["exec", "--nothing", "x", "true"], ["exec", "../x", "true"], ["exec", "-u"]] {
            let outcome = try Command([Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + words)
                .start(in: bed).wait()
            #expect(outcome.status == 255, "\(outcome)")
        }
    }

    @Test func aPausedBoxIsLeftAloneUnlessAskedFor() throws {
        try Bed.here.withBox { box in
            let freezer = try box.bed.cgroupMount() + "/swiftbox-box/cgroup.freeze"
            try File.writeValue("1", to: freezer)
            let refused = try box.exec([], "true")
            #expect(refused.status == 255 && refused.errors.contains("cannot exec in a paused container"), "\(refused)")
            let waiting = try box.command(["--ignore-paused"], ["echo", "thawed"]).start(in: box.bed)
            try File.writeValue("0", to: freezer)
            let outcome = try waiting.wait()
            #expect(outcome.status == 0 && outcome.output == "thawed\n", "\(outcome)")
        }
    }

    @Test func aCgroupBelowTheBoxsCanBeNamed() throws {
        try Bed.here.withBox { box in
            let cgroup = try box.bed.cgroupMount() + "/swiftbox-box"
            try File.makeDirectory(cgroup + "/a", mode: 0o755)
            try File.makeDirectory(cgroup + "/a/b", mode: 0o755)
            let show = ["grep", "^0::", "/proc/self/cgroup"]
            for (path, shown) in [("a", "0::/a\n"), ("/a/b", "0::/a/b\n"), ("/", "0::/\n")] {
                let outcome = try box.command(["--cgroup", path], show).start(in: box.bed).wait()
                #expect(outcome.output == shown, "\(outcome)")
            }
            for (path, error) in [("c", "/swiftbox-box/c: No such file"), ("a/..", "--cgroup"), ("x:a", "--cgroup")] {
                let outcome = try box.command(["--cgroup=" + path], show).start(in: box.bed).wait()
                #expect(outcome.status == 255 && outcome.errors.contains(error), "\(outcome)")
            }
        }
    }

    /// A box that nobody but its owner could have described.
    @Test func onlyRootsBoxesAndOnlyForRoot() throws {
        try Bed.here.withBox { box in
            let state = box.bed.stateRoot + "/box"
            chown(state, 4242, 4242)
            let foreign = try box.exec([], "true")
            #expect(foreign.status == 255 && foreign.errors.contains("it belongs to user 4242"), "\(foreign)")
            chown(state, 0, 0)
            chmod(state, 0o777)
            #expect(try box.exec([], "true").status == 255)
            chmod(state, 0o700)
            #expect(try box.exec([], "true").status == 0)
        }
        let user = try Bed.here.command(
            "setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", Bed.binary("swiftbox-runtime"), "exec", "x",
            "y")
        #expect(user.status == 255 && user.errors.contains("only root can start processes in a box"), "\(user)")
    }

    @Test func theHelpNamesEveryFlag() throws {
        let outcome = try Bed.here.runtime("exec", "-h")
        #expect(outcome.status == 0)
        for flag in [
            "--console-socket", "--pidfd-socket", "--cwd", "--env", "-e", "--tty", "-t", "--user", "-u",
            "--additional-gids", "-g", "--process", "-p", "--detach", "-d", "--pid-file", "--process-label",
            "--apparmor", "--no-new-privs", "--cap", "-c", "--preserve-fds", "--cgroup", "--ignore-paused",
        ] { #expect(outcome.output.contains(flag + " ") || outcome.output.contains(flag + ","), "\(flag)") }
    }
}
