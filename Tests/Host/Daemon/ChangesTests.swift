import Foundation
import TestBed
import Testing

extension HostBed {
    /// `docker diff`: what a box has changed, whether it runs or not.
    @Suite struct Changes {
        private static let script = """
            echo n >/new; mkdir -p /added/deep; echo f >/added/deep/f; rm /etc/group; echo z >>/etc/passwd
            chown 5 /old/owned; chmod 700 /old/kept; mv /old/tree /moved; mv /old/files /files
            rm -r /old/emptied; mkdir /old/emptied; echo 1 >/old/emptied/other; rm -r /old/gone
            touch /old/gone-too; rm /old/gone-too; ln -s /etc /link; printf x >'/od"d'
            touch /tmp/ready; sleep 1000
            """
        private static let expected = [
            "A /added", "A /added/deep", "A /added/deep/f", "C /etc", "D /etc/group", "C /etc/passwd", "A /files",
            "A /files/one", "A /link", "A /moved", "A /moved/sub", "A /moved/sub/leaf", "A /new", "A /od\"d", "C /old",
            "C /old/emptied", "D /old/emptied/inside", "A /old/emptied/other", "D /old/files", "D /old/gone",
            "C /old/kept", "C /old/owned", "D /old/tree", "C /tmp", "A /tmp/ready",
        ]

        /// The image `old`: what the script changes.
        private func makeImage(_ daemon: ServedDaemon) throws {
            let bed = daemon.bed
            let root = try bed.makeRootfs("old-root")
            let made = try bed.shell(
                """
                cd \(root) && mkdir -p old/tree/sub old/emptied old/gone/deep old/kept old/files &&
                touch old/tree/sub/leaf old/emptied/inside old/gone/deep/x old/owned old/files/one old/untouched &&
                tar -cf ../old.tar .
                """)
            #expect(made.status == 0, "\(made)")
            #expect(try daemon.docker("import", bed.directory + "/old.tar", "old").status == 0)
        }

        private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

        /// Renamed directories, whiteouts, opaque directories and changes of the owner alone, against docker's client.
        @Test func areToldAsDockerTellsThem() throws {
            try ServedDaemon.with { daemon in
                try makeImage(daemon)
                let made = try daemon.docker(
                    "run", "-d", "--name", "c", "--network", "none", "old", "sh", "-c", Self.script)
                #expect(made.status == 0, "\(made)")
                #expect(try poll(10) { try daemon.docker("exec", "c", "test", "-e", "/tmp/ready").status == 0 })
                let running = try daemon.docker("diff", "c")
                #expect(lines(running.output) == Self.expected, "\(running)")
                #expect(try daemon.docker("kill", "c").status == 0)
                let stopped = try daemon.docker("diff", "c")
                #expect(lines(stopped.output) == Self.expected, "\(stopped)")
                // A file whose metadata alone lies in the box's layer, and a directory that was renamed, are read too.
                let owned = try daemon.docker("cp", "c:/old/owned", daemon.bed.directory + "/owned")
                #expect(owned.status == 0, "\(owned)")
                let moved = try daemon.docker("cp", "c:/moved", daemon.bed.directory + "/moved")
                #expect(moved.status == 0, "\(moved)")
                #expect(FileManager.default.fileExists(atPath: daemon.bed.directory + "/moved/sub/leaf"))
            }
        }

        @Test func areNoneOfABoxThatChangesNothing() throws {
            try ServedDaemon.with { daemon in
                #expect(try daemon.docker("create", "--name", "new", "--network", "none", "box", "true").status == 0)
                let new = try daemon.docker("diff", "new")
                #expect(new.status == 0 && new.output == "", "\(new)")
                let made = try daemon.docker(
                    "run", "--read-only", "--name", "fixed", "--network", "none", "box", "sh", "-c", "echo x >/x")
                #expect(made.status != 0, "\(made)")
                let fixed = try daemon.docker("diff", "fixed")
                #expect(fixed.status == 0 && fixed.output == "", "\(fixed)")
            }
        }

        /// What a box does to its layer does not keep others from being told of: too deep a tree, and names that are no text.
        @Test func areRefusedWhereTheyCannotBeTold() throws {
            try ServedDaemon.with { daemon in
                let deep = "i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i + 1)); done"
                #expect(
                    try daemon.docker("run", "--name", "deep", "--network", "none", "box", "sh", "-c", deep).status == 0
                )
                let refused = try daemon.docker("diff", "deep")
                #expect(refused.status != 0 && refused.errors.contains("more than 256 levels"), "\(refused)")
                let odd = "printf x >\"/$(printf 'a\\377')\""
                #expect(
                    try daemon.docker("run", "--name", "odd", "--network", "none", "box", "sh", "-c", odd).status == 0)
                let named = try daemon.docker("diff", "odd")
                #expect(named.status != 0 && named.errors.contains("UTF-8"), "\(named)")
            }
        }

        /// The host's secrets are no deletions of a box that covers them.
        @Test func sayNothingOfWhatIsHidden() throws {
            try ServedDaemon.with { daemon in
                let run = try daemon.docker(
                    "run", "--name", "h", "--network", "none", "host", "sh", "-c",
                    "mkdir -p /root/x; echo 1 >/etc/new-one")
                // On an overlay as the host's root, its directories are read-only for the box.
                guard run.status == 0 else { return }
                let diff = try daemon.docker("diff", "h")
                #expect(lines(diff.output) == ["C /etc", "A /etc/new-one", "C /root", "A /root/x"], "\(diff)")
            }
        }
    }
}
