import Glibc
import TestBed
import Testing

/// The options that mountinfo(5) shows of a place, as a mount and as a file system.
let showMount = """
    show() { awk -v at="$1" '$5 == at { split($0, half, " - "); print $6 "," half[2] }' /proc/self/mountinfo | tail -n 1; }
    """

extension Conformance {
    /// `rbind`, the recursive options, and propagation.
    @Suite struct RecursiveMounts {
        /// rbind carries mounts along; `rro` and its kin reach them, `ro` does not.
        @Test func recursiveOptions() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try makeFolder(source + "/sub")
            let box = try bed.container(Config("/bin/true"))
            var config = try Config(
                script: showMount + """

                    for m in /plain /plain/sub /rro/sub /all /all/sub; do echo "$m=$(show $m | cut -d' ' -f1)"; done
                    ls /single/sub
                    """)
            let mounts: [(String, [String])] = [
                ("/plain", ["rbind", "ro"]), ("/rro", ["rbind", "rro"]),
                ("/all", ["rbind", "rro", "rnosuid", "rnodev", "rnoexec"]),
                ("/single", ["bind"]),
            ]
            for (place, options) in mounts {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "bind", "source": source, "options": options] as [String: Any])
            }
            try box.write(config)
            let outcome = try bed.withMounts(
                "mount -t tmpfs none \(source)/sub && touch \(source)/sub/below", ["run", "-b", box.bundle, box.id])
            outcome.expect()
            let facts = outcome.facts
            func words(_ place: String) -> Set<String> {
                Set((facts[place] ?? "").split(separator: ",").map(String.init))
            }
            #expect(words("/plain").contains("ro") && words("/plain/sub").contains("rw"), "\(outcome)")
            #expect(words("/rro/sub").contains("ro"), "\(outcome)")
            for place in ["/all", "/all/sub"] {
                #expect(words(place).isSuperset(of: ["ro", "nosuid", "nodev", "noexec"]), "\(outcome)")
            }
            #expect(!outcome.output.contains("below"), "\(outcome)")
        }

        @Test func recursiveAccessTimes() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try makeFolder(source + "/sub")
            var config = try Config(
                script: showMount + "\nfor m in /a/sub /b/sub /c/sub; do echo \"$m=$(show $m | cut -d' ' -f1)\"; done")
            for (place, options) in [
                ("/a", ["rbind", "rnoatime"]), ("/b", ["rbind", "rstrictatime"]), ("/c", ["rbind", "rnodiratime"]),
            ] {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "bind", "source": source, "options": options] as [String: Any])
            }
            let box = try bed.container(config)
            try bed.withMounts("mount -t tmpfs none \(source)/sub", ["run", "-b", box.bundle, box.id])
                .expect(["/a/sub": "rw,noatime,tmpfs", "/b/sub": "rw,tmpfs", "/c/sub": "rw,nodiratime,relatime,tmpfs"])
        }

        /// What the host mounts later is seen below a slave, and what the container mounts is not seen by the host.
        @Test func mountsOfTheHostReachASlave() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            var config = try Config(
                script:
                    "echo go >/m/go; for i in $(seq 200); do test -e /m/sub/below && echo m=seen && break; sleep 0.05; done; ls /p/sub"
            )
            for (place, kind) in [("/m", "rslave"), ("/p", "rprivate")] {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "bind", "source": source, "options": ["rbind", kind]]
                        as [String: Any])
            }
            let box = try bed.container(config)
            let script = """
                mount -t tmpfs none \(source); mount --make-shared \(source); mkdir \(source)/sub
                (until test -e \(source)/go; do sleep 0.05; done; mount -t tmpfs none \(source)/sub; touch \(source)/sub/below) &
                """
            let outcome = try bed.withMounts(script, ["run", "-b", box.bundle, box.id])
            outcome.expect(["m": "seen"])
            #expect(!outcome.output.contains("below"), "\(outcome)")
        }

        /// Each takes back what the mount below had, or what the option before it said.
        @Test func recursiveOptionsThatClear() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            try makeFolder(source + "/sub")
            var config = try Config(
                script: showMount + "\nfor m in /a/sub /b/sub /c/sub; do echo \"$m=$(show $m | cut -d' ' -f1)\"; done")
            for (place, options) in [
                ("/a", ["rbind", "rsuid", "rdev", "rexec", "rrw"]), ("/b", ["rbind", "rnosuid", "rsuid"]),
                ("/c", ["rbind", "rnodiratime", "rnosymfollow", "rsymfollow", "rrelatime"]),
            ] {
                config.set(
                    "mounts.+",
                    ["destination": place, "type": "bind", "source": source, "options": options] as [String: Any])
            }
            let box = try bed.container(config)
            let outcome = try bed.withMounts(
                "mount -t tmpfs -o ro,nosuid,nodev,noexec none \(source)/sub", ["run", "-b", box.bundle, box.id])
            outcome.expect()
            let facts = outcome.facts
            #expect(facts["/a/sub"]?.hasPrefix("rw,") == true && facts["/a/sub"]?.contains("no") == false, "\(outcome)")
            #expect(facts["/b/sub"]?.contains("nosuid") == false, "\(outcome)")
            #expect(
                facts["/c/sub"]?.contains("nodiratime") == true && facts["/c/sub"]?.contains("nosymfollow") == false,
                "\(outcome)")
        }

        /// mount_namespaces(7): what mountinfo says in its optional fields.
        @Test func propagationOfAMount() throws {
            let bed = try Bed.here
            let source = try bed.newDirectory("source")
            let kinds = ["private", "slave", "shared", "unbindable", "rprivate", "rslave", "rshared", "runbindable"]
            var config = try Config(
                script:
                    "for m in \(kinds.map { "/" + $0 }.joined(separator: " ")); do echo \"$m=$(grep \" $m \" /proc/self/mountinfo | cut -d' ' -f7)\"; done"
            )
            for kind in kinds {
                config.set(
                    "mounts.+",
                    ["destination": "/\(kind)", "type": "bind", "source": source, "options": ["rbind", kind]]
                        as [String: Any])
            }
            let outcome = try bed.container(config).run()
            outcome.expect([
                "/private": "-", "/unbindable": "unbindable", "/rprivate": "-", "/runbindable": "unbindable",
            ])
            for kind in ["/shared", "/rshared"] {
                #expect(outcome.facts[kind]?.hasPrefix("shared:") == true, "\(outcome)")
            }
        }
    }
}
