import TestBed
import Testing

extension GuestBed {
    /// `/scratch`, where the bed's directory is, lies on /dev/vda.
    @Suite struct BlockIO {
        /// Requests are 64 KB each: 16 of them a megabyte.
        @Test(arguments: [("bps", "2m", 6, 3.0), ("iops", "20", 4, 3.2)])
        func keepsToItsRate(unit: String, rate: String, megabytes: Int, wanted: Double) throws {
            let bed = try Bed.here
            let outcome = try bed.box(
                "--device-write-\(unit)", "/dev/vda:\(rate)", "--device-read-\(unit)", "/dev/vda:\(rate)",
                "-v", "\(bed.directory):/data", "sh", "-c",
                "workload write-file /data/file \(megabytes) && workload read-file /data/file")
            let seconds = outcome.output.split { $0.isWhitespace }.compactMap { Double($0) }
            #expect(outcome.status == 0 && seconds.count == 2, "\(outcome)")
            for duration in seconds { #expect(isNear(duration, wanted, within: 0.15), "\(outcome)") }
        }

        @Test func isNotSlowedDownUnasked() throws {
            let bed = try Bed.here
            let outcome = try bed.box("-v", "\(bed.directory):/data", "workload", "write-file", "/data/file", "6")
            #expect(outcome.number(after: "seconds").map { $0 < 1.5 } == true, "\(outcome)")
        }

        @Test func findsTheDeviceBehindAPath() throws {
            let bed = try Bed.here
            let link = bed.directory + "/disk"
            try bed.command("ln", "-s", "/dev/vda", link)
            let outcome = try bed.box(
                "--device-read-bps", "\(link):1m", "--device-write-iops", "/dev/vda:50", "cat", "/sys/fs/cgroup/io.max")
            #expect(outcome.output == "254:0 rbps=1048576 wbps=max riops=max wiops=50\n", "\(outcome)")
        }
    }
}
