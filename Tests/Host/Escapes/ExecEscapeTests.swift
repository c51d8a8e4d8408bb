import BoxSystem
import Glibc
import TestBed
import Testing

extension HostBed {
    /// `exec` enters a box whose processes and files are hostile by then.
    @Suite struct ExecEscapes {
        /// CVE-2016-9962: what joins is seen in the box before it is the workload.
        @Test func cve2016_9962_aBoxCannotReachWhatJoinsIt() throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "workload stalk 20 /bin/busybox >/tmp/got")
            config.set("root.readonly", false)
            try bed.withBox(config) { box in
                #expect(try poll(10) { try box.exec([], "cat", "/tmp/got").output == "ready\n" })
                for _ in 0..<20 { #expect(try box.exec([], "true").status == 0) }
                let got = { try File.text(of: box.bundle + "/rootfs/tmp/got") }
                #expect(try got() == "ready\n")
                // Twin: a workload that is not excepted is reached, so the stalker can do what it is there for.
                try box.exec([], "workload", "burn", "1")
                let reached = try poll(20) { try got() == "ready\ngot mem of /bin/workload\n" }
                #expect(reached)
            }
        }

        /// CVE-2019-5736: the command is a link to the runtime's own program, which another process then overwrites.
        @Test func cve2019_5736_theRuntimeCannotBeOverwritten() throws {
            let bed = try Bed.here
            let victim = bed.directory + "/swiftbox-runtime"
            try bed.command("cp", Bed.binary("swiftbox-runtime"), victim)
            let digest = { try bed.command("sha256sum", victim).output }
            let before = try digest()
            try bed.withBox { box in
                let runtime = [victim, "--root", bed.stateRoot, "exec"]
                try bed.command("mkfifo", box.bundle + "/rootfs/tmp/fifo")
                let inside = try Command(runtime + ["box", "/proc/self/exe", "--log", "/tmp/fifo", "nothing"]).start(
                    in: bed)
                let attack = """
                    for n in $(seq 200); do for d in /proc/[0-9]*; do
                    [ "$(readlink $d/exe)" = / ] && exec 3<$d/exe && echo opened && break 2; done; sleep 0.02; done
                    kill -9 ${d#/proc/}; while [ -e $d ]; do :; done; sleep 0.2; echo poison >/proc/self/fd/3
                    """
                let outcome = try Command(runtime + ["box", "sh", "-c", attack]).start(in: bed).wait()
                #expect(outcome.output == "opened\n" && outcome.errors.contains("Read-only file system"), "\(outcome)")
                #expect(try inside.wait().status == 137)
            }
            #expect(try digest() == before)
        }

