import Foundation
import Glibc

/// Somebody who is not root, with a home, a copy of swiftbox and a place for the state of boxes.
public struct OrdinaryUser {
    public let bed: Bed
    public let home: String
    private static let id = 4242

    public init(_ bed: Bed) throws {
        self.bed = bed
        home = try bed.newDirectory("home")
        // The way there is for everybody, what lies beside it is not.
        var way = bed.directory
        while way != "/" && way != "/tmp" {
            chmod(way, 0o711)
            way = URL(filePath: way).deletingLastPathComponent().path(percentEncoded: false)
            while way.count > 1 && way.hasSuffix("/") { way.removeLast() }
        }
        try FileManager.default.copyItem(atPath: try Bed.binary("swiftbox"), toPath: home + "/swiftbox")
        try bed.write("a secret of mine\n", to: home + "/secret")
        chmod(home + "/secret", 0o600)
        chmod(home, 0o700)
        for path in [home, home + "/secret", home + "/swiftbox"] { chown(path, uid_t(Self.id), gid_t(Self.id)) }
    }

    /// `swiftbox VERB WORDS…` as this user, in a clean environment.
    public func command(_ verb: String, _ words: [String] = []) -> Command {
        Command(
            Self.becoming + [
                "env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=\(home)", home + "/swiftbox", verb,
            ]
                + (verb == "run" ? ["--quiet"] : []) + ["--root", home + "/state"] + words)
    }

    private static let becoming = ["setpriv", "--reuid=\(id)", "--regid=\(id)", "--clear-groups"]

    public func run(_ words: String..., input: String = "") throws -> Outcome {
        try command("run", words).start(in: bed, input: input).wait()
    }

    /// The same where /etc/subuid and /etc/subgid give this user 1,000 ids.
    public func runWithIDs(_ words: String...) throws -> Outcome {
        let etc = try bed.newDirectory("etc")
        for name in ["subuid", "subgid"] { try bed.write("boxer:700000:1000\n", to: "\(etc)/\(name)") }
        let passwd = try String(contentsOfFile: "/etc/passwd", encoding: .utf8)
        try bed.write(passwd + "boxer:x:\(Self.id):\(Self.id)::\(home):/bin/sh\n", to: etc + "/passwd")
        let script = "mount -t overlay -o lowerdir=\(etc):/etc overlay /etc && exec \"$@\""
        return try Command(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]
                + command("run", words).arguments
        ).start(in: bed).wait()
    }

    /// The same in a cgroup that belongs to this user, alone in it: as `systemd-run --user --scope` would have it.
    public func runDelegated(_ words: String..., controllers: String) throws -> Outcome {
        let script = """
            set -e; group=/sys/fs/cgroup/swiftbox-user-\(Self.id); mkdir "$group"
            for one in \(controllers); do echo "+$one" >/sys/fs/cgroup/cgroup.subtree_control; done
            chown \(Self.id) "$group" "$group"/cgroup.procs "$group"/cgroup.subtree_control "$group"/cgroup.threads
            status=0; sh -c 'echo 0 >"$0/cgroup.procs"; exec "$@"' "$group" "$@" || status=$?
            find "$group" -mindepth 1 -type d | sed 's/^/left behind: /' >&2
            rmdir "$group"; exit $status
            """
        return try Command(["sh", "-c", script, "sh"] + command("run", words).arguments).start(in: bed).wait(
            timeout: 120)
    }
}
