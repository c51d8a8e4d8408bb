import TestBed
import Testing

extension HostBed {
    /// Who the workload is, where it starts, what it is told: `-e -w -u --hostname` and their defaults.
    @Suite struct WorkloadProcess {
        private static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

        @Test func theEnvironmentIsClean() throws {
            let caller = ["AWS_SECRET_ACCESS_KEY": "canary", "LD_PRELOAD_": "canary", "TERM": "vt52"]
            let outcome = try Bed.here.box(["env"], environment: caller)
            #expect(Set(outcome.lines) == [Self.path, "HOME=/root", "container=swiftbox"], "\(outcome)")
        }

        @Test func itIsWhatFlagsAndFilesSayTheLastWins() throws {
            let bed = try Bed.here
            try bed.write("# a comment\n\nA=file\nB=file with \"quotes\"\nPASSED\n", to: bed.directory + "/vars")
            let words = [
                "-e", "A=flag", "--env-file", bed.directory + "/vars", "-e", "EMPTY=", "-e", "HOME=/h", "-e", "TOKEN",
            ]
            let outcome = try bed.box(
                words + ["env"], environment: ["TOKEN": "named", "PASSED": "by file", "OTHER": "canary"])
            #expect(
                Set(outcome.lines) == [
                    Self.path, "HOME=/h", "container=swiftbox", "A=flag", "B=file with \"quotes\"", "EMPTY=",
                    "TOKEN=named", "PASSED=by file",
                ], "\(outcome)")
        }

        @Test(arguments: [
            ([], "HOME=/root"), (["-u", "box"], "HOME=/home/box"), (["-u", "1000"], "HOME=/home/box"),
            (["-u", "4321"], "HOME=/"),
        ])
        func homeIsThatOfPasswd(flags: [String], home: String) throws {
            #expect(try Bed.here.box(flags + ["env"]).lines.contains(home))
        }

        @Test func theTerminalsNameIsKnownOnATerminalOnly() throws {
            let bed = try Bed.here
            let plain = try bed.box(["env"], environment: ["TERM": "vt52"])
            #expect(!plain.output.contains("TERM"))
            #expect(try bed.box(["-t", "env"], environment: ["TERM": "vt52"]).output.contains("TERM=vt52\n"))
            #expect(try bed.box("-t", "env").output.contains("TERM=xterm\n"))
        }

        @Test(arguments: [
            ([], "0 0 "), (["-u", "box"], "1000 1000 2000 "), (["-u", "1000"], "1000 1000 2000 "),
            (["-u", "box:extra"], "1000 2000 "), (["-u", "7:8"], "7 8 "), (["-u", "7"], "7 0 "),
            (["-u", "box", "--group-add", "99", "--group-add", "extra"], "1000 1000 99 2000 "),
            (["--userns", "auto", "-u", "box"], "1000 1000 2000 "),
        ])
        func userAndGroups(flags: [String], ids: String) throws {
            let status = try Bed.here.status(flags)
            #expect("\(status["uid"] ?? "") \(status["gid"] ?? "") \(status["groups"] ?? "")" == ids)
            #expect(status["uid"] == status["euid"] && status["gid"] == status["egid"])
        }

        @Test(arguments: [([], "/"), (["-w", "/etc"], "/etc"), (["-w", "/tmp/../etc/."], "/etc")])
        func theWorkingDirectory(flags: [String], path: String) throws {
            #expect(try Bed.here.status(flags)["cwd"] == path)
        }

        @Test(arguments: [
            (["--hostname", "crate"], "crate"), (["--name", "web_1"], "web-1"),
            (["--name", "web", "--hostname", "crate.example"], "crate.example"),
        ])
        func theHostName(flags: [String], name: String) throws {
            let bed = try Bed.here
            #expect(try bed.status(flags)["hostname"] == name)
            #expect(try bed.command("hostname").output != name + "\n")
        }

        @Test func theHostNameIsTheShortIDWhenNobodySays() throws {
            let bed = try Bed.here
            let name = try bed.status(["--cidfile", bed.directory + "/cid"])["hostname"]
            let id = try bed.text("cid")
            #expect(name == id)
            #expect(name?.count == 12 && name?.allSatisfy(\.isHexDigit) == true)
        }

        @Test func itIsAloneWithThreeStreams() throws {
            let bed = try Bed.here
            let status = try bed.status([])
            #expect(status["pid"] == "1" && status["ppid"] == "0" && status["sid"] == "1")
            #expect(status["fds"] == "0 1 2 ")
            #expect(try bed.box("ls", "/proc").lines.filter { Int($0) != nil } == ["1"])
        }

        /// The design's condition for Swift after clone: one thread, then and for the whole run.
        @Test(arguments: ["swiftbox", "swiftbox-runtime"])
        func theRuntimeHasOneThread(name: String) throws {
            let bed = try Bed.here
            let running: Running
            if name == "swiftbox" {
                running = try bed.startBox("workload", "sleep-forever")
            } else {
                let bundle = try bed.makeBundle(Config("workload", "sleep-forever"))
                running = try Command([Bed.binary(name), "--root", bed.stateRoot, "run", "-b", bundle, "threads"])
                    .start(in: bed)
            }
            try running.waitForOutput("ready")
            let status = try bed.command("cat", "/proc/\(running.pid)/status").lines
            #expect(status.contains("Threads:\t1"), "\(status)")
            #expect(status.contains("Name:\t\(name.prefix(15))"), "\(status)")
            running.signal(9)
            try running.wait()
            try bed.run("--rootfs", bed.rootfs(), "true")
        }
    }
}
