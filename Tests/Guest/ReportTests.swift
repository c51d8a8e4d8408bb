import Foundation
import TestBed
import Testing

extension GuestBed {
    /// Reports where every controller counts.
    @Suite struct Reports {
        private func report(_ bed: Bed, _ words: [String], status: Int) throws -> TestBed.Report {
            let path = bed.directory + "/report.json"
            let outcome = try bed.box(["--quiet", "--report", path] + words)
            #expect(outcome.status == status, "\(outcome)")
            return try TestBed.Report(path)
        }

        @Test func outOfMemory() throws {
            let report = try report(Bed.here, ["-m", "32m", "workload", "eat-memory", "100"], status: 137)
            #expect(report.text("status") == "oom" && report.text("signal.name") == "SIGKILL", "\(report)")
            #expect(report.text("oom.process") == "workload" && (report.number("oom.pid") ?? 0) > 1, "\(report)")
            #expect(report.number("oom.limit") == 33_554_432 && report.text("oom.asked") == "--memory 32m")
            #expect(report.text("reason") == "the kernel killed it: out of memory at --memory 32m")
            #expect(report.number("memory.limit") == 33_554_432 && (report.number("memory.events.oom_kill") ?? 0) >= 1)
            // The peak of a box that was killed at its limit is the limit.
            let peak = report.number("memory.peak") ?? 0
            #expect(abs(peak - 33_554_432) < 335_545, "\(peak)")
            let limit = report.list("limits")?.first { $0["asked"] as? String == "--memory 32m" }
            #expect(
                limit?["file"] as? String == "memory.max" && limit?["applied"] as? String == "33554432", "\(report)")
        }

        /// The fate of the main process is its own; a child's is an event.
        @Test func aChildOutOfMemoryIsAnEvent() throws {
            let report = try report(
                Bed.here,
                ["-m", "32m", "--cgroup", "memory.oom.group=0", "sh", "-c", "workload eat-memory 100; exit 7"],
                status: 7)
            #expect(report.text("status") == "exited" && report.number("exit_code") == 7, "\(report)")
            #expect(report.list("events")?.contains { $0["kind"] as? String == "oom_kill" } == true, "\(report)")
        }

        @Test func forksRefused() throws {
            let script = "workload fork-bomb 30; exit 9"
            let report = try report(Bed.here, ["--pids-limit", "8", "sh", "-c", script], status: 9)
            #expect(report.text("status") == "pids_limit" && report.number("pids.limit") == 8, "\(report)")
            #expect(report.number("pids.peak") == 8 && (report.number("pids.refusals") ?? 0) >= 1, "\(report)")
            #expect(report.text("reason") == "forks were refused at --pids-limit 8")
        }

        /// Without a limit of its own a box is counted all the same.
        @Test func everyFigureIsThere() throws {
            let report = try report(Bed.here, ["sh", "-c", "workload fork-bomb 5 >/dev/null; true"], status: 0)
            #expect(report.text("status") == "exited", "\(report)")
            for figure in ["cpu", "memory", "io", "pids", "pressure", "memory.peak", "pids.peak", "cpu.throttled"] {
                #expect(report.reason(figure) == nil, "\(figure): \(report)")
            }
            #expect(
                (report.number("pids.peak") ?? 0) >= 6 && (report.number("memory.peak") ?? 0) > 100_000, "\(report)")
        }

        @Test func throttledTimeIsTold() throws {
            let report = try report(Bed.here, ["--cpus", "0.2", "workload", "burn", "2"], status: 0)
            #expect((report.number("cpu.throttled_periods") ?? 0) >= 5, "\(report)")
            #expect(
                (report.number("cpu.throttled_seconds") ?? 0) > 0.5 && (report.number("cpu.usage_seconds") ?? 9) < 1.2)
        }

        /// What the box reads of its own peak at its very end is what is reported, within one in a hundred.
        @Test func peaksAgreeWithTheCgroupsFiles() throws {
            let bed = try Bed.here
            let path = bed.directory + "/report.json"
            let outcome = try bed.box(
                "--report", path, "-m", "256m", "sh", "-c",
                "dd if=/dev/zero of=/big bs=1M count=100 2>/dev/null; cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/pids.peak"
            )
            #expect(outcome.status == 0, "\(outcome)")
            let seen = outcome.output.split(separator: "\n").compactMap { Double($0) }
            let report = try TestBed.Report(path)
            let peak = try #require(report.number("memory.peak"))
            #expect(seen.count == 2 && abs(peak - seen[0]) <= seen[0] / 100, "\(outcome) \(report)")
            #expect(report.number("pids.peak") == seen.last, "\(report)")
        }

        @Test func deniedSystemCallsAreCounted() throws {
            let bed = try Bed.here
            let path = bed.directory + "/report.json"
            let outcome = try bed.box(
                "--log-denials", "--report", path, "workload", "syscall", "mount", "mount", "bpf", "getpid")
            let report = try TestBed.Report(path)
            let denials = try #require(report.list("denials"), "\(outcome) \(report)")
            let mount = denials.first { $0["syscall"] as? String == "mount" }
            #expect(
                (mount?["count"] as? NSNumber)?.intValue == 2 && mount?["process"] as? String == "workload", "\(report)"
            )
            #expect(denials.contains { $0["syscall"] as? String == "bpf" }, "\(report)")
            #expect(outcome.errors.contains("denied system calls: mount 2x (workload)"), "\(outcome)")
            let quiet = try bed.box("--log-denials", "--report", path, "true")
            #expect(quiet.status == 0, "\(quiet)")
            #expect(try TestBed.Report(path).list("denials")?.isEmpty == true)
        }

        @Test func bytesOfADiskAreCounted() throws {
            let bed = try Bed.here
            let disk = try bed.command("sh", "-c", "mkdir -p /scratch/report").status
            #expect(disk == 0)
            let report = try report(
                bed, ["-v", "/scratch/report:/data", "workload", "write-file", "/data/file", "8"], status: 0)
            let written = report.list("io")?.compactMap { ($0["written_bytes"] as? NSNumber)?.doubleValue }.max() ?? 0
            #expect(written >= 8_388_608 && written < 12_582_912, "\(report)")
            #expect(try bed.command("rm", "-r", "/scratch/report").status == 0)
        }
    }
}
