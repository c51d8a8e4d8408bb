import TestBed
import Testing

extension HostBed {
    /// `-v`, `--mount`, `--tmpfs`, `--read-only`.
    @Suite struct Mounted {
        @Test(arguments: [
            "-v ./data:/data",
            "--mount type=bind,src=./data,dst=/data", "--volume=$PWD/data:/data:rw",
        ])
        func aDirectoryIsShared(flag: String) throws {
            let outcome = try Bed.here.shell(
                """
                mkdir data; echo in > data/file
                $BOX \(flag) sh -c 'cat /data/file; echo out > /data/made' && cat data/made
                """)
            #expect(outcome.lines == ["in", "out"], "\(outcome)")
        }

        @Test func aFileIsShared() throws {
            let outcome = try Bed.here.shell(
                """
                echo in > file
                $BOX -v ./file:/etc/deep/file sh -c 'cat /etc/deep/file; echo out > /etc/deep/file'; cat file
                ls rootfs/etc
                """)
            #expect(outcome.lines == ["in", "out", "group", "passwd"], "\(outcome)")
        }

        /// Read-only means what lies mounted below the source as well.
        @Test(arguments: ["-v ./data:/data:ro", "--mount type=bind,src=./data,dst=/data,ro"])
        func readOnlyIsRecursive(flag: String) throws {
            let script = "touch /data/x; touch /data/sub/x; cat /data/sub/file"
            let outcome = try Bed.here.shell(
                """
                mkdir -p data/sub; mount -t tmpfs none data/sub; echo in > data/sub/file
                $BOX \(flag) sh -c '\(script)'; ls data data/sub
                """)
            #expect(outcome.errors.components(of: "Read-only file system") == 2, "\(outcome)")
            #expect(outcome.lines == ["in", "data:", "sub", "data/sub:", "file"], "\(outcome)")
        }

        @Test func bindLeavesOutWhatIsMountedBelow() throws {
            let outcome = try Bed.here.shell(
                "mkdir -p data/sub; mount -t tmpfs none data/sub; touch data/sub/file\n"
                    + "$BOX -v ./data:/data:bind ls /data/sub; echo; $BOX -v ./data:/data ls /data/sub")
            #expect(outcome.lines == ["file"] && outcome.output == "\nfile\n", "\(outcome)")
        }

        @Test func optionsOfABindHold() throws {
            let outcome = try Bed.here.shell(
                "mkdir data; cp /bin/busybox data/; mknod data/null c 1 3\n"
                    + "$BOX -v ./data:/data:noexec /data/busybox true; echo $?\n"
                    + "$BOX -v ./data:/data sh -c 'echo x > /data/null'\n"
                    + "$BOX -v ./data:/data:dev sh -c 'echo x > /data/null && echo open'")
            #expect(outcome.lines == ["126", "open"] && outcome.errors.contains("Permission denied"), "\(outcome)")
        }

        /// In a user namespace a bind shows the owners it has on the host, and files made there get them.
        @Test func ownersOfABindAreTheHosts() throws {
            let outcome = try Bed.here.shell(
                """
                mkdir data; touch data/file; chown 1000:1000 data/file; chmod 777 data
                BOX="$BOX --userns auto"
                $BOX -v ./data:/data sh -c 'touch /data/root; stat -c "%u %g" /data/file'
                $BOX -v ./data:/data -u box touch /data/box
                $BOX -v ./data:/data:noidmap sh -c 'touch /data/shifted; stat -c "%u %g" /data/file'
                stat -c '%u %g' data/root data/box
                [ $(stat -c %u data/shifted) -ge 524288 ] && echo shifted
                """)
            #expect(outcome.lines == ["1000 1000", "65534 65534", "0 0", "1000 1000", "shifted"], "\(outcome)")
        }

        @Test(arguments: ["--tmpfs /t:size=1m,mode=700", "--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700"])
        func tmpfs(flag: String) throws {
            let script = "stat -c '%a %u' /t; dd if=/dev/zero of=/t/big bs=64k count=32 2>&1 | grep -o 'No space left'"
            let outcome = try Bed.here.box(flag.split(separator: " ").map(String.init) + ["sh", "-c", script])
            #expect(outcome.lines == ["700 0", "No space left"], "\(outcome)")
        }

        @Test func aReadOnlyRootHasWritableMounts() throws {
            let bed = try Bed.here
            for flags in [["--read-only"], ["--read-only", "--userns", "auto"]] {
                let outcome = try bed.box(
                    flags + ["--tmpfs", "/tmp", "sh", "-c", "touch /tmp/x /dev/shm/x && echo y; touch /x"])
                #expect(outcome.lines == ["y"] && outcome.errors.contains("/x: Read-only file system"), "\(outcome)")
            }
        }

        @Test func aParentIsMountedBeforeWhatLiesBelow() throws {
            let outcome = try Bed.here.shell(
                "mkdir a b; touch a/a b/b; $BOX -v ./b:/m/sub -v ./a:/m ls /m /m/sub; $BOX --tmpfs /tmp/x --tmpfs /tmp ls /tmp"
            )
            #expect(outcome.lines == ["/m:", "a", "sub", "/m/sub:", "b", "x"], "\(outcome)")
        }

        /// A mount that the host makes while the box runs is none of its business, and the other way round.
        @Test func mountsDoNotTravel() throws {
            let outcome = try Bed.here.shell(
                """
                mount --make-rshared /; mkdir -p data/late
                $BOX -v ./data:/data sh -c 'touch /data/ready; while [ ! -e /data/go ]; do sleep 0.05; done; ls /data/late' &
                while [ ! -e data/ready ]; do sleep 0.05; done
                grep -c -e "overlay swiftbox" /proc/self/mountinfo
                mount -t tmpfs none data/late; touch data/late/file data/go; wait
                """)
            #expect(outcome.output == "0\n", "\(outcome)")
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
