import Foundation
import Glibc
import TestBed
import Testing

extension HostBed {
    /// The report of each way to end that needs no limits of the host; those are in the guest's tests.
    @Suite struct Reports {
        private static let keys: Set<String> = [
            "schema", "id", "spec_digest", "command", "started", "finished", "wall_seconds", "status", "exit_code",
            "signal",
            "exit_status", "reason", "error", "timeout", "oom", "cpu", "memory", "io", "pids", "pressure", "denials",
            "limits", "events", "copy_out", "warnings", "unavailable",
        ]

        private func report(_ bed: Bed, _ words: [String], status: Int) throws -> TestBed.Report {
            let path = bed.directory + "/report.json"
            let outcome = try bed.box(["--quiet", "--report", path] + words)
            #expect(outcome.status == status, "\(outcome)")
            let report = try TestBed.Report(path)
            #expect(report.keys == Self.keys)
            #expect(report.number("schema") == 1 && report.number("exit_status") == Double(status), "\(report)")
            #expect(report.text("finished") ?? "" >= report.text("started") ?? "~", "\(report)")
            for figure in ["oom", "cpu", "memory", "io", "pids", "pressure", "denials"]
            where report.number(figure) == nil && report.list(figure) == nil && figure != "oom" {
                let isThere = report.description.contains("\"\(figure)\": {") || report.reason(figure) != nil
                #expect(isThere, "\(figure) is null without a reason: \(report)")
            }
            return report
        }

