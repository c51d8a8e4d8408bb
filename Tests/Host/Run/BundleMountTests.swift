import TestBed
import Testing

extension HostBed {
    /// `mounts` and `linux.rootfsPropagation` of config.json, by the runtime specification's words.
    @Suite struct BundleMounts {
        private func run(
            _ mounts: [[String: Any]], _ command: String, _ change: (inout Config) -> Void = { _ in }
        ) throws -> Outcome {
            var config = try Config("sh", "-c", command)
            for mount in mounts { config.set("mounts.+", mount) }
            change(&config)
            try Bed.here.command("rm", "-rf", Bed.here.directory + "/bundle")
            let bundle = try Bed.here.makeBundle(config)
            try Bed.here.hostShell(
                "cd $1; mkdir -p src/sub rootfs/up/d; echo in >src/file; echo under >rootfs/up/d/file; ln -s d rootfs/up/l",
                bundle)
            return try Bed.here.runtime("run", "--bundle", bundle, "box")
        }

        private func tmpfs(_ options: String..., at place: String = "/x") -> [String: Any] {
            ["destination": place, "type": "tmpfs", "source": "t", "options": options]
        }

        private func bind(_ options: String..., source: String = "src") -> [String: Any] {
            ["destination": "/x", "type": "bind", "source": source, "options": options]
        }

        /// Every option of the specification's table that a file system shows, as the kernel shows it.
        @Test(arguments: [
            ("ro", "ro,"), ("rro", "ro,"), ("nosuid", "nosuid"), ("rnosuid", "nosuid"), ("nodev", "nodev"),
            ("rnodev", "nodev"), ("noexec", "noexec"), ("rnoexec", "noexec"), ("noatime", "noatime"),
            ("rnoatime", "noatime"), ("nodiratime", "nodiratime"), ("rnodiratime", "nodiratime"),
            ("relatime", "relatime"), ("rrelatime", "relatime"), ("nosymfollow", "nosymfollow"),
            ("rnosymfollow", "nosymfollow"), ("sync", "sync"), ("dirsync", "dirsync"), ("lazytime", "lazytime"),
            ("mand", "mand"), ("shared", "shared:"), ("rshared", "shared:"), ("unbindable", "unbindable"),
            ("runbindable", "unbindable"), ("size=1m", "size=1024k"),
        ])
        func anOptionHolds(option: String, shown: String) throws {
            let outcome = try run([tmpfs(option)], "grep ' /x ' /proc/self/mountinfo")
            #expect(outcome.status == 0 && outcome.output.contains(shown), "\(outcome)")
        }

        /// What is off by default, or does not show, or undoes the one before it.
        @Test func optionsThatDoNotShowAreTaken() throws {
            let quiet = [
                "defaults", "silent", "loud", "iversion", "noiversion", "async", "nolazytime", "nomand", "suid", "dev",
                "exec", "diratime", "atime", "norelatime", "nostrictatime", "symfollow", "private", "rprivate", "slave",
                "rslave", "rrw", "rsuid", "rdev", "rexec", "rdiratime", "ratime", "rnorelatime", "rnostrictatime",
                "rsymfollow", "rw",
            ]
            let all = quiet.enumerated().map { tmpfs($1, at: "/t/\($0)") }
            let outcome = try run(all, "grep -c ' /t/[0-9]* rw,relatime - ' /proc/self/mountinfo")
            #expect(outcome.output == "\(quiet.count)\n", "\(outcome)")
            let undone = try run(
                [tmpfs("ro", "noexec", "strictatime", "rw", "exec", "relatime")], "grep ' /x ' /proc/self/mountinfo")
            #expect(undone.output.contains(" /x rw,relatime - "), "\(undone)")
        }

        @Test func whatNoFileSystemKnowsIsRefused() throws {
            for mount in [tmpfs("sticky"), bind("bind", "size=1m"), bind("bind", "lazytime"), tmpfs("idmap")] {
                let outcome = try run([mount], "echo ran")
                #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
                #expect(outcome.errors.contains("mounts[7]"), "\(outcome)")
            }
        }

        @Test func tmpcopyupBeginsWithWhatLiesUnderIt() throws {
            let up: [String: Any] = [
                "destination": "/up", "type": "tmpfs", "source": "t", "options": ["tmpcopyup", "ro", "mode=710"],
            ]
            let outcome = try run([up], "cat /up/l/file; stat -c %a /up; touch /up/new; umount /up; ls /up")
            #expect(outcome.lines.prefix(2) == ["under", "710"], "\(outcome)")
            #expect(outcome.errors.contains("Read-only file system"), "\(outcome)")
        }

