import Glibc
import TestBed
import Testing

extension Conformance {
    /// `root`, names, devices, masked and read-only paths, propagation, personality.
    @Suite struct RootFileSystem {
        @Test func readOnlyRoot() throws {
            let box = try Bed.here.container(
                Config(script: "touch /new 2>/dev/null || echo root=readonly; touch /dev/shm/new && echo shm=writable")
                    .with("root.readonly", true))
            try box.run().expect(["root": "readonly", "shm": "writable"])
        }

        @Test func rootMayBeAnAbsolutePath() throws {
            let bed = try Bed.here
            let elsewhere = try bed.makeRootfs("elsewhere")
            try bed.write("here\n", to: elsewhere + "/mark")
            try bed.container(Config("/bin/busybox", "cat", "/mark").with("root.path", elsewhere)).run()
                .expect(output: "here\n")
        }

        @Test func badRoots() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("root.path", plain.with("root.path", "no-such-folder")), ("root", plain.with("root", nil)),
                ("root.path", plain.with("root.path", "config.json")),
            ])
        }

        @Test func hostnameAndDomainname() throws {
            let box = try Bed.here.container(
                Config(script: "echo host=$(hostname); echo domain=$(cat /proc/sys/kernel/domainname)")
                    .with("hostname", "crate").with("domainname", "boxes.example"))
            try box.run().expect(["host": "crate", "domain": "boxes.example"])
        }

        @Test func namesNeedTheirNamespace() throws {
            let shared = try Config("/bin/true").with(
                "linux.namespaces", [["type": "mount"], ["type": "pid"], ["type": "network"], ["type": "ipc"]])
            try Bed.here.expectRefusals(of: [
                ("hostname", shared.with("hostname", "crate"))
            ])
        }

        /// "Default Devices", and the links that every file system for Linux has.
        @Test func defaultDevicesAndLinks() throws {
            let devices = ["null 1,3", "zero 1,5", "full 1,7", "random 1,8", "urandom 1,9", "tty 5,0"]
            let outcome = try Bed.here.container(
                Config(
                    script: """
                        for d in null zero full random urandom tty; do echo "$d=$(stat -c '%F %a %t,%T %u:%g' /dev/$d)"; echo >/dev/$d; done 2>/dev/null
                        for l in fd stdin stdout stderr ptmx core; do echo "$l=$(readlink /dev/$l)"; done
                        """)
            ).run()
            outcome.expect([
                "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
                "stderr": "/proc/self/fd/2",
            ])
            for device in devices {
                let halves = device.split(separator: " ").map(String.init)
                #expect(outcome.facts[halves[0]] == "character special file 666 \(halves[1]) 0:0", "\(outcome)")
            }
            #expect(["pts/ptmx", "/dev/pts/ptmx"].contains(outcome.facts["ptmx"] ?? ""), "\(outcome)")
        }

        @Test func devicesThatAreAskedFor() throws {
            var config = try Config(
                script:
                    "for d in one two deep/three pipe; do echo \"$d=$(stat -c '%F %a %t,%T %u:%g' /dev/$d)\"; done; echo >/dev/one && echo one=works"
            )
            config.set(
                "linux.devices",
                [
                    ["path": "/dev/one", "type": "c", "major": 1, "minor": 3, "fileMode": 0o640, "uid": 5, "gid": 6],
                    ["path": "/dev/two", "type": "b", "major": 7, "minor": 200, "fileMode": 0o600, "uid": 0, "gid": 0],
                    ["path": "/dev/deep/three", "type": "u", "major": 1, "minor": 5, "fileMode": 0o666],
                    ["path": "/dev/pipe", "type": "p", "fileMode": 0o622],
                ])
            let outcome = try Bed.here.container(config).run()
            outcome.expect([
                "two": "block special file 600 7,c8 0:0", "deep/three": "character special file 666 1,5 0:0",
                "pipe": "fifo 622 0,0 0:0", "one": "works",
            ])
            #expect(outcome.output.contains("one=character special file 640 1,3 5:6"), "\(outcome)")
        }

        @Test func badDevices() throws {
            let plain = try Config("/bin/true")
            func device(_ changes: [String: Any]) -> Config {
                plain.with(
                    "linux.devices.+", ["path": "/dev/x", "type": "c", "major": 1, "minor": 3].merging(changes) { $1 })
            }
            try Bed.here.expectRefusals(of: [
                ("linux.devices", device(["type": "x"])), ("linux.devices", device(["path": "dev/x"])),
                ("linux.devices", plain.with("linux.devices.+", ["path": "/dev/x", "type": "c"])),
            ])
        }

        /// A masked file reads as empty, a folder has nothing in it; what is missing needs no mask.
        @Test func maskedPaths() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try makeFolder(box.rootfs + "/secrets")
            try bed.write("secret\n", to: box.rootfs + "/secrets/file")
            try bed.write("secret\n", to: box.rootfs + "/file")
            var config = try Config(
                script: """
                    echo "file=$(cat /file)"; echo "folder=$(ls -A /secrets)"; touch /secrets/new 2>/dev/null || echo new=refused
                    echo "times=$(grep -c ' /file ' /proc/self/mountinfo)"; echo "kcore=$(head -c 5 /proc/kcore)"
                    """)
            for path in ["/file", "/file", "/secrets", "/not/there"] { config.set("linux.maskedPaths.+", path) }
            try box.write(config)
            try box.run().expect(["file": "", "folder": "", "new": "refused", "kcore": ""])
        }

        /// Twice the same path is one mount.
        @Test func maskedTwiceIsMountedOnce() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config(script: "echo \"times=$(grep -c ' /file ' /proc/self/mountinfo)\"")
                    .with("linux.maskedPaths", ["/file", "/file"]))
            try bed.write("secret\n", to: box.rootfs + "/file")
            try box.run().expect(["times": "1"])
        }

        @Test func readonlyPaths() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try makeFolder(box.rootfs + "/kept")
            try bed.write("x\n", to: box.rootfs + "/kept/file")
            var config = try Config(
                script: """
                    echo y 2>/dev/null >/kept/file || echo folder=readonly; touch /free && echo root=writable
                    echo 1 2>/dev/null >/proc/sys/kernel/ostype || echo sys=readonly
                    """)
            for path in ["/kept", "/not/there"] { config.set("linux.readonlyPaths.+", path) }
            try box.write(config)
            try box.run().expect(["folder": "readonly", "root": "writable", "sys": "readonly"])
        }

        /// rootfsPropagation is that of the container's `/`. Where the host's mounts are shared, there is a master to be a slave of.
        private func expectPropagation(_ asked: String, _ shown: String, at location: SourceLocation = #_sourceLocation)
            throws
        {
            let bed = try Bed.here
            let script =
                "echo \"root=$(awk '$5 == \"/\" { print $7 }' /proc/self/mountinfo | tail -n 1 | cut -d: -f1)\""
            let box = try bed.container(Config(script: script).with("linux.rootfsPropagation", asked))
            try bed.withMounts("mount --make-rshared /", ["run", "-b", box.bundle, box.id])
                .expect(["root": shown], at: location)
        }

        @Test func rootIsPrivate() throws { try expectPropagation("private", "-") }
        @Test func rootIsASlave() throws { try expectPropagation("slave", "master") }
        @Test func rootIsShared() throws { try expectPropagation("shared", "shared") }
        @Test func rootIsUnbindable() throws { try expectPropagation("unbindable", "unbindable") }

        @Test func badPropagationOfTheRoot() throws {
            try Bed.here.expectRefusals(of: [
                ("linux.rootfsPropagation", Config("/bin/true").with("linux.rootfsPropagation", "hats"))
            ])
        }

        @Test func personalityOfTheContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config("/bin/workload", "attributes").with("linux.personality", ["domain": "LINUX32"]))
            try box.run().expect(["personality": "8"])
            try box.write(Config("/bin/workload", "attributes").with("linux.personality", ["domain": "LINUX"]))
            try box.run().expect(["personality": "0"])
        }

        @Test func badPersonalityAndLabel() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.personality", plain.with("linux.personality", ["domain": "MSDOS"])),
                ("linux.mountLabel", plain.with("linux.mountLabel", "system_u:object_r:container_file_t:s0")),
            ])
        }
    }
}