        /// CVE-2024-21626: a descriptor of the runtime or of its caller as the working directory.
        @Test func cve2024_21626_theWorkingDirectoryLiesInTheBox() throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            let runtime = "\(try Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) exec"
            try bed.withBox { box in
                for number in 3...12 {
                    let outcome = try bed.hostShell(
                        "exec 7<$1; \(runtime) --cwd /proc/self/fd/\(number) box cat canary", outside)
                    #expect(outcome.status == 255 && outcome.output.isEmpty, "\(outcome)")
                }
                try bed.link(box.bundle + "/rootfs/tmp/way", to: "/proc/self/fd/3")
                for path in ["/proc/self/fd/3", "/tmp/way"] {
                    let passed = try bed.hostShell(
                        "exec 3<$1; \(runtime) --preserve-fds 1 --cwd \(path) box cat canary", outside)
                    #expect(passed.status == 255 && passed.errors.contains("lies outside the box"), "\(passed)")
                }
                // Twin: who is given the directory gets there.
                let twin = try bed.hostShell(
                    "exec 3<$1; \(runtime) --preserve-fds 1 box sh -c 'cat /proc/self/fd/3/canary'", outside)
                #expect(twin.output == "secret\n", "\(twin)")
            }
        }

        /// CVE-2022-29162: programs with file capabilities would gain what is inheritable.
        @Test func cve2022_29162_inheritableStaysEmpty() throws {
            try Bed.here.withBox { box in
                let found = { (flags: [String]) in
                    fields(try box.command(flags, ["workload", "status"]).start(in: box.bed).wait().output)["CapInh"]
                }
                #expect(try found([]) == "0000000000000000")
                #expect(try found(["-c", "NET_ADMIN"]) == "0000000000000000")
                // Twin: asked for by name, it is not.
                let file = box.bed.directory + "/process.json"
                let sets = ["bounding", "effective", "permitted", "inheritable"].map { "\"\($0)\": [\"CAP_KILL\"]" }
                try box.bed.write(
                    "{\"cwd\": \"/\", \"args\": [\"x\"], \"capabilities\": {\(sets.joined(separator: ", "))}}", to: file
                )
                #expect(try found(["-p", file]) == "0000000000000020")
            }
        }

        /// Names are looked up in the box's files, wherever links in it point.
        @Test func usersAreThoseOfTheBox() throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            let entry = "evil:x:0:0::/root:/bin/sh\n"
            try bed.write(entry, to: outside + "/passwd")
            try bed.withBox { box in
                let passwd = box.bundle + "/rootfs/etc/passwd"
                let exec = { try box.exec(["-u", "evil"], "id", "-u") }
                try File.remove(passwd)
                for target in [outside + "/passwd", "../../../../../../../../../.." + outside + "/passwd"] {
                    try bed.link(passwd, to: target)
                    let outcome = try exec()
                    #expect(outcome.status == 255 && outcome.errors.contains("no user evil"), "\(outcome)")
                    try File.remove(passwd)
                }
                // Neither waits for a writer nor reads for ever.
                try bed.command("mkfifo", passwd)
                #expect(try exec().status == 255)
                try File.remove(passwd)
                try bed.command("mknod", passwd, "c", "1", "5")
                #expect(try exec().status == 255)
                try File.remove(passwd)
                try bed.write(entry, to: passwd)
                #expect(try exec().output == "0\n", "the twin: a file of the box counts")
            }
        }

        /// A pid that was given out again is another process.
        @Test func onlyTheBoxsOwnProcessIsJoined() throws {
            try Bed.here.withBox { box in
                let path = box.bed.stateRoot + "/box/state.json"
                let state = try File.text(of: path)
                let start = try #require(state.split(separator: "\"processStart\":").last?.prefix { $0.isNumber })
                try box.bed.write(
                    state.replacing("\"processStart\":\(start)", with: "\"processStart\":\(start)1"), to: path)
                let outcome = try box.exec([], "true")
                #expect(outcome.status == 255 && outcome.errors.contains("stopped"), "\(outcome)")
                try box.bed.write(state, to: path)
                #expect(try box.exec([], "true").status == 0)
            }
        }

        /// The terminal is one of the box's devpts, not what lies at its name by then.
        @Test func aFakeTerminalIsNotOpened() throws {
            var config = try Config("sleep", "1000")
            config.set("root.readonly", false)
            config.set("process.capabilities.effective.+", "CAP_SYS_ADMIN")
            config.set("process.capabilities.permitted.+", "CAP_SYS_ADMIN")
            config.set("process.capabilities.bounding.+", "CAP_SYS_ADMIN")
            try Bed.here.withBox(config) { box in
                let twin = try box.exec(["-t"], "tty")
                #expect(twin.output.contains("/dev/pts/"), "\(twin)")
                let covered = try box.exec(
                    [], "sh", "-c", "mkdir /tmp/pts && mkfifo /tmp/pts/ptmx && mount --bind /tmp/pts /dev/pts")
                #expect(covered.status == 0, "\(covered)")
                let outcome = try box.exec(["-t"], "tty")
                #expect(outcome.status == 255 && outcome.errors.contains("cannot open the terminal"), "\(outcome)")
            }
        }

    }
}
