import Glibc
import TestBed
import Testing

extension HostBed {
    /// Boxes of somebody who is not root, as that somebody.
    @Suite struct Rootless {
        @Test func aBoxOfOneID() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.run(
                "sh", "-c", "id -u; id -g; cat /proc/self/uid_map; grep CapEff /proc/self/status")
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            #expect(outcome.output.hasPrefix("0\n0\n         0          0          1\n"), "\(outcome)")
            let other = try user.run("-u", "7", "id")
            #expect(other.status == 125 && other.errors.contains("--user 7: id 7 does not exist"), "\(other)")
            #expect(other.errors.contains("--add-subuids"))
        }

        @Test func aBoxOfSubordinateIDs() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.runWithIDs(
                "-u", "33:34", "--group-add", "35", "sh", "-c", "id -u; id -G; cat /proc/self/uid_map")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.hasPrefix("33\n34 35\n"), "\(outcome)")
            #expect(outcome.output.split { $0 == " " || $0 == "\n" }.suffix(3) == ["1", "1", "1000"], "\(outcome)")
        }

        /// What is the user's own is the box's root's, so it must not be there at all.
        @Test func theUsersSecretsAreNotThere() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.run(
                "sh", "-c", "cat \(user.home)/secret /etc/shadow; for d in /home /root /srv /run; do ls -A $d; done")
            #expect(outcome.output.isEmpty, "\(outcome)")
            let shared = try user.run("-v", "\(user.home):/mine:ro", "cat", "/mine/secret")
            #expect(shared.output == "a secret of mine\n", "the test would not notice: \(shared)")
        }

        @Test func writesAreThrownAway() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.run(
                "sh", "-c", "echo x >/etc/swiftbox-new && cat /etc/swiftbox-new; echo y >>/etc/passwd")
            #expect(outcome.output == "x\n" && outcome.errors.contains("Permission denied"), "\(outcome)")
            #expect(access("/etc/swiftbox-new", F_OK) != 0)
            let readOnly = try user.run("--read-only", "touch", "/x")
            #expect(readOnly.status == 1 && readOnly.errors.contains("Read-only"), "\(readOnly)")
        }

        @Test func aRootOfTheUsersOwnWithItsChangesKept() throws {
            let bed = try Bed.here
            let user = try OrdinaryUser(bed)
            let root = try bed.rootfs()
            let upper = try bed.newDirectory("home/changes")
            chown(upper, 4242, 4242)
            let outcome = try user.run(
                "--rootfs", root, "--upper", upper, "sh", "-c", "echo kept >/kept; rm -r /home; mkdir /home")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try bed.command("cat", upper + "/kept").output == "kept\n")
            #expect(try bed.command("stat", "-c", "%u", upper + "/kept").output == "4242\n")
        }

        @Test func volumesTimeoutsAndReports() throws {
            let user = try OrdinaryUser(Bed.here)
            let made = try user.run("-v", "\(user.home):/mine", "sh", "-c", "echo new >/mine/new; stat -c %u /mine/new")
            #expect(made.status == 0 && made.output == "0\n", "\(made)")
            #expect(try user.bed.command("stat", "-c", "%u", user.home + "/new").output == "4242\n")
            let report = user.home + "/report.json"
            let late = try user.run("--timeout", "300ms", "--report", report, "sleep", "60")
            #expect(late.status == 137, "\(late)")
            #expect(try TestBed.Report(report).text("status") == "timeout")
            let fetched = try user.run("--copy-out", "/tmp/x:\(user.home)/x", "sh", "-c", "echo fetched >/tmp/x")
            #expect(fetched.status == 0, "\(fetched)")
            #expect(try user.bed.command("cat", user.home + "/x").output == "fetched\n")
        }

        @Test func initStandardInputAndTheNetwork() throws {
            let user = try OrdinaryUser(Bed.here)
            #expect(try user.run("-i", "cat", input: "typed\n").output == "typed\n")
            #expect(try user.run("--init", "sh", "-c", "exit 7").status == 7)
            #expect(try user.run("cat", "/proc/net/dev").output.split(separator: "\n").count == 3)
            #expect(try user.run("--network", "host", "true").status == 0)
            #expect(try user.run("--hostname", "crate", "hostname").output == "crate\n")
        }

        /// A limit that nobody delegated is refused with the way to get it.
        @Test func limitsNeedADelegatedCgroup() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.run("-m", "64m", "true")
            #expect(
                outcome.status == 125 && outcome.errors.contains("systemd-run --user --scope -p Delegate=yes"),
                "\(outcome)")
            #expect(try user.run("--best-effort", "-m", "64m", "true").status == 0)
        }

        /// Blocks of ids are root's affair: what holds them is not this user's to look at.
        @Test func whatAKilledBoxLeftIsCleared() throws {
            let bed = try Bed.here
            let user = try OrdinaryUser(bed)
            let block = "/run/swiftbox/ids/4200000000"
            try bed.command("sh", "-c", "mkdir -p -m 711 /run/swiftbox/ids; umask 077; >\(block)")
            let running = try user.command("run", ["--name", "killed", "sleep", "1000"]).start(in: bed)
            let state = user.home + "/state/killed/state.json"
            #expect(try poll(10) { try bed.command("grep", "-q", "running", state).status == 0 })
            running.signal(SIGKILL)
            _ = try running.wait()
            let swept = try user.command("doctor", ["--sweep"]).start(in: bed).wait()
            #expect(swept.output.contains("cleared killed") && !swept.output.contains("cannot"), "\(swept)")
            try bed.command("rm", block)
            try bed.command("sh", "-c", "rmdir /run/swiftbox/ids /run/swiftbox || true")
        }

        /// The same user id outside is nobody that the box could reach, and the user's own program stays what it is.
        @Test func theHostIsOutOfReach() throws {
            let bed = try Bed.here
            let user = try OrdinaryUser(bed)
            let other = try Command(["setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", "sleep", "60"]).start(
                in: bed)
            let outcome = try user.run(
                "sh", "-c", "kill -9 \(other.pid); ls -d /proc/[0-9]* | wc -l; (echo x >/proc/1/exe) 2>&1 | wc -l")
            #expect(
                outcome.output.hasPrefix("3\n") || outcome.output.hasPrefix("2\n") || outcome.output.hasPrefix("4\n"),
                "\(outcome)")
            #expect(kill(other.pid, 0) == 0)
            other.signal(SIGKILL)
            _ = try other.wait()
            #expect(try bed.command("cmp", user.home + "/swiftbox", try Bed.binary("swiftbox")).status == 0)
        }

        @Test func isTheRestOfTheMachineUntouched() throws {
            let user = try OrdinaryUser(Bed.here)
            let failed = try user.run("-v", "/nowhere:/x", "true")
            #expect(failed.status == 125 && failed.errors.contains("--volume /nowhere:/x"), "\(failed)")
            #expect(try user.bed.command("find", user.home + "/state", "-mindepth", "1").output.isEmpty)
            let plan = try user.command("plan", ["true"]).start(in: user.bed).wait()
            #expect(plan.status == 0 && plan.output.contains("enter a user namespace"), "\(plan)")
        }
    }
}