        @Test func aTmpfsWithoutModeHasThatOfItsPlace() throws {
            let outcome = try run([tmpfs(at: "/tmp"), tmpfs("mode=700", at: "/home")], "stat -c %a /tmp /home")
            #expect(outcome.output == "1777\n700\n", "\(outcome)")
        }

        @Test func remountChangesWhatIsThere() throws {
            func remount(_ place: String, _ options: String...) -> [String: Any] {
                ["destination": place, "options": ["remount"] + options]
            }
            let outcome = try run(
                [remount("/dev/shm", "ro", "size=1m"), remount("/", "nodev")],
                "grep -e ' / ' -e shm /proc/self/mountinfo")
            #expect(outcome.output.contains(" /dev/shm ro,relatime - tmpfs shm rw,size=1024k"), "\(outcome)")
            #expect(outcome.output.contains(" / rw,nodev,relatime - "), "\(outcome)")
            let nothing = try run([remount("/up", "ro")], "echo ran")
            #expect(nothing.status == 1 && nothing.errors.contains("nothing is mounted there"), "\(nothing)")
        }

        /// Two at one place lie over each other, in the order of the list; the root is no place for one.
        @Test func mountsAreMadeInTheirOrder() throws {
            let outcome = try run(
                [tmpfs(at: "/x/y"), tmpfs("ro"), tmpfs("size=1m")], "ls /x; grep -c ' /x ' /proc/self/mountinfo")
            #expect(outcome.output == "2\n", "\(outcome)")
            let root = try run([tmpfs(at: "/.")], "echo ran")
            #expect(root.status == 1 && root.errors.contains("mounts[7].destination"), "\(root)")
        }

        /// Relative to the bundle, inside of the root file system too; a file onto a file that is made for it.
        @Test func sourcesStartAtTheBundle() throws {
            let outcome = try run(
                [bind("bind", source: "rootfs/up/d/file"), bind("rbind", source: "./src/../src/file")],
                "cat /x; ls -l /x")
            #expect(outcome.output.hasPrefix("in\n-"), "\(outcome)")
            let none = try run([bind("bind", source: "none")], "echo ran")
            #expect(none.status == 1 && none.errors.contains("mounts[7]: cannot take the mount source"), "\(none)")
        }

        @Test func aBindClearsTheFlagsThatItDoesNotName() throws {
            let bed = try Bed.here
            var config = try Config("grep", " /x", "/proc/self/mountinfo")
            config.set("mounts.+", bind("bind", "noexec"))
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.shell(
                "cd \(bundle); mkdir src; mount -t tmpfs -o ro,nosuid,nodev,noatime t src; \(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) run box"
            )
            #expect(outcome.output.contains(" /x rw,noexec,noatime - "), "\(outcome)")
        }

        /// `rro` reaches what is mounted below, `ro` does not.
        @Test func recursiveOptionsReachWhatIsMountedBelow() throws {
            let bed = try Bed.here
            for (option, below) in [("rro", "ro"), ("ro", "rw"), ("rnoexec", "rw,noexec")] {
                var config = try Config("grep", " /x/sub ", "/proc/self/mountinfo")
                config.set("mounts.+", bind("rbind", option))
                let bundle = try bed.makeBundle(config, name: option)
                let outcome = try bed.shell(
                    "cd \(bundle); mkdir -p src/sub; mount -t tmpfs t src/sub; \(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) run box"
                )
                #expect(outcome.output.contains(" /x/sub \(below),relatime - "), "\(option): \(outcome)")
            }
        }

        /// On the host the source is shared; what travels is what was asked for.
        @Test(arguments: [
            ("rprivate", "relatime - ", "0"), ("slave", "master:", "0"), ("rslave", "master:", "0"),
            ("shared", "shared:", "1"),
            ("rshared", "shared:", "1"), ("runbindable", "unbindable", "0"),
        ])
        func propagationIsTheOneAskedFor(option: String, shown: String, outside: String) throws {
            let bed = try Bed.here
            var config = try Config(
                "sh", "-c", "grep ' /x ' /proc/self/mountinfo; mount -t tmpfs evil /x/sub || echo failed")
            config.set("mounts.+", bind("rbind", option))
            for set in ["bounding", "effective", "permitted"] {
                config.set("process.capabilities.\(set).+", "CAP_SYS_ADMIN")
            }
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.shell(
                """
                cd \(bundle); mkdir -p src/sub; mount --bind src src; mount --make-shared src
                \(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) run box; grep -c ' evil ' /proc/self/mountinfo
                """)
            let lines = outcome.lines
            #expect(lines.count == 2 && lines.first?.contains(shown) == true, "\(outcome)")
            // With the directory itself, the mount shows at both of the mounts of the group.
            #expect((lines.last == "0") == (outside == "0"), "\(outcome)")
        }

