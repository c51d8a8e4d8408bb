import Glibc
import TestBed
import Testing

extension HostBed {
    /// The layered root file system: `--rootfs --layer --upper`.
    @Suite struct Layers {
        /// Every name, owner, mode, size and time below a directory, as one text.
        private static let fingerprint = "find rootfs -exec stat -c '%n %u %g %a %s %Y %Z' {} + | sort | md5sum"

        @Test(arguments: [("", true), ("--userns auto", true), ("--upper upper", false)])
        func hasTheOptionsThatTheKernelTakes(flags: String, isVolatile: Bool) throws {
            let outcome = try Bed.here.shell("mkdir upper; $BOX \(flags) cat /proc/self/mountinfo")
            let root = try #require(outcome.lines.first { $0.contains(" / / ") })
            #expect(root.contains("- overlay ") && root.contains("redirect_dir=on") && root.contains("metacopy=on"))
            #expect(root.contains("volatile") == isVolatile, "\(root)")
        }

        @Test(arguments: ["", "--userns auto"])
        func nothingOfTheRootfsIsWritten(flags: String) throws {
            let script =
                "echo x > /etc/passwd; rm -r /home; mv /var /moved; chmod 600 /bin/busybox; chown 5 /etc; touch /new; ls /"
            let outcome = try Bed.here.shell(
                "\(Self.fingerprint); $BOX \(flags) sh -c '\(script)'; \(Self.fingerprint)")
            #expect(outcome.lines.contains("moved") && outcome.lines.contains("new"), "\(outcome)")
            #expect(!outcome.lines.contains("home"))
            #expect(outcome.lines.first == outcome.lines.last, "\(outcome)")
        }

        @Test func theTopmostLayerWins() throws {
            let outcome = try Bed.here.shell(
                """
                for n in one two three; do mkdir -p $n/etc; echo $n > $n/etc/$n; done
                echo two > two/etc/same; echo three > three/etc/same; echo two > two/etc/hidden; echo three > three/etc/low
                echo rootfs > rootfs/etc/hidden
                $BOX --layer one --layer two --layer three sh -c 'cd /etc; cat one two three same hidden low'
                """)
            #expect(outcome.lines == ["one", "two", "three", "two", "rootfs", "three"], "\(outcome)")
        }

        @Test func severalLayersCanBeReadOnly() throws {
            let outcome = try Bed.here.shell(
                "mkdir -p one/etc; echo one > one/etc/one; $BOX --layer one --read-only sh -c 'cat /etc/one; touch /x'")
            #expect(outcome.lines == ["one"] && outcome.errors.contains("Read-only file system"), "\(outcome)")
        }

        /// Without redirect_dir the directory's files would be copied, without metacopy the file's content.
        @Test func directoriesAreRenamedAndFilesChangedWithoutCopying() throws {
            let outcome = try Bed.here.shell(
                """
                mkdir upper rootfs/data; head -c 1000000 /dev/zero | tr '\\0' x > rootfs/data/big; cp rootfs/data/big rootfs/lone
                $BOX --upper upper sh -c 'mv /data /moved; chmod 700 /lone; cat /moved/big | wc -c; cat /lone | wc -c'
                ls -A upper/moved; [ $(stat -c %b upper/lone) -lt 64 ] && echo small
                $BOX --upper upper sh -c 'ls /moved; stat -c %a:%s /lone; ls -d /data'
                """)
            #expect(outcome.lines == ["1000000", "1000000", "small", "big", "700:1000000"], "\(outcome)")
        }

        /// Two runs in different blocks of ids: the owners in the box are the same, and those on the host too.
        @Test func anUpperDirectoryKeepsOwners() throws {
            let bed = try Bed.here
            let first = try bed.shell(
                """
                mkdir upper; BOX="$BOX --upper upper --userns auto"
                $BOX sh -c 'cat /proc/self/uid_map; touch /etc/root /home/box; chown 1000:2000 /home/box; chown 7 /etc/group'
                """)
            let holder = try bed.startBox("--userns", "auto", "workload", "sleep-forever")
            try holder.waitForOutput("ready")
            let second = try bed.shell(
                """
                BOX="$BOX --upper upper --userns auto"
                $BOX sh -c 'cat /proc/self/uid_map; stat -c "%u %g" /etc/root /home/box /etc/group; echo more > /home/box'
                cd upper; stat -c "%u %g" etc/root home/box etc/group; ls -A ..
                """)
            holder.signal(SIGKILL)
            try holder.wait()
            #expect(first.status == 0 && first.lines.first != second.lines.first, "\(first)\(second)")
            let owners = ["0 0", "1000 2000", "7 0"]
            #expect(Array(second.lines.dropFirst().prefix(6)) == owners + owners, "\(second)")
            #expect(!second.lines.contains("upper.work"))
            try bed.box("--userns", "auto", "true")
        }

        @Test func anUpperDirectoryBelongsToOneBoxAtATime() throws {
            let bed = try Bed.here
            try bed.command("mkdir", "\(bed.directory)/upper")
            let upper = bed.directory + "/upper"
            let running = try bed.startBox("--upper", upper, "workload", "trap", "TERM")
            try running.waitForOutput("ready")
            let second = try bed.box("--upper", upper, "true")
            #expect(second.status == 125, "\(second)")
            #expect(
                second.errors.contains("--upper") && second.errors.contains("is in use by another box"), "\(second)")
            // A refused box must not take the first one's work directory away.
            #expect(try bed.command("ls", upper + ".work").status == 0)
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
            #expect(try bed.command("ls", upper + ".work").status != 0)
            #expect(try bed.box("--upper", upper, "true").status == 0)
        }

        @Test func theScratchLayerIsBounded() throws {
            let outcome = try Bed.here.box(
                "--scratch-size", "1m", "sh", "-c",
                "dd if=/dev/zero of=/big bs=64k count=32 2>&1 | grep -o 'No space left'")
            #expect(outcome.lines == ["No space left"], "\(outcome)")
        }
    }
}
