import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// Words of a request that once meant more than they said.
    @Suite struct Requests {
        /// crun CVE-2026-30892: `-u 1` ran as 0. What is no number or name is refused.
        @Test func cve2026_30892_aUserIsWhoWasNamed() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            for (user, ids) in [
                ("1", "1 0"), ("1:1", "1 1"), ("box", "1000 1000"), ("7:box", "7 1000"), ("65533:0", "65533 0"),
            ] {
                let outcome = try bed.run("--rootfs", rootfs, "-u", user, "sh", "-c", "echo $(id -u) $(id -g)")
                #expect(outcome.output == ids + "\n", "\(user): \(outcome)")
            }
            for user in [
                "-1", "+1", " 1", "1 ", "1x", "0x1", "1.0", "4294967295", "4294967296", "18446744073709551617", "１",
                ":", "1:", ":1", "1:-1", "",
            ] {
                let outcome = try bed.run("--rootfs", rootfs, "-u=" + user, "id", "-u")
                #expect(outcome.status == 125 && outcome.output.isEmpty, "\(user): \(outcome)")
            }
        }

        /// podman CVE-2024-9407 and its kin: an option of a mount smuggled in through another one's value.
        @Test func cve2024_9407_anOptionIsNotInjected() throws {
            let bed = try Bed.here
            let (source, rootfs) = (try bed.makeOutside(), try bed.makeRootfs())
            let bind = "type=bind,src=\(source),dst=/x"
            let attempts = [
                ("-v", ["ro,shared", "rshared", "ro,remount", "", "ro:rw"].map { "\(source):/x:\($0)" }),
                ("-v", ["/x/../../y", "/proc/sys", "/", "/dev"].map { "\(source):\($0)" }),
                (
                    "--mount",
                    ["rshared", "rprivate,bind-propagation=rshared", "private:rw"].map {
                        "\(bind),bind-propagation=\($0)"
                    }
                ),
                (
                    "--tmpfs",
                    ["size=1m,lowerdir=/", "mode=1777 suid", "size=1m%0asuid", "size=1m\nsuid"].map { "/x:" + $0 }
                ),
            ]
            for (flag, values) in attempts {
                for value in values {
                    let outcome = try bed.runAsHostRoot(["--rootfs", rootfs, flag, value, "echo", "ran"])
                    let named = outcome.errors.contains(flag == "-v" ? "--volume" : flag)
                    #expect(outcome.status == 125 && outcome.output.isEmpty && named, "\(value): \(outcome)")
                }
            }
            let twin = try bed.runAsHostRoot([
                "--rootfs", rootfs, "-v", "\(source):/x:ro", "--tmpfs", "/y:size=1m", "echo", "ran",
            ])
            #expect(twin.output == "ran\n", "\(twin)")
        }

        /// A mount made in a box, below a directory of the host's, stays there.
        @Test func aMountOfTheBoxDoesNotReachTheHost() throws {
            let bed = try Bed.here
            let shared = try bed.makeOutside("shared")
            let box = [try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", try bed.makeRootfs()]
            let inside = "mount -t tmpfs evil /x && grep -c evil /proc/self/mountinfo"
            // Shared on the host, as systemd makes everything; in a mount namespace that ends with the script.
            let script = #"""
                mount --bind "$1" "$1" && mount --make-shared "$1" && shift || exit 9
                "$@"; echo "outside $(grep -c evil /proc/self/mountinfo)"
                """#
            func run(_ flags: [String]) throws -> String {
                try Command(
                    ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", shared] + flags
                )
                .start(in: bed).wait().output
            }
            for kind in ["private", "rprivate", "slave", "rslave"] {
                let flags = ["--privileged", "-v", "\(shared):/x:\(kind)", "sh", "-c", inside]
                #expect(try run(box + flags) == "1\noutside 0\n", "\(kind)")
            }
            let naive = "mkdir $0/x; mount --rbind \(shared) $0/x; mount -t tmpfs evil $0/x; echo made"
            #expect(
                try run(["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", naive, bed.directory])
                    == "made\noutside 1\n")
        }

        /// A setuid program gives nothing under no_new_privs, which is the default.
        @Test func aSetuidProgramGivesNothing() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            try bed.command("cp", rootfs + "/bin/workload", rootfs + "/bin/rise")
            try bed.command("chmod", "4755", rootfs + "/bin/rise")
            func euid(_ flags: [String]) throws -> String? {
                fields(try bed.runAsHostRoot(["--rootfs", rootfs, "-u", "1000"] + flags + ["rise", "status"]).output)[
                    "euid"]
            }
            #expect(try euid([]) == "1000")
            #expect(try euid(["--security-opt", "no-new-privileges=false"]) == "0")
        }

        /// The keys of who started the box are not in it.
        @Test(arguments: ["host", "auto"])
        func theCallersKeysStayOutside(users: String) throws {
            let bed = try Bed.here
            let workload = try Bed.binary("workload")
            let box = [
                try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", try bed.makeRootfs(),
                "--userns",
                users, "--security-opt", "seccomp=unconfined", "workload", "find-key", "swiftbox-canary",
            ]
            let caller = [workload, "with-key", "swiftbox-canary"]
            let outcome = try Command(caller + box).start(in: bed).wait()
            #expect(outcome.output == "key 126\n", "\(outcome)")
            let twin = try Command(caller + [workload, "find-key", "swiftbox-canary"]).start(in: bed).wait()
            #expect(twin.output == "key 0\n", "\(twin)")
        }
    }
}
