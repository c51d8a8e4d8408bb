import Glibc
import TestBed
import Testing

extension HostBed {
    /// `--boottime-offset`, `--monotonic-offset` and linux.timeOffsets.
    @Suite struct TimeNamespace {
        private func uptime(_ outcome: Outcome) throws -> Double {
            try #require(outcome.output.split(separator: " ").first.flatMap { Double($0) }, "\(outcome)")
        }

        @Test func shiftsTheTimeSinceBoot() throws {
            let bed = try Bed.here
            let plain = try uptime(bed.box("cat", "/proc/uptime"))
            let later = try uptime(bed.box("--boottime-offset", "30d12h", "cat", "/proc/uptime"))
            #expect(later - plain >= 30.5 * 86400 && later - plain < 30.5 * 86400 + 60)
            let earlier = try uptime(bed.box("--boottime-offset", "-1500ms", "cat", "/proc/uptime"))
            #expect(earlier < plain + 60)
        }

        /// The kernel keeps what was asked, to the nanosecond; and nobody outside is concerned.
        @Test func offsetsAreTheOnesAskedFor() throws {
            let bed = try Bed.here
            let outcome = try bed.box(
                "--monotonic-offset", "-1500ms", "--boottime-offset", "1m", "cat", "/proc/self/timens_offsets")
            let numbers = outcome.output.split { $0 == " " || $0 == "\n" }.map(String.init)
            #expect(numbers == ["monotonic", "-2", "500000000", "boottime", "60", "0"], "\(outcome)")
            let limited = try bed.box("--monotonic-offset", "7d", "--timeout", "300ms", "sleep", "30")
            #expect(limited.status == 137 && limited.seconds < 20, "\(limited)")
        }

        @Test func isTheConfigurationsToo() throws {
            var config = try Config("cat", "/proc/self/timens_offsets")
            config.set("linux.namespaces", [["type": "mount"], ["type": "pid"], ["type": "uts"], ["type": "time"]])
            config.set("linux.timeOffsets", ["boottime": ["secs": 5, "nanosecs": 7]])
            let outcome = try Bed.here.runtime("run", "--bundle", Bed.here.makeBundle(config), "clock")
            #expect(outcome.output.split { $0 == " " || $0 == "\n" }.suffix(3) == ["boottime", "5", "7"], "\(outcome)")
        }

        @Test func badOffsetsAreRefused() throws {
            let outcome = try Bed.here.box("--boottime-offset", "yesterday", "true")
            #expect(outcome.status == 125 && outcome.errors.contains("--boottime-offset yesterday: is not a duration"))
            let back = try Bed.here.box("--boottime-offset", "-36500d", "true")
            #expect(back.status == 125 && back.errors.contains("--boottime-offset"), "\(back)")
        }
    }
}
