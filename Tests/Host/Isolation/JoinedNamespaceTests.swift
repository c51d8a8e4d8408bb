import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// `linux.namespaces` with a path: the box is in one that exists.
    @Suite struct JoinedNamespaces {
        private static let files = [
            "pid": "pid", "network": "net", "mount": "mnt", "ipc": "ipc", "uts": "uts", "user": "user",
            "cgroup": "cgroup", "time": "time",
        ]

        /// A process that holds namespaces made by unshare(1), as its first child where that makes a difference.
        private func holder(_ flags: String...) throws -> Running {
            let running = try Command(
                ["unshare"] + flags + ["--kill-child", "sh", "-c", "echo ready; exec sleep 1000"]
            )
            .start(in: Bed.here)
            try running.waitForOutput("ready")
            return running
        }

        /// The process behind unshare(1)'s fork.
        private func child(_ running: Running) throws -> String {
            try Bed.here.command("cat", "/proc/\(running.pid)/task/\(running.pid)/children").output.split(
                separator: " "
            )
            .first.map(String.init) ?? ""
        }

        private func config(_ command: String, _ namespaces: [[String: Any]]) throws -> Config {
            var config = try Config("sh", "-c", command)
            config.set("linux.namespaces", namespaces)
            config.set("hostname", nil)
            return config
        }

        /// Each kind alone, beside a mount namespace of the box's own.
        @Test(arguments: ["pid", "network", "ipc", "uts", "cgroup", "time", "mount"])
        func aBoxIsInTheOneThatIsNamed(type: String) throws {
            let bed = try Bed.here
            let file = try #require(Self.files[type])
            let flags = ["pid": "--pid", "network": "--net", "mount": "--mount"][type] ?? "--" + file
            let running = try holder("--fork", flags)
            defer { running.signal(9) }
            let path = "/proc/\(try child(running))/ns/\(file)"
            let id = try File.readLink(path)
            var all: [[String: Any]] = [["type": type, "path": path]]
            if type != "mount" { all.append(["type": "mount"]) }
            let config = try config("readlink /proc/self/ns/\(file)", all)
            let outcome = try bed.runtime("run", "--bundle", bed.makeBundle(config), "box")
            #expect(outcome.status == 0 && outcome.lines.first == id, "\(outcome)")
            #expect(id != (try File.readLink("/proc/self/ns/\(file)")))
            running.signal(9)
            try running.wait()
        }

        /// Everything that a box can have belongs to the user namespace that it joins, even one without a say in groups.
        @Test(arguments: [true, false])
        func aUserNamespaceIsJoined(ofOneID: Bool) throws {
            let bed = try Bed.here
            let running = try Command(
                ["unshare", "--user"] + (ofOneID ? ["--map-root-user"] : []) + [
                    "sh", "-c", "echo ready; exec sleep 1000",
                ]
            ).start(in: bed)
            defer { running.signal(9) }
            try running.waitForOutput("ready")
            if !ofOneID {
                try bed.hostShell(
                    "for n in uid gid; do echo 0 100000 65536 >/proc/$1/${n}_map; done", "\(running.pid)")
            }
            let path = "/proc/\(running.pid)/ns/user"
            let kinds = ["pid", "ipc", "uts", "mount", "network"]
            var config = try config(
                "readlink /proc/self/ns/user; id -u; id -G; hostname inside && hostname; echo x >/dev/null && echo $$",
                kinds.map { ["type": $0] } + [["type": "user", "path": path]])
            config.set("mounts.6", nil)
            // A namespace of one id has no group 5.
            config.set("mounts.2.options", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"])
            for set in ["bounding", "effective", "permitted"] {
                config.set("process.capabilities.\(set).+", "CAP_SYS_ADMIN")
            }
            let bundle = try bed.makeBundle(config)
            if !ofOneID { try bed.command("chown", "-R", "100000:100000", bundle + "/rootfs") }
            let outcome = try bed.runtime("run", "--bundle", bundle, "box")
            #expect(outcome.lines.first == (try File.readLink(path)), "\(outcome)")
            #expect(Array(outcome.lines.dropFirst()) == ["0", "0", "inside", "1"], "\(outcome)")
            running.signal(9)
            try running.wait()
        }

        /// Namespaces of the host's beside a user namespace of the box's own, and clocks too.
        @Test func othersAreJoinedBesideANewUserNamespace() throws {
            let bed = try Bed.here
            let running = try holder("--fork", "--net", "--ipc", "--uts")
            defer { running.signal(9) }
            let pid = try child(running)
            let files = ["net", "ipc", "uts"]
            var config = try config(
                "for n in net ipc uts; do readlink /proc/self/ns/$n; done; id -u; cat /proc/self/timens_offsets",
                [
                    ["type": "mount"], ["type": "pid"], ["type": "user"], ["type": "time"],
                    ["type": "network", "path": "/proc/\(pid)/ns/net"], ["type": "ipc", "path": "/proc/\(pid)/ns/ipc"],
                    ["type": "uts", "path": "/proc/\(pid)/ns/uts"],
                ])
            config.set("linux.timeOffsets", ["boottime": ["secs": 77, "nanosecs": 5]])
            for name in ["uid", "gid"] {
                config.set("linux.\(name)Mappings", [["containerID": 0, "hostID": 100000, "size": 65536]])
            }
            config.set("mounts.6", nil)
            config.set("mounts.4", nil)
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.runtime("run", "--bundle", bundle, "box")
            let ids = try files.map { try File.readLink("/proc/\(pid)/ns/\($0)") }
            #expect(Array(outcome.lines.prefix(4)) == ids + ["0"], "\(outcome)")
            #expect(outcome.output.hasSuffix("77         5\n"), "\(outcome)")
            running.signal(9)
            try running.wait()
        }

        /// The box's mounts are seen there, hide nothing from who was there before, and are gone afterwards.
        @Test func aJoinedMountNamespaceIsLeftAsItWas() throws {
            let bed = try Bed.here
            let running = try holder("--fork", "--mount", "--propagation", "private")
            defer { running.signal(9) }
            let pid = try child(running)
            let enter = ["nsenter", "--mount=/proc/\(pid)/ns/mnt", "--root=/proc/\(pid)/root"]
            func look(_ command: String) throws -> String {
                try Command(enter + ["sh", "-c", command]).start(in: bed).wait().output
            }
            let before = try look("cat /proc/self/mountinfo")
            var config = try config(
                "ls /; while [ ! -e /tmp/go ]; do sleep 0.02; done; exit 3",
                [["type": "mount", "path": "/proc/\(pid)/ns/mnt"], ["type": "pid"]])
            config.set("mounts.6", nil)
            let bundle = try bed.makeBundle(config)
            let box = try Command([
                Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "--bundle", bundle, "box",
            ]).start(in: bed)
            try box.waitForOutput("usr\n")
            #expect(!box.output.contains("boot"), "\(box.output)")
            #expect(try look("test -d \(bundle) && grep -c \(bundle)/rootfs /proc/self/mountinfo") == "1\n")
            try bed.write("", to: bundle + "/rootfs/tmp/go")
            let outcome = try box.wait()
            #expect(outcome.status == 3 && outcome.errors.isEmpty, "\(outcome)")
            #expect(try look("cat /proc/self/mountinfo") == before)
            running.signal(9)
            try running.wait()
        }

        /// The kernel tells what is behind a path, before anything is made.
        @Test func aWrongKindIsRefusedByItsField() throws {
            let bed = try Bed.here
            for (type, path, text) in [
                ("network", "/proc/self/ns/uts", "it is a uts namespace"),
                ("user", "/proc/self/ns/pid", "it is a pid namespace"),
                ("mount", "/proc/self/ns/net", "it is a network namespace"),
                ("ipc", "/dev/null", "it is no namespace"), ("time", "/", "it is no namespace"),
                ("pid", "/nowhere", "No such file"),
            ] {
                var all: [[String: Any]] = [["type": type, "path": path]]
                if type != "mount" { all.append(["type": "mount"]) }
                let config = try config("echo ran", all)
                try bed.command("rm", "-rf", bed.directory + "/bundle")
                let outcome = try bed.runtime("run", "--bundle", bed.makeBundle(config), "box")
                #expect(outcome.status == 1 && outcome.output.isEmpty, "\(type): \(outcome)")
                #expect(
                    outcome.errors.contains("linux.namespaces[0].path: ") && outcome.errors.contains(text),
                    "\(type): \(outcome)")
            }
        }

        /// A sysctl or a name is set in a namespace that the box joins, unless that is the host's own.
        @Test func settingsNeedANamespaceThatIsNotTheHosts() throws {
            let bed = try Bed.here
            let running = try holder("--fork", "--net", "--uts")
            defer { running.signal(9) }
            let pid = try child(running)
            func run(_ owner: String) throws -> Outcome {
                var config = try config(
                    "cat /proc/sys/net/ipv4/ip_forward; hostname",
                    [
                        ["type": "mount"], ["type": "network", "path": "/proc/\(owner)/ns/net"],
                        ["type": "uts", "path": "/proc/\(pid)/ns/uts"],
                    ])
                config.set("linux.sysctl", ["net.ipv4.ip_forward": "1"])
                config.set("hostname", "joined")
                try bed.command("rm", "-rf", bed.directory + "/bundle")
                return try bed.runtime("run", "--bundle", bed.makeBundle(config), "box")
            }
            #expect(try run(pid).output == "1\njoined\n")
            let refused = try run("self")
            #expect(refused.status == 1 && refused.output.isEmpty, "\(refused)")
            #expect(refused.errors.contains("linux.sysctl.net.ipv4.ip_forward would change the host"), "\(refused)")
            running.signal(9)
            try running.wait()
        }
    }
}