        @Test(arguments: [
            ("private", "relatime -"), ("slave", "master:"), ("shared", "shared:"), ("unbindable", "unbindable"),
            ("rshared", "shared:"), ("rslave", "master:"),
        ])
        func theRootHasThePropagationAskedFor(kind: String, shown: String) throws {
            let bed = try Bed.here
            var config = try Config(
                "sh", "-c", "grep -e 'rootfs / ' -e ' /dev ' /proc/self/mountinfo | cut -d ' ' -f 5-8")
            config.set("linux.rootfsPropagation", kind)
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.shell(
                """
                cd \(bundle); mount --bind rootfs rootfs; mount --make-shared rootfs
                \(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) run box; grep -c 'shared:' /proc/self/mountinfo
                """)
            let lines = outcome.lines
            #expect(lines.count == 3 && lines.first?.contains(shown) == true, "\(outcome)")
            #expect(lines.dropFirst().first?.contains("shared:") == (kind == "rshared"), "\(outcome)")
            // Nothing of the box's is left on the host.
            #expect(lines.last == "1", "\(outcome)")
        }

        /// A mount's own map, without any user namespace; with one, the box's where the mount has none.
        @Test func ownersAreMapped() throws {
            func mapped(_ options: String..., own: Int? = nil) -> [String: Any] {
                var mount = bind()
                // A user namespace that does not own the root file system makes no mount point.
                mount["destination"] = "/tmp"
                mount["options"] = options
                if let own {
                    mount["uidMappings"] = [["containerID": 0, "hostID": own, "size": 10]]
                    mount["gidMappings"] = [["containerID": 0, "hostID": own + 1, "size": 10]]
                }
                return mount
            }
            let look = "stat -c '%u %g' /tmp/file"
            let box: (inout Config) -> Void = { config in
                config.set("linux.namespaces.+", ["type": "user"])
                for name in ["uid", "gid"] {
                    config.set("linux.\(name)Mappings", [["containerID": 0, "hostID": 100000, "size": 65536]])
                }
            }
            for (mount, users, shown) in [
                (mapped("bind", "idmap", own: 50), false, "50 51"), (mapped("bind", own: 50), false, "50 51"),
                (mapped("rbind", "ridmap", own: 100_050), true, "50 51"), (mapped("bind", "idmap"), true, "0 0"),
                (mapped("bind"), true, "65534 65534"),
            ] {
                let outcome = try run([mount], look) { if users { box(&$0) } }
                #expect(outcome.output == shown + "\n", "\(mount): \(outcome)")
            }
            let without = try run([mapped("bind", "idmap")], look)
            #expect(
                without.status == 1 && without.errors.contains("mounts[7].options: the option idmap needs"),
                "\(without)")
        }

        /// `idmap` is for the mount itself, `ridmap` for what is mounted below as well.
        @Test func ridmapReachesWhatIsMountedBelow() throws {
            let bed = try Bed.here
            for (option, below) in [("idmap", "0 0"), ("ridmap", "50 50")] {
                var config = try Config("stat", "-c", "%u %g", "/x", "/x/sub")
                var mount = bind("rbind", option)
                for name in ["uid", "gid"] {
                    mount["\(name)Mappings"] = [["containerID": 0, "hostID": 50, "size": 10]]
                }
                config.set("mounts.+", mount)
                let bundle = try bed.makeBundle(config, name: option)
                let outcome = try bed.shell(
                    "cd \(bundle); mkdir -p src/sub; mount -t tmpfs t src/sub; \(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) run box"
                )
                #expect(outcome.lines == ["50 50", below], "\(option): \(outcome)")
            }
        }

        @Test func aLabelNeedsSELinux() throws {
            let outcome = try run([], "echo ran") {
                $0.set("linux.mountLabel", "system_u:object_r:container_file_t:s0")
            }
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("linux.mountLabel: cannot label mounts"), "\(outcome)")
        }
    }
}
