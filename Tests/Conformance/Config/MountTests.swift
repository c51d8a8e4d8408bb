import BoxSystem
import Glibc
import TestBed
import Testing

extension Conformance {
    /// `mounts`: options, places and sources.
    @Suite struct Mounts {
        /// A tmpfs at /m with these options.
        private func tmpfs(_ options: [String]) -> [String: Any] {
            ["destination": "/m", "type": "tmpfs", "source": "tmpfs", "options": options]
        }

        /// Each option of the specification's table that a mount shows.
        @Test func optionsOfAMount() throws {
            let table: [(options: [String], shown: [String], hidden: [String])] = [
                (["ro"], ["ro"], []), (["nosuid"], ["nosuid"], []), (["nodev"], ["nodev"], []),
                (["noexec"], ["noexec"], []), (["noatime"], ["noatime"], []), (["nodiratime"], ["nodiratime"], []),
                (["relatime"], ["relatime"], []), (["strictatime"], [], ["relatime", "noatime"]),
                (["sync"], ["sync"], []), (["dirsync"], ["dirsync"], []),
                (["mode=1700", "size=4096k"], ["mode=1700", "size=4096k"], []),
            ]
            try show(table)
        }

        /// As in fstab(5): of two that contradict each other, the last.
        @Test func lastOfTwoOptionsWins() throws {
            try show([
                (["ro", "rw"], ["rw"], ["ro"]), (["nosuid", "suid"], [], ["nosuid"]),
                (["nodev", "dev"], [], ["nodev"]),
                (["noexec", "exec"], [], ["noexec"]), (["noatime", "atime"], ["relatime"], ["noatime"]),
                (["nodiratime", "diratime"], [], ["nodiratime"]), (["sync", "async"], [], ["sync"]),
                (["mand", "nomand"], [], ["mand"]), (["suid", "nosuid"], ["nosuid"], []),
            ])
        }

        @Test func defaultsOfAMount() throws {
            try show([(["defaults", "nosuid"], ["nosuid"], []), (["defaults"], ["rw"], ["nosuid", "noexec"])])
        }

        @Test func lazytimeOfAMount() throws {
            try show([(["lazytime"], ["lazytime"], []), (["lazytime", "nolazytime"], [], ["lazytime"])])
        }

        /// MUST in the table, and known to the kernel by flags: as data a file system would refuse them.
        @Test func flagsThatNoMountShows() throws {
            try show([
                (["iversion"], [], []), (["noiversion"], [], []), (["silent"], [], []), (["loud"], [], []),
                (["nostrictatime"], ["relatime"], []), (["norelatime"], [], ["noatime"]),
            ])
        }

        private func show(
            _ table: [(options: [String], shown: [String], hidden: [String])],
            at location: SourceLocation = #_sourceLocation
        ) throws {
            let bed = try Bed.here
            var config = try Config(
                script: showMount
                    + "\nfor m in \(table.indices.map { "/m\($0)" }.joined(separator: " ")); do echo \"$m=$(show $m)\"; done"
            )
            for (index, row) in table.enumerated() {
                config.set(
                    "mounts.+",
                    ["destination": "/m\(index)", "type": "tmpfs", "source": "tmpfs", "options": row.options]
                        as [String: Any])
            }
            let outcome = try bed.container(config).run()
            outcome.expect(at: location)
            let facts = outcome.facts
            for (index, row) in table.enumerated() {
                let found = Set((facts["/m\(index)"] ?? "").split { ", ".contains($0) }.map(String.init))
                #expect(found.isSuperset(of: row.shown), "\(row.options) shows \(found)", sourceLocation: location)
                #expect(found.isDisjoint(with: row.hidden), "\(row.options) shows \(found)", sourceLocation: location)
            }
        }

