import BoxSystem
import TestBed
import Testing

extension GuestBed {
    @Suite struct Processors {
        /// Seen from outside while it is busy: what start-up used does not count. 1.5 needs two that burn.
        @Test(arguments: [("0.25", 0.25), ("1.5", 1.5)])
        func keepsToItsQuota(cpus: String, share: Double) throws {
            let box = try Bed.here.startBox(
                "--init", "--name", "quota", "--cpus", cpus, "sh", "-c",
                "echo ready; workload burn 60 & exec workload burn 60")
            try box.waitForOutput("ready")
            let used = try use(of: ["quota"])[0]
            let throttled = try Cgroups.number("nr_throttled", in: "swiftbox-quota/cpu.stat")
            box.signal(15)
            #expect(try box.wait().status == 143)
            #expect(isNear(used, share, within: 0.1), "\(used)")
            #expect(throttled.map { $0 > 0 } == true)
        }

        /// Two boxes on one processor, both always runnable.
        @Test func sharesByWeight() throws {
            let bed = try Bed.here
            let boxes = try ["100", "300"].map { weight in
                let box = try bed.startBox(
                    "--init", "--name", "weight-\(weight)", "--cpu-weight", weight, "--cpuset-cpus", "1",
                    "sh", "-c", "echo ready; exec workload burn 60")
                try box.waitForOutput("ready")
                return box
            }
            let used = try use(of: ["weight-100", "weight-300"])
            for box in boxes { box.signal(15) }
            for box in boxes { #expect(try box.wait().status == 143) }
            #expect(isNear(used[1] / used[0], 3, within: 0.1), "\(used)")
            #expect(isNear(used[0] + used[1], 1, within: 0.1), "the processor was not fought for: \(used)")
        }

        /// The processors that each of the boxes used on average in the same four seconds.
        private func use(of boxes: [String]) throws -> [Double] {
            func microseconds() throws -> [Double] {
                try boxes.map { try #require(try Cgroups.number("usage_usec", in: "swiftbox-\($0)/cpu.stat")) }
            }
            let start = now()
            let before = try microseconds()
            _ = poll(4) { false }
            return zip(try microseconds(), before).map { ($0 - $1) / 1e6 / (now() - start) }
        }

        @Test func runsWhereItsSetIs() throws {
            let outcome = try Bed.here.box(
                "--cpuset-cpus", "1", "--cpuset-mems", "0", "sh", "-c",
                "nproc; cat /sys/fs/cgroup/cpuset.cpus.effective /sys/fs/cgroup/cpuset.mems.effective; workload status")
            #expect(outcome.output.hasPrefix("1\n1\n0\n"), "\(outcome)")
            #expect(outcome.output.contains("Cpus_allowed_list=1\n"), "\(outcome)")
        }

        @Test(arguments: [("--cpuset-cpus", "99"), ("--cpuset-mems", "7")])
        func refusesWhatIsNotThere(flag: String, list: String) throws {
            let outcome = try Bed.here.box(flag, list, "true")
            #expect(outcome.status == 125 && outcome.errors.contains("cannot apply \(flag) \(list)"), "\(outcome)")
        }
    }
}