        @Test func exited() throws {
            let report = try report(Bed.here, ["--name", "tell", "sh", "-c", "exit 3"], status: 3)
            #expect(
                report.text("status") == "exited" && report.number("exit_code") == 3
                    && report.text("signal.name") == nil)
            #expect(report.text("id") == "tell" && report.words("command") == ["sh", "-c", "exit 3"])
            #expect(report.text("reason") == "the command exited with 3" && report.text("error.message") == nil)
            #expect(
                (report.number("cpu.usage_seconds") ?? 0) > 0 && (report.number("wall_seconds") ?? 0) > 0, "\(report)")
            #expect(report.text("spec_digest")?.hasPrefix("sha256:") == true)
        }

        @Test func signaled() throws {
            let bed = try Bed.here
            let pidFile = bed.directory + "/pid"
            let path = bed.directory + "/killed.json"
            let running = try bed.startBox(
                "--quiet", "--report", path, "--pidfile", pidFile, "workload", "sleep-forever")
            try running.waitForOutput("ready")
            kill(try bed.number(in: pidFile), SIGKILL)
            #expect(try running.wait().status == 137)
            let second = try TestBed.Report(path)
            #expect(second.text("status") == "signaled" && second.number("signal.number") == 9, "\(second)")
            #expect(second.text("signal.name") == "SIGKILL" && second.number("exit_code") == nil)
        }

        /// The second Ctrl-C.
        @Test func killed() throws {
            let bed = try Bed.here
            let path = bed.directory + "/report.json"
            let running = try bed.startBox("--quiet", "--report", path, "workload", "sleep-forever")
            try running.waitForOutput("ready")
            running.signal(SIGINT)
            usleep(50_000)
            running.signal(SIGINT)
            #expect(try running.wait().status == 137)
            let report = try TestBed.Report(path)
            #expect(report.text("status") == "killed" && report.text("signal.name") == "SIGKILL", "\(report)")
            #expect(report.text("reason")?.contains("told to end") == true)
        }

        /// Process 1 without a handler would not notice the signal, so nobody waits for it.
        @Test func timeoutOfWhoDoesNotListen() throws {
            let report = try report(
                Bed.here, ["--timeout", "300ms", "--stop-timeout", "60s", "sleep", "300"], status: 137)
            #expect(report.text("status") == "timeout" && report.text("signal.name") == "SIGKILL")
            #expect(report.text("timeout.clock") == "wall" && report.number("timeout.limit_seconds") == 0.3)
            #expect((report.number("wall_seconds") ?? 0) >= 0.3 && (report.number("wall_seconds") ?? 99) < 30)
            #expect(report.text("reason") == "time-out: the box was ended after --timeout 300ms")
        }

        @Test func timeoutOfWhoListens() throws {
            let bed = try Bed.here
            let script = "trap 'echo told; exit 0' TERM; while :; do sleep 0.02; done"
            let path = bed.directory + "/report.json"
            let outcome = try bed.box("--report", path, "--timeout", "300ms", "sh", "-c", script)
            #expect(outcome.status == 124 && outcome.output == "told\n", "\(outcome)")
            #expect(outcome.errors.contains("time-out: the box was ended after --timeout 300ms"))
            let report = try TestBed.Report(path)
            #expect(report.text("status") == "timeout" && report.number("exit_code") == 0)
        }

        /// Patience ends: all processes of the box, not only the one that was told.
        @Test func timeoutOfWhoIsDeaf() throws {
            let script = "trap '' TERM; sleep 300 & trap : TERM; while :; do sleep 0.05; done"
            let report = try report(
                Bed.here, ["--timeout", "200ms", "--stop-timeout", "200ms", "sh", "-c", script], status: 137)
            #expect(report.text("status") == "timeout" && report.text("signal.name") == "SIGKILL")
        }

        @Test func cpuTimeout() throws {
            let report = try report(
                Bed.here, ["--cpu-timeout", "300ms", "sh", "-c", "while :; do :; done"], status: 137)
            #expect(report.text("status") == "timeout" && report.text("timeout.clock") == "cpu")
            #expect((report.number("cpu.usage_seconds") ?? 0) >= 0.3, "\(report)")
            let idle = try Bed.here.box("--cpu-timeout", "2s", "sleep", "0.1")
            #expect(idle.status == 0, "\(idle)")
        }

        @Test(arguments: [
            (["nothing"], 127, "notFound", "was not found in the box"),
            (["-m", "12q", "true"], 125, "invalidSpec", "is not a size"),
            (["-v", "/nowhere:/x", "true"], 125, "notFound", "/nowhere"),
        ])
        func failedToStart(words: [String], status: Int, kind: String, message: String) throws {
            let report = try report(Bed.here, words, status: status)
            #expect(report.text("status") == "failed_to_start" && report.text("error.kind") == kind, "\(report)")
            #expect(report.text("error.message")?.contains(message) == true, "\(report)")
            #expect(report.reason("cpu") == "the box did not come to run" && report.number("exit_code") == nil)
        }

        /// A default that this host cannot apply is told as one.
        @Test func limitsSayWhatWasAppliedAndWhatNot() throws {
            let report = try report(
                Bed.here, ["--cgroup", "cgroup.max.depth=8", "--ulimit", "nofile=64", "true"], status: 0)
            let limits = try #require(report.list("limits"))
            let depth = limits.first { $0["asked"] as? String == "--cgroup cgroup.max.depth=8" }
            #expect(depth?["applied"] as? String == "8" && depth?["file"] as? String == "cgroup.max.depth", "\(report)")
            #expect(
                limits.contains { $0["asked"] as? String == "RLIMIT_NOFILE" && $0["applied"] as? String == "64:64" })
        }

        @Test func aDescriptorGetsItAndTheBoxDoesNot() throws {
            let bed = try Bed.here
            let path = bed.directory + "/by-number.json"
            let program = try Bed.binary("swiftbox")
            let root = try bed.rootfs()
            let outcome = try bed.command(
                "sh", "-c",
                "exec 7>\(path); exec \(program) run --quiet --root \(bed.stateRoot) --rootfs \(root) --report fd:7 ls /proc/self/fd"
            )
            #expect(outcome.status == 0 && outcome.output == "0\n1\n2\n3\n", "\(outcome)")
            #expect(try TestBed.Report(path).text("status") == "exited")
        }

        @Test(arguments: [
            ("-", "standard output is the workload's"), ("fd:1", "N above 2"), ("fd:77", "not open for writing"),
            ("/nowhere/report", "No such file"), ("/", "Is a directory"),
        ])
        func whatCannotBeWrittenIsRefusedFirst(target: String, message: String) throws {
            let outcome = try Bed.here.box("--report", target, "echo", "started")
            #expect(outcome.status == 125 && outcome.output.isEmpty && outcome.errors.contains(message), "\(outcome)")
        }

        @Test func isShownToPeople() throws {
            let bed = try Bed.here
            _ = try report(bed, ["--cpu-timeout", "200ms", "sh", "-c", "while :; do :; done"], status: 137)
            let program = try Bed.binary("swiftbox")
            let shown = try bed.command(program, "report", "show", bed.directory + "/report.json")
            #expect(
                shown.status == 0
                    && shown.output.contains("timeout: time-out: the box was ended at --cpu-timeout 200ms"))
            #expect(shown.output.contains("████████████████████ 100 %") && !shown.output.contains("\u{1B}"), "\(shown)")
            try bed.write("{\"schema\": 99, \"status\": \"exited\"}", to: bed.directory + "/later.json")
            let later = try bed.command(program, "report", "show", bed.directory + "/later.json")
            #expect(later.status == 125 && later.errors.contains("reads up to 1"), "\(later)")
            try bed.write("{\"schema\": 1,,", to: bed.directory + "/broken.json")
            #expect(
                try bed.command(program, "report", "show", bed.directory + "/broken.json").errors.contains(
                    "broken.json:1:14"))
        }

        @Test func whatSwiftboxSaysGoesToTheLog() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            let outcome = try bed.box("--log", log, "--timeout", "100ms", "sh", "-c", "echo mine >&2; sleep 9")
            #expect(outcome.status == 137 && outcome.errors == "mine\n", "\(outcome)")
            #expect(try String(contentsOfFile: log, encoding: .utf8).contains("time-out: "))
            let quiet = try bed.box("--quiet", "--timeout", "100ms", "sleep", "9")
            #expect(quiet.status == 137 && quiet.errors.isEmpty, "\(quiet)")
            #expect(try bed.box("--quiet", "-m", "12q", "true").errors.contains("is not a size"))
        }

        @Test(arguments: [
            ("--timeout", "0"), ("--timeout", "soon"), ("--cpu-timeout", "-1s"), ("--stop-timeout", "-5"),
        ])
        func badDurationsAreRefused(flag: String, value: String) throws {
            let outcome = try Bed.here.box("\(flag)=\(value)", "true")
            #expect(outcome.status == 125 && outcome.errors.contains(flag), "\(outcome)")
        }
    }
}
