import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// `mounts add` and `mounts remove`.
    @Suite struct MountsVerb {
        /// A box that waits, with or without a user namespace; `body` gets what looks into it.
        private func inBox(users: Bool, _ body: (Bed, _ look: (String) throws -> Outcome) throws -> Void) throws {
            let bed = try Bed.here
            var config = try Config("sleep", "1000")
            config.set("mounts.6", nil)
            if users {
                config.set("linux.namespaces.+", ["type": "user"])
                for name in ["uid", "gid"] {
                    config.set("linux.\(name)Mappings", [["containerID": 0, "hostID": 100000, "size": 65536]])
                }
            }
            let bundle = try bed.makeBundle(config)
            try bed.hostShell(
                "cd $1; chmod 755 . rootfs; mkdir -p src/sub; echo in >src/file; mkdir rootfs/m; chown -R 100000:100000 rootfs",
                bundle)
            #expect(try bed.runtime("create", "--bundle", bundle, "box").status == 0)
            #expect(try bed.runtime("start", "box").status == 0)
            let state = try bed.runtime("state", "box").lines
            let pid = (state.first { $0.contains("\"pid\"") } ?? "").filter(\.isNumber)
            try body(bed) { script in
                try bed.command(
                    "nsenter", "--all", "--target=" + pid, "--root", "--wd", "/bin/busybox", "sh", "-c", script)
            }
            #expect(try bed.runtime("delete", "--force", "box").status == 0)
        }

        @Test(arguments: [false, true])
        func mountsComeAndGo(users: Bool) throws {
            try inBox(users: users) { bed, look in
                let mounts = """
                    {"mounts": [
                      {"destination": "/m/t", "type": "tmpfs", "source": "t", "options": ["size=1m", "nosuid"]},
                      {"destination": "/m/t/b", "type": "bind", "source": "src", "options": ["bind", "ro", "idmap"]},
                      {"destination": "/m/p", "type": "proc", "source": "proc"},
                      {"destination": "/m/f", "type": "bind", "source": "src/file", "options": ["bind"]}
                    ]}
                    """.replacing(users ? "" : ", \"idmap\"", with: "")
                let added = try bed.runtime("mounts", "add", "box", "-", input: mounts)
                #expect(added.status == 0, "\(added)")
                let seen = try look("cat /m/t/b/file /m/f; stat -c %u /m/t /m/t/b; touch /m/t/b/x; cat /m/p/1/comm")
                #expect(seen.lines == ["in", "in", "0", "0", "sleep"], "\(seen)")
                #expect(seen.errors.contains("Read-only"), "\(seen)")
                try bed.write(mounts, to: bed.directory + "/mounts.json")
                let removed = try bed.runtime("mounts", "remove", "box", bed.directory + "/mounts.json")
                #expect(removed.status == 0, "\(removed)")
                #expect(try look("grep -c ' /m/' /proc/self/mountinfo").output == "0\n")
            }
        }

        @Test func allOfThemOrNone() throws {
            try inBox(users: false) { bed, look in
                let tmpfs = #"{"destination": "/m/t", "type": "tmpfs", "source": "t"}"#
                for (bad, text) in [
                    (#"{"destination": "/m/x", "type": "nothing"}"#, "mounts[1]"),
                    (#"{"destination": "/m/x", "type": "bind", "source": "none"}"#, "mounts[1]"),
                    (#"{"destination": "m", "type": "tmpfs"}"#, "mounts[1].destination"),
                    (#"{"destination": "/m/x", "options": ["ro"]}"#, "mounts[1].type"),
                ] {
                    let outcome = try bed.runtime("mounts", "add", "box", "-", input: "[\(tmpfs), \(bad)]")
                    #expect(outcome.status == 1 && outcome.errors.contains(text), "\(outcome)")
                    #expect(try look("grep -c ' /m/' /proc/self/mountinfo").output == "0\n", "\(bad)")
                }
                let nothing = try bed.runtime("mounts", "remove", "box", "-", input: "[\(tmpfs)]")
                #expect(nothing.status == 1 && nothing.errors.contains("cannot unmount /m/t"), "\(nothing)")
            }
        }

        /// The box's links lead nowhere but into the box.
        @Test func aLinkInTheBoxLeadsNowhereElse() throws {
            try inBox(users: false) { bed, look in
                let outside = try bed.makeOutside()
                _ = try look(
                    "ln -s \(outside) /m/out; ln -s /proc/self/cwd/../../.. /m/up; mkdir -p /tmp/in; ln -s /tmp/in /m/in"
                )
                for name in ["out", "up/tmp"] {
                    try bed.runtime(
                        "mounts", "add", "box", "-",
                        input: #"[{"destination": "/m/\#(name)/made", "type": "tmpfs", "source": "t"}]"#)
                    #expect(try bed.names(in: outside) == ["canary"])
                }
                let inside = try bed.runtime(
                    "mounts", "add", "box", "-", input: #"[{"destination": "/m/in/x", "type": "tmpfs", "source": "t"}]"#
                )
                #expect(inside.status == 0, "\(inside)")
                #expect(try look("grep -c ' /tmp/in/x ' /proc/self/mountinfo").output == "1\n")
            }
        }

        @Test func aBoxThatHasEndedHasNoMounts() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            #expect(try bed.runtime("create", "--bundle", bundle, "box").status == 0)
            #expect(try bed.runtime("start", "box").status == 0)
            #expect(try poll(10) { try bed.runtime("state", "box").output.contains("stopped") })
            let outcome = try bed.runtime("mounts", "add", "box", "-", input: "[]")
            #expect(outcome.status == 1 && outcome.errors.contains("container not running"), "\(outcome)")
            #expect(try bed.runtime("mounts", "move", "box", "-").status == 1)
            #expect(try bed.runtime("mounts", "add", "nobody", "-", input: "[]").errors.contains("does not exist"))
            #expect(try bed.runtime("delete", "box").status == 0)
        }
    }
}
