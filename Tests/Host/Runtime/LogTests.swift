import TestBed
import Testing

extension HostBed {
    /// `--log journald:NAME` and `--log syslog:NAME`, heard at the sockets of a machine that has nothing else.
    @Suite struct SystemLogs {
        private func heard(_ target: String, at socket: String) throws -> Outcome {
            let bed = try Bed.here
            let listener = """
                from socket import AF_UNIX, SOCK_DGRAM, socket
                from subprocess import DEVNULL, run
                from sys import argv
                log = socket(AF_UNIX, SOCK_DGRAM)
                log.bind(argv[1])
                status = run(argv[2:], stderr=DEVNULL).returncode
                log.settimeout(10)
                print(status, log.recv(4096))
                """
            let script = """
                mount -t tmpfs none /dev && mknod /dev/null c 1 3 && mount -t tmpfs none /run || exit
                mkdir -p /run/systemd/journal && exec python3 "$@"
                """
            let runtime = try [Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "--log", target]
            let words = ["unshare", "--mount", "sh", "-c", script, "sh", "-c", listener, socket]
            return try Command(words + runtime + ["state", "nobody"]).start(in: bed).wait()
        }

        /// The native protocol: a field a line, one of several lines with its length in front.
        @Test func journal() throws {
            let outcome = try heard("journald:engine", at: "/run/systemd/journal/socket")
            let start = #"1 b'PRIORITY=3\nSYSLOG_IDENTIFIER=engine\nMESSAGE\n"#
            #expect(outcome.output.hasPrefix(start) && outcome.output.contains("nobody"), "\(outcome)")
        }

        /// RFC 3164: facility user (1), severity error (3).
        @Test func syslog() throws {
            let outcome = try heard("syslog:", at: "/dev/log")
            #expect(outcome.output.hasPrefix("1 b'<11>swiftbox-runtime: "), "\(outcome)")
            #expect(outcome.output.contains("nobody"), "\(outcome)")
        }

        /// Where nobody listens, it is told on standard error, and so is the error.
        @Test func nobodyListens() throws {
            let bed = try Bed.here
            let runtime = try [Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "--log", "journald:x"]
            let script = "mount -t tmpfs none /run && exec \"$@\""
            let words = ["unshare", "--mount", "sh", "-c", script, "sh"] + runtime + ["state", "nobody"]
            let outcome = try Command(words).start(in: bed).wait()
            #expect(outcome.status == 1 && outcome.errors.contains("cannot write the log"), "\(outcome)")
            #expect(outcome.errors.contains("nobody does not exist"), "\(outcome)")
        }
    }
}
