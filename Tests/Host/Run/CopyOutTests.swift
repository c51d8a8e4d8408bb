import Foundation
import Glibc
import TestBed
import Testing

extension HostBed {
    /// `--copy-out`: what is fetched when a box has ended.
    @Suite struct CopyOut {
        @Test func fetchesFromTheRootAndFromMountsOfAFailedBox() throws {
            let bed = try Bed.here
            let to = try bed.newDirectory("fetched")
            let outcome = try bed.box(
                "--tmpfs", "/t", "--copy-out", "/t/result:\(to)/result.txt", "--copy-out", "/out:\(to)/", "sh", "-c",
                "echo hi >/t/result; mkdir -p /out/deep; echo y >/out/deep/file; ln -s /etc/shadow /out/link; "
                    + "chmod 4750 /out/deep/file; exit 3")
            #expect(outcome.status == 3, "\(outcome)")
            #expect(try String(contentsOfFile: to + "/result.txt", encoding: .utf8) == "hi\n")
            let listing = try bed.command("sh", "-c", "cd \(to)/out && stat -c '%n %f' deep/file && readlink link")
            #expect(listing.output == "deep/file 81e8\n/etc/shadow\n", "\(listing)")
        }

        /// The owner is who the box sees, not an id of the block that the box happened to get.
        @Test func ownersAreTheBoxsOwn() throws {
            let bed = try Bed.here
            let to = try bed.newDirectory("fetched")
            let outcome = try bed.box(
                "--userns", "auto", "--copy-out", "/tmp/tree:\(to)/tree", "sh", "-c",
                "mkdir /tmp/tree && echo >/tmp/tree/a && chown 1000:7 /tmp/tree/a")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try bed.command("stat", "-c", "%u:%g", to + "/tree", to + "/tree/a").output == "0:0\n1000:7\n")
        }

        @Test func replacesWhatIsThereWhole() throws {
            let bed = try Bed.here
            let to = try bed.newDirectory("fetched/out")
            try bed.write("old\n", to: to + "/old")
            let outcome = try bed.box(
                "--copy-out", "/tmp/out:\(bed.directory)/fetched/", "sh", "-c",
                "mkdir /tmp/out && echo new >/tmp/out/new")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try bed.command("ls", "-A", to).output == "new\n")
        }

        /// A link that the box has put where the copy goes, by way of a volume, is replaced and not followed.
        @Test func aLinkInTheWayIsNotFollowed() throws {
            let bed = try Bed.here
            let shared = try bed.newDirectory("shared")
            let secret = try bed.newDirectory("secret")
            let outcome = try bed.box(
                "--userns", "host", "-v", "\(shared):/shared", "--copy-out", "/tmp/x:\(shared)/x", "sh", "-c",
                "mkdir /tmp/x && echo 1 >/tmp/x/file && ln -s \(secret) /shared/x")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try bed.command("ls", "-A", secret).output.isEmpty)
            #expect(try bed.command("cat", shared + "/x/file").output == "1\n")
        }

        @Test(arguments: [
            (["--copy-out", "/nothing:@/x"], "--copy-out /nothing:", "No such file or directory"),
            (["--copy-out", "/proc:@/x"], "--copy-out /proc:", "it is no file"),
            (["--copy-out", "/dev/null:@/x"], "--copy-out /dev/null:", "it is no file"),
            (
                ["--copy-out", "/tmp/big:@/x", "--copy-out-limit", "64k"], "--copy-out /tmp/big:",
                "it is larger than 65536 bytes"
            ),
        ])
        func whatCannotBeFetchedIsToldAndLeavesNothing(words: [String], flag: String, message: String) throws {
            let bed = try Bed.here
            let to = try bed.newDirectory("fetched")
            let flags = words.map { $0.replacingOccurrences(of: "@", with: to) }
            let script = "mkdir /tmp/big && dd if=/dev/zero of=/tmp/big/file bs=1k count=65 2>&1"
            let outcome = try bed.box(flags + ["sh", "-c", script])
            #expect(outcome.status == 125, "\(outcome)")
            #expect(outcome.errors.contains(flag) && outcome.errors.contains(message), "\(outcome)")
            #expect(try bed.command("ls", "-A", to).output.isEmpty)
        }

        @Test(arguments: [
            (["--copy-out", "out:x"], "must be absolute"), (["--copy-out", "/out"], "BOXPATH:HOSTPATH"),
            (["--copy-out", "/:x"], "not the root itself"), (["--copy-out", "/a:/nowhere/b"], "make the directory"),
            (["--copy-out-limit", "1m"], "none is given"),
        ])
        func badRequestsAreRefusedBeforeTheStart(words: [String], message: String) throws {
            let outcome = try Bed.here.box(words + ["echo", "started"])
            #expect(outcome.status == 125 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome)")
        }
    }
}
