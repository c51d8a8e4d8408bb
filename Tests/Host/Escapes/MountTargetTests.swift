import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// Links in a root file system that would send a mount, a directory or a file out of it.
    @Suite struct MountTargets {
        /// crun CVE-2019-18837, CVE-2025-24965: the mount point is a link to a place outside.
        @Test(arguments: ["tmpfs", "bind"])
        func cve2025_24965_aLinkAtAMountTargetLeadsNowhere(type: String) throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            var config = try Config("sh", "-c", "mount; ls -R /")
            let source = try bed.makeOutside("source")
            config.set("mounts.+", ["destination": "/vol/inner", "type": type, "source": source] as [String: Any])
            let bundle = try bed.makeBundle(config)
            let climbing = String(repeating: "../", count: 20)
            for target in [outside, climbing + outside, "/proc/self/cwd" + outside] {
                try bed.command("rm", "-rf", bundle + "/rootfs/vol")
                try bed.link(bundle + "/rootfs/vol", to: target)
                try bed.run("--bundle", bundle)
                #expect(try bed.names(in: outside) == ["canary"], "\(target)")
            }
            // Twin: where the target lies inside, the very same box makes its mount point there.
            try bed.command("rm", "-rf", bundle + "/rootfs/vol")
            try bed.link(bundle + "/rootfs/vol", to: "/home")
            let inside = try bed.run("--bundle", bundle)
            #expect(inside.status == 0 && inside.output.contains(" on /home/inner "), "\(inside)")
            #expect(try bed.names(in: bundle + "/rootfs/home") == ["inner"])
        }

        /// CVE-2021-30465 and CVE-2024-45310: the directory becomes a link while the box is being put together.
        @Test func cve2021_30465_aRaceAtAMountTargetIsNotWon() throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            var config = try Config("cat", "/proc/self/mountinfo")
            config.set("mounts.+", ["destination": "/vol/inner", "type": "tmpfs", "source": "marker"])
            let bundle = try bed.makeBundle(config)
            let root = bundle + "/rootfs"
            try bed.command("mkdir", root + "/vol")
            try bed.link(root + "/trap", to: outside)
            let swapping = try Command([Bed.binary("workload"), "swap", root + "/vol", root + "/trap"]).start(in: bed)
            defer { swapping.signal(9) }
            try swapping.waitForOutput("ready")
            var (started, refused) = (0, 0)
            for _ in 0..<50 {
                let outcome = try bed.run("--bundle", bundle)
                let mounts = outcome.output.split(separator: "\n").filter { $0.contains(" marker ") }
                if outcome.status == 0 {
                    started += 1
                    #expect(mounts.count == 1, "\(outcome)")
                } else {
                    refused += 1
                    #expect(outcome.status == 125 && outcome.errors.contains("/vol/inner"), "\(outcome)")
                }
            }
            #expect(try bed.names(in: outside) == ["canary"])
            // How many meet the link is chance; that the race can be lost is the twin's to show.
            #expect(started > 0, "\(started) started, \(refused) refused")
            // Twin: who works on paths loses the same race.
            let naive = try bed.hostShell(
                "for i in $(seq 2000); do mkdir -p $1/vol/inner; [ ! -e $2/inner ] || exit 0; rmdir $1/vol/inner; done; exit 1",
                root, outside)
            #expect(naive.status == 0, "\(naive)")
            swapping.signal(9)
            try swapping.wait()
        }

        /// runc CVE-2026-41579, crun CVE-2026-47766, CVE-2019-19921: the kernel's own file systems over a link.
        @Test(arguments: ["dev", "proc", "sys"])
        func cve2026_41579_aLinkInPlaceOfTheKernelsOwn(name: String) throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            let rootfs = try bed.makeRootfs()
            let plain = try bed.run("--rootfs", rootfs, "true")
            #expect(plain.status == 0, "\(plain)")
            try bed.command("rmdir", "\(rootfs)/\(name)")
            for target in [outside, "home"] {
                try bed.command("rm", "-f", "\(rootfs)/\(name)")
                try bed.link("\(rootfs)/\(name)", to: target)
                let outcome = try bed.run("--rootfs", rootfs, "true")
                #expect(outcome.status == 125 && outcome.errors.contains("it is a symbolic link"), "\(outcome)")
                let bundle = try bed.makeBundle(Config("true"), name: "bundle-\(name)-\(target.count)")
                try bed.command("rmdir", "\(bundle)/rootfs/\(name)")
                try bed.link("\(bundle)/rootfs/\(name)", to: target)
                #expect(try bed.run("--bundle", bundle).status == 125)
                #expect(try bed.names(in: "\(bundle)/rootfs/home") == [])
            }
            #expect(try bed.names(in: outside) == ["canary"])
        }

        /// CVE-2025-52565: /dev/pts or /dev/console is a link, in a /dev that comes from the bundle.
        @Test(arguments: ["console", "pts"])
        func cve2025_52565_aLinkUnderDevIsNotFollowed(name: String) throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "tty; ls -l /dev/console; cat /etc/hostname")
            config.set("process.terminal", true)
            config.set(
                "mounts.1", ["destination": "/dev", "type": "bind", "source": "evil", "options": ["bind", "dev"]])
            let bundle = try bed.makeBundle(config)
            let dev = bundle + "/evil"
            try bed.hostShell(
                "mkdir -p $1/pts $1/shm $1/mqueue; for n in null:3 zero:5; do mknod -m 666 $1/${n%:*} c 1 ${n#*:}; done",
                dev)
            try bed.write("canary\n", to: bundle + "/rootfs/etc/hostname")
            try bed.command("mkdir", bundle + "/rootfs/elsewhere")
            func run() throws -> Outcome { try bed.start("--bundle", bundle, on: Terminal()).wait() }
            let plain = try run()
            #expect(plain.status == 0 && plain.output.contains("/dev/pts/0"), "\(plain)")
            try bed.command("rm", "-rf", "\(dev)/\(name)")
            try bed.link("\(dev)/\(name)", to: name == "pts" ? "/elsewhere" : "/etc/hostname")
            let outcome = try run()
            #expect(outcome.status == 125, "\(outcome)")
            #expect(try File.text(of: bundle + "/rootfs/etc/hostname") == "canary\n")
        }

        /// An overlay's layers are given by descriptor: no name of a directory is an option of the mount.
        @Test func aDirectoryNameIsNoOption() throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            let hostile = "a:b,upperdir=\(outside.dropFirst().replacing("/", with: "%")),x"
            let rootfs = try bed.makeRootfs(hostile)
            let outcome = try bed.run(
                "--rootfs", rootfs, "--upper", try bed.makeOutside("up,per:dir"), "touch", "/made")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try bed.names(in: outside) == ["canary"])
            #expect(try bed.names(in: bed.directory + "/up,per:dir").contains("made"))
        }
    }
}