        @Test func linksAreNotFollowedOnANosymfollowMount() throws {
            var config = try Config(
                script:
                    "ln -s /etc/passwd /m/link && cat /m/link >/dev/null 2>&1 && echo m=followed; ln -s /etc/passwd /n/link && cat /n/link >/dev/null && echo n=followed"
            )
            for (place, options) in [("/m", ["nosymfollow"]), ("/n", ["nosymfollow", "symfollow"])] {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "tmpfs", "source": "tmpfs", "options": options] as [String: Any])
            }
            let outcome = try Bed.here.container(config).run()
            #expect(outcome.facts == ["n": "followed"], "\(outcome)")
        }

        @Test func bindMounts() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try bed.write("a file\n", to: source + "/file")
            try makeFolder(source + "/sub")
            let box = try bed.container(Config("/bin/true"))
            var config = try Config(
                script: showMount + """

                    cat /made/deep/file; cat /one/file; cat /relative/inside; echo "ro=$(show /made/deep | cut -d, -f1)"
                    touch /rw/new && echo rw=written; touch /made/deep/new 2>/dev/null || echo made=readonly
                    echo "flags=$(show /flags | cut -d' ' -f1)"
                    """)
            try makeFolder(box.bundle + "/beside")
            try bed.write("beside the configuration\n", to: box.bundle + "/beside/inside")
            let mounts: [(String, String, [String])] = [
                ("/made/deep", source, ["bind", "ro"]), ("/one/file", source + "/file", ["rbind"]),
                ("/relative", "beside", ["bind"]), ("/rw", source, ["bind", "rw"]),
                ("/flags", source, ["bind", "nosuid", "nodev", "noexec"]),
            ]
            for (place, from, options) in mounts {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "bind", "source": from, "options": options] as [String: Any])
            }
            try box.write(config)
            let outcome = try box.run()
            outcome.expect(["ro": "ro", "rw": "written", "made": "readonly"])
            #expect(outcome.output.hasPrefix("a file\na file\nbeside the configuration\n"), "\(outcome)")
            let flags = outcome.facts["flags"] ?? ""
            #expect(["nosuid", "nodev", "noexec"].allSatisfy { flags.contains($0) }, "\(outcome)")
            // What had to be made for the mounts lies in the rootfs, not outside.
            #expect(access(box.rootfs + "/made/deep", F_OK) == 0 && access(source + "/new", F_OK) == 0)
        }

        /// Without a type, `bind` among the options is enough; the type may be "none".
        @Test func bindWithoutAType() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try bed.write("seen\n", to: source + "/file")
            var config = try Config("/bin/busybox", "cat", "/a/file", "/b/file")
            config.set("mounts.+", ["destination": "/a", "source": source, "options": ["bind"]] as [String: Any])
            config.set(
                "mounts.+",
                ["destination": "/b", "type": "none", "source": source, "options": ["rbind"]] as [String: Any])
            try bed.container(config).run().expect(output: "seen\nseen\n")
        }

        @Test func bindSourceThatIsMissing() throws {
            let mount =
                ["destination": "/m", "type": "bind", "source": "/no/such/source", "options": ["bind"]] as [String: Any]
            try Bed.here.expectRefusals(of: [("/no/such/source", Config("/bin/true").with("mounts.+", mount))])
        }

        @Test func fileSystemThatIsUnknown() throws {
            let mount = ["destination": "/m", "type": "no-such-fs", "source": "none"] as [String: Any]
            try Bed.here.expectRefusals(of: [("no-such-fs", Config("/bin/true").with("mounts.+", mount))])
        }

        /// Options that are in no table are the file system's own: tmpfs knows `huge=never`, and not `hats=3`.
        @Test func unknownOptionsAreData() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config(script: showMount + "\necho \"m=$(show /m)\"")
                    .with("mounts.+", tmpfs(["nr_inodes=77", "uid=5", "mode=0750"])))
            let outcome = try box.run()
            let shown = outcome.facts["m"] ?? ""
            #expect(
                shown.contains("nr_inodes=77") && shown.contains("uid=5") && shown.contains("mode=750"), "\(outcome)")
            try bed.expectRefusals(of: [("hats", Config("/bin/true").with("mounts.+", tmpfs(["hats=3"])))])
        }

        /// In their order, each seeing what the ones before it made; links inside the rootfs are followed inside it.
        @Test func mountsAreMadeInOrderAndInside() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try bed.write("seen\n", to: source + "/file")
            let box = try bed.container(Config("/bin/true"))
            try makeFolder(box.rootfs + "/var/real")
            #expect(symlink("/var/real", box.rootfs + "/link") == 0)
            #expect(symlink("../../../../../../tmp", box.rootfs + "/out") == 0)
            var config = try Config(script: "cat /m/inner/file /var/real/file /tmp/file")
            config.set("mounts.+", tmpfs([]))
            for place in ["/m/inner", "/link", "/out"] {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "bind", "source": source, "options": ["bind"]] as [String: Any])
            }
            try box.write(config)
            try box.run().expect(output: "seen\nseen\nseen\n")
        }

        /// A link that leads nowhere is followed too, and what it names is made: inside the rootfs.
        @Test func mountOnADanglingLink() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try bed.write("seen\n", to: source + "/file")
            let box = try bed.container(Config("/bin/true"))
            #expect(symlink("../../../../../../swiftbox-outside/deep", box.rootfs + "/out") == 0)
            var config = try Config(script: "cat /swiftbox-outside/deep/file")
            config.set(
                "mounts.+",
                ["destination": "/out", "type": "bind", "source": source, "options": ["bind"]] as [String: Any])
            try box.write(config)
            try box.run().expect(output: "seen\n")
            #expect(access("/swiftbox-outside", F_OK) != 0)
        }

        @Test func tmpfsCopiesWhatItCovers() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try makeFolder(box.rootfs + "/m")
            try makeFolder(box.rootfs + "/m/deep")
            try bed.write("kept\n", to: box.rootfs + "/m/deep/file")
            chown(box.rootfs + "/m/deep/file", 7, 8)
            try box.write(
                Config(script: "cat /m/deep/file; stat -c 'owner=%u:%g' /m/deep/file; echo new >/m/new")
                    .with("mounts.+", tmpfs(["tmpcopyup"])))
            let outcome = try box.run()
            outcome.expect(["owner": "7:8"])
            #expect(outcome.output.hasPrefix("kept\n") && access(box.rootfs + "/m/new", F_OK) != 0, "\(outcome)")
        }

        @Test func tmpfsInheritsTheMode() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config(script: "stat -c 'mode=%a' /m").with("mounts.+", tmpfs([])))
            try makeFolder(box.rootfs + "/m")
            chmod(box.rootfs + "/m", 0o1730)
            try box.run().expect(["mode": "1730"])
        }

        @Test func tmpfsWithAModeOfItsOwn() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try makeFolder(box.rootfs + "/m")
            chmod(box.rootfs + "/m", 0o1730)
            try box.write(Config(script: "stat -c 'mode=%a' /m").with("mounts.+", tmpfs(["mode=0711"])))
            try box.run().expect(["mode": "711"])
        }

        @Test func specialFileSystems() throws {
            let outcome = try Bed.here.container(
                Config(
                    script: """
                        while read -r _ place type options _; do echo "$place=$type"; done </proc/mounts
                        ls /sys/fs/cgroup/cgroup.procs; test -c /dev/pts/ptmx && echo ptmx=there
                        """)
            ).run()
            outcome.expect([
                "/proc": "proc", "/dev": "tmpfs", "/dev/pts": "devpts", "/dev/shm": "tmpfs", "/dev/mqueue": "mqueue",
                "/sys": "sysfs", "/sys/fs/cgroup": "cgroup2", "ptmx": "there",
            ])
            #expect(outcome.output.contains("/sys/fs/cgroup/cgroup.procs"), "\(outcome)")
        }

        @Test func badMounts() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("mounts", plain.with("mounts.+", ["type": "tmpfs", "source": "tmpfs"])),
                (
                    "options",
                    plain.with("mounts.+", ["destination": "/m", "type": "tmpfs", "source": "t", "options": "ro"])
                ),
            ])
        }
    }
}

func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw BedError("cannot make \(path)", errno) }
}

extension Bed {
    /// `RUNTIME --root STATE WORDS…` after this shell script, both in a mount namespace of their own.
    func withMounts(_ script: String, _ words: [String]) throws -> Outcome {
        let line = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script + "\nexec \"$@\"", "sh"]
        return try Command(line + runtimeCommand(words).arguments).start(in: self).wait()
    }
}
