import BoxCgroup
import BoxDocument
import BoxOCI
import Testing

@testable import BoxRuntime

/// The shape of `events --stats`, against lines that runc 1.1.5 and 1.2 print for the same files.
@Suite struct CgroupStatisticsTests {
    private func text(_ files: [String: String]) -> String {
        String(decoding: JSON.write(CgroupStatistics(CgroupUsage(files: files)).document), as: UTF8.self)
    }

    private let cpuset = """
        "cpuset":{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,"memory_spread_page":0,\
        "memory_spread_slab":0,"memory_pressure":0,"sched_load_balance":0,"sched_relax_domain_level":0}
        """

    @Test func nothingCountedIsZeroOrAbsent() {
        #expect(
            text([:]) == """
                {"cpu":{"usage":{"kernel":0,"user":0},"throttling":{}},\(cpuset),\
                "memory":{"usage":{"limit":0,"failcnt":0},"swap":{"limit":0,"failcnt":0},\
                "kernel":{"limit":0,"failcnt":0},"kernelTCP":{"limit":0,"failcnt":0}},\
                "pids":{},"blkio":{},"hugetlb":{},"intel_rdt":{},"network_interfaces":null}
                """)
    }

    @Test func countsAreRuncs() {
        let files = [
            "cpu.stat": """
            usage_usec 459005
            user_usec 118619
            system_usec 340385
            nr_periods 3
            nr_throttled 2
            throttled_usec 7

            """,
            "memory.current": "421888\n", "memory.max": "max\n", "memory.swap.current": "8\n",
            "memory.swap.max": "max\n",
            "memory.stat": "file 122880\nanon 53248\n", "memory.events": "max 4\n", "pids.current": "1\n",
            "pids.max": "50\n", "hugetlb.2MB.current": "2097152\n", "hugetlb.2MB.events": "max 3\n",
            "hugetlb.1GB.current": "0\n",
        ]
        #expect(
            text(files) == """
                {"cpu":{"usage":{"total":459005000,"kernel":340385000,"user":118619000},\
                "throttling":{"periods":3,"throttledPeriods":2,"throttledTime":7000}},\(cpuset),\
                "memory":{"cache":122880,"usage":{"limit":18446744073709551615,"usage":421888,"failcnt":4},\
                "swap":{"limit":18446744073709551615,"usage":421896,"failcnt":0},\
                "kernel":{"limit":0,"failcnt":0},"kernelTCP":{"limit":0,"failcnt":0},\
                "raw":{"anon":53248,"file":122880}},\
                "pids":{"current":1,"limit":50},"blkio":{},\
                "hugetlb":{"1GB":{"failcnt":0},"2MB":{"usage":2097152,"failcnt":3}},"intel_rdt":{},\
                "network_interfaces":null}
                """)
    }

    @Test func limitsOfSwapCountMemoryToo() {
        let memory = text(["memory.max": "100\n", "memory.swap.max": "50\n", "memory.peak": "90\n"])
        #expect(
            memory.contains(#""usage":{"limit":100,"max":90,"failcnt":0},"swap":{"limit":150,"failcnt":0}"#),
            "\(memory)")
    }

    @Test func devicesPressureAndLists() {
        let found = text([
            "io.stat": "254:0 rbytes=4096 wbytes=0 rios=1 wios=2 dbytes=9 dios=9\n", "cpuset.cpus.effective": "0-2,5\n",
            "cpuset.mems.effective": "0\n",
            "io.pressure":
                "some avg10=1.50 avg60=0.00 avg300=0.00 total=17\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n",
        ])
        #expect(found.contains(#""cpuset":{"cpus":[0,1,2,5],"cpu_exclusive":0,"mems":[0],"#), "\(found)")
        #expect(
            found.contains(
                """
                "blkio":{"ioServiceBytesRecursive":[{"major":254,"op":"Read","value":4096},{"major":254,"op":"Write"}],\
                "ioServicedRecursive":[{"major":254,"op":"Read","value":1},{"major":254,"op":"Write","value":2}],\
                "psi":{"some":{"avg10":1.5,"avg60":0,"avg300":0,"total":17},"full":{"avg10":0,"avg60":0,"avg300":0,"total":3}}}
                """), "\(found)")
    }
}

@Suite struct IntervalTests {
    @Test(arguments: [("5s", 5000), ("1m30s", 90_000), ("250ms", 250), ("1.5s", 1500), ("1h", 3_600_000), ("10us", 1)])
    func isAsGoWritesIt(text: String, milliseconds: Int64) throws {
        #expect(try Interval(text, flag: "--interval").milliseconds == milliseconds)
    }

    @Test(arguments: ["", "0", "0s", "5", "s", "-1s", "1x", "1s ", "99999999999h", "1..5s"])
    func refusesWhatIsNoTime(text: String) {
        let error = #expect(throws: BoxError.self) { try Interval(text, flag: "--interval") }
        #expect(error?.field == "--interval")
    }
}

@Suite struct ProcessTableTests {
    private let output = "  PID COMMAND\n   1 init\n  12 sleep 1\n 112 sleep 12\n"

    @Test func hasTheRowsOfThePidsAlone() throws {
        #expect(try ProcessTable.rows(of: [12], in: output) == "  PID COMMAND\n  12 sleep 1")
        #expect(try ProcessTable.rows(of: [], in: output) == "  PID COMMAND")
    }

    @Test func needsTheColumn() {
        let error = #expect(throws: BoxError.self) { try ProcessTable.rows(of: [1], in: "COMMAND\ninit\n") }
        #expect(error?.remedy?.contains("-o pid") == true)
    }
}
