import BoxSystem
import TestBed
import Testing

extension GuestBed {
    @Suite struct HostRoot {
        /// The guest's root is an overlay, which no kernel can id-map.
        @Test func saysWhenTheRootCannotBeMapped() throws {
            let outcome = try Bed.here.run("sh", "-c", "id -u; touch /usr/x; cat /etc/shadow")
            #expect(outcome.output == "0\n", "\(outcome)")
            #expect(outcome.errors.contains("warning: / cannot be id-mapped: its files belong to nobody"), "\(outcome)")
            #expect(outcome.errors.contains("'/usr/x': Permission denied"), "\(outcome)")
            #expect(outcome.errors.contains("/etc/shadow: No such file"), "\(outcome)")
        }

        @Test func isUnderLimitsToo() throws {
            let bed = try Bed.here
            let outcome = try bed.run(
                "-m", "32m", "-v", "\(Bed.binary("workload")):/tmp/workload:ro", "/tmp/workload", "eat-memory", "100")
            #expect(outcome.status == 137, "\(outcome)")
            #expect(outcome.errors.contains("workload cannot be id-mapped"), "\(outcome)")
            #expect(outcome.errors.contains("killed the whole box at --memory 32m"), "\(outcome)")
        }

        /// A machine whose root is ext4: swiftbox runs in a mount namespace with the scratch disk's directory as its root.
        @Test func onADiskIsMappedWritableAndUnchanged() throws {
            let bed = try Bed.here
            let root = try bed.makeRootfs("machine")
            for folder in ["old", "run", "home", "boot"] where !File.exists("\(root)/\(folder)") {
                try File.makeDirectory("\(root)/\(folder)", mode: 0o755)
            }
            try bed.command("cp", Bed.binary("swiftbox"), root + "/bin/swiftbox")
            for secret in ["/root/key", "/home/key", "/etc/shadow"] { try bed.write("CANARY", to: root + secret) }
            let enter = """
                mount --bind \(root) \(root) && cd \(root) && mount --rbind /proc proc && mount --rbind /sys sys \
                && mount --rbind /dev dev && mount -t tmpfs none run && pivot_root . old && umount -l /old \
                && exec /bin/swiftbox run --root /run/state sh -c "$1"
                """
            let script = """
                id -u; stat -c %u /bin/busybox; echo changed >>/etc/passwd && echo written >/etc/new; stat -c %u /etc/new
                cat /root/key /home/key /etc/shadow; head -n 1 /proc/self/uid_map
                """
            let outcome = try bed.command("unshare", "-m", "--propagation", "private", "sh", "-c", enter, "sh", script)
            let words = outcome.output.split { $0.isWhitespace }
            #expect(words.prefix(4) == ["0", "0", "0", "0"] && words.count == 6, "\(outcome)")
            #expect(words.last == "65536" && words[4] != "0", "\(outcome)")
            #expect(!outcome.output.contains("CANARY") && !outcome.errors.contains("warning"), "\(outcome)")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(!File.exists(root + "/etc/new"))
            #expect(try !File.text(of: root + "/etc/passwd").contains("changed"))
        }
    }

    @Suite struct UserNamespaces {
        @Test func keepOwnersInAnUpperDirectory() throws {
            let bed = try Bed.here
            let upper = bed.directory + "/upper"
            try File.makeDirectory(upper, mode: 0o755)
            let make = "echo x >/own && echo y >/theirs && chown 1000:2000 /theirs && stat -c %u:%g /own /theirs /bin"
            let first = try bed.box("--userns", "auto", "--upper", upper, "sh", "-c", make)
            #expect(first.status == 0 && first.output == "0:0\n1000:2000\n0:0\n", "\(first)")
            let outside = try bed.command("stat", "-c", "%u:%g", upper + "/own", upper + "/theirs")
            #expect(outside.output == "0:0\n1000:2000\n", "\(outside)")
            let second = try bed.box("--userns", "auto", "--upper", upper, "stat", "-c", "%u:%g", "/own", "/theirs")
            #expect(second.output == "0:0\n1000:2000\n", "\(second)")
        }

        @Test func haveABlockOfIdsOfTheirOwn() throws {
            let bed = try Bed.here
            let box = try bed.startBox(
                "--init", "--userns", "auto", "sh", "-c", "cat /proc/self/uid_map; exec sleep 60")
            try box.waitForOutput("65536")
            let other = try bed.box("--userns", "auto", "cat", "/proc/self/uid_map")
            let blocks = [box.output, other.output].map { $0.split { $0.isWhitespace }.map(String.init) }
            #expect(blocks.allSatisfy { $0.count == 3 && $0[0] == "0" && $0[2] == "65536" }, "\(blocks)")
            #expect(blocks[0] != blocks[1])
            box.signal(15)
            #expect(try box.wait().status == 143)
        }
    }
}
