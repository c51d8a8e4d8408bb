import TestBed
import Testing

extension HostBed {
    /// The machine's own root as source: readable, never written, its secrets hidden.
    @Suite struct HostRoot {
        /// What decisions.md lists, and what else is nobody's business: a file each, all of them holding CANARY.
        private static let secrets = [
            "root/.bashrc", "root/.ssh/id_ed25519", "home/user/.netrc", "boot/config", "srv/www/index", "mnt/disk/file",
            "media/stick/file", "tmp/ssh-agent/agent", "run/secrets/token", "var/lib/db/data", "var/spool/cron/root",
            "var/mail/root", "var/tmp/work", "var/log/auth.log", "var/backups/shadow.bak", "etc/ssl/private/server.key",
            "etc/sudoers.d/user", "etc/wireguard/wg0.conf", "etc/swiftbox/swiftboxd.yaml",
            "etc/letsencrypt/live/privkey",
            "etc/NetworkManager/system-connections/wifi", "etc/shadow", "etc/shadow-",
            "etc/gshadow", "etc/gshadow-", "etc/ssh/ssh_host_rsa_key", "etc/ssh/moduli_key_old", "etc/sudoers",
            "etc/krb5.keytab", "etc/ipsec.secrets", "etc/security/opasswd", "etc/.pwd.lock", "swapfile",
            "data/customers", "old-root/file", ".dockerenv",
        ]
        /// In no list: hidden because the host does not let everybody read the file, or its directory.
        private static let unreadable = [
            "etc/app/secret", "etc/a/b/c/d/secret", "opt/app/secret", "usr/local/etc/app.conf", "var/app/secret",
            "etc/closed/file", "opt/closed/file",
        ]
        private static let visible = [
            "/etc/visible", "/etc/ssh/ssh_config", "/etc/ssl/certs/ca", "/opt/visible", "/usr/lib/visible",
            "/usr/local/bin/visible",
        ]

        /// A root file system on a tmpfs with every secret in it becomes the root of a mount namespace, and swiftbox
        /// runs there: so each entry is proved, and nothing is written to this machine's own root.
        private func shellOnOwnRoot(_ script: String) throws -> Outcome {
            let bed = try Bed.here
            let files = Self.secrets + Self.unreadable + Self.visible.map { String($0.dropFirst()) }
            return try bed.shell(
                """
                set -e
                mkdir root; mount -t tmpfs -o mode=755 none root; cp -a rootfs/. root; cp \(Bed.binary("swiftbox")) root/bin
                cd root; chmod 1777 tmp; mkdir -p old sys proc dev
                for f in \(files.joined(separator: " ")); do mkdir -p $(dirname $f); echo CANARY > $f; done
                chmod 600 \(Self.unreadable.joined(separator: " ")); chmod 644 etc/closed/file opt/closed/file
                chmod 700 etc/closed opt/closed
                mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t cgroup2 none sys/fs/cgroup
                mount --rbind /dev dev
                pivot_root . old; cd /; umount -l /old
                PATH=/bin; RUN="swiftbox run --root /run/state"
                list() { $RUN "$@" find / /tmp /run /var/tmp -xdev -type f -size -8 -exec grep -l CANARY {} + | sort; }
                \(script)
                """)
        }

        @Test(arguments: ["", "--userns host", "--read-only", "--userns 200000:200000:65536", "--network host"])
        func everySecretIsHiddenAndTheRestIsNot(flags: String) throws {
            let outcome = try shellOnOwnRoot("list \(flags)")
            #expect(outcome.lines == Self.visible.sorted(), "\(outcome)")
            #expect(!outcome.errors.contains("cannot be id-mapped"))
        }

        /// The twin: the same search finds them all where they are not hidden.
        @Test func theSearchFindsWhatIsThere() throws {
            let outcome = try shellOnOwnRoot("find / -xdev -type f -size -8 -exec grep -l CANARY {} + | wc -l")
            #expect(
                outcome.lines == ["\(Self.secrets.count + Self.unreadable.count + Self.visible.count)"], "\(outcome)")
        }

        @Test func aVolumeBringsInWhatIsNamed() throws {
            let outcome = try shellOnOwnRoot(
                "list -v /home/user:/home/user | wc -l; $RUN -v /home/user:/u cat /u/.netrc")
            #expect(outcome.lines == ["\(Self.visible.count)", "CANARY"], "\(outcome)")
        }

        @Test(arguments: ["", "--userns host"])
        func nothingOfItIsWritten(flags: String) throws {
            let all =
                "find / -xdev ! -path '/run*' ! -path '/tmp*' -exec stat -c '%n %u %g %a %s %Y %Z' {} + | sort | md5sum"
            let change =
                "echo x > /etc/visible; rm -r /opt; chown 5:5 /usr; mv /etc/ssl /etc/tls; touch /new /tmp/x /root/x"
            let look = "ls -d /opt /etc/tls /new 2>/dev/null; cat /etc/visible"
            let outcome = try shellOnOwnRoot("\(all); $RUN \(flags) sh -c '\(change); \(look)'; ls /tmp; \(all)")
            #expect(Array(outcome.lines.dropFirst().prefix(4)) == ["/etc/tls", "/new", "x", "ssh-agent"], "\(outcome)")
            #expect(outcome.lines.first == outcome.lines.last, "\(outcome)")
        }

        /// The machine's real root, with what it really holds.
        @Test func thisMachinesSecretsAreHidden() throws {
            let bed = try Bed.here
            let here = try bed.command("sh", "-c", "cat /etc/shadow; ls -A /root /home /var/lib").output
            #expect(here.contains("root:"))
            let show =
                "ls /etc/shadow* /etc/gshadow* 2>/dev/null; find /root /home /srv /boot /var/lib /var/spool/ -mindepth 1 -xdev"
            let outcome = try bed.run("sh", "-c", show)
            #expect(outcome.lines.isEmpty, "\(outcome)")
            #expect(try bed.run("cat", "/etc/passwd").output == bed.command("cat", "/etc/passwd").output)
        }

        @Test func itsProgramsRunAndItsTopLevelIsClean() throws {
            let bed = try Bed.here
            let outcome = try bed.run("ls", "/")
            let known: Set = [
                "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc",
                "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var", "nix", "gnu",
            ]
            #expect(outcome.status == 0 && Set(outcome.lines).isSubset(of: known), "\(outcome)")
            // What is mounted elsewhere on the machine is not carried along.
            let mounts = try bed.run("cut", "-d", " ", "-f", "2", "/proc/mounts").lines
            let own = ["/proc", "/dev", "/sys", "/tmp", "/run", "/var/tmp"]
            #expect(
                mounts.allSatisfy { mount in mount == "/" || own.contains { mount == $0 || mount.hasPrefix($0 + "/") } }
            )
        }
    }
}
