import BoxCgroup
import BoxSystem
import Testing

@testable import BoxRuntime

@Suite struct ReportParsingTests {
    /// FIPS 180-4's own examples, and the lengths round the end of a block.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func digests(text: String, expected: String) { #expect(SHA256.digest(Array(text.utf8)) == "sha256:" + expected) }

    @Test func readsWhatTheCgroupCounted() {
        let usage = CgroupUsage(files: [
            "cpu.stat": "usage_usec 12\nuser_usec 7\n", "memory.peak": "4096\n", "memory.max": "max\n",
            "io.stat": "253:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n8:0\n",
            "cpu.pressure": "some avg10=1.50 avg60=0.00 avg300=0.00 total=77\n",
        ])
        #expect(usage.value("usage_usec", in: "cpu.stat") == 12 && usage.value("nr_periods", in: "cpu.stat") == nil)
        #expect(
            usage.number("memory.peak") == 4096 && usage.number("memory.max") == nil
                && usage.text("memory.max") == "max")
        #expect(usage.devices.count == 1 && usage.devices.first?.device == "253:0")
        #expect(usage.devices.first?.values.first { $0.name == "wios" }?.value == 4)
        #expect(usage.pressure("some", in: "cpu.pressure")?.last?.value == "77")
        #expect(usage.pressure("full", in: "cpu.pressure") == nil && usage.pressure("some", in: "io.pressure") == nil)
    }

    @Test func readsDenialsFromTheAudit() {
        let head =
            "audit(1700000000.123:45): auid=4294967295 uid=524288 gid=0 ses=4294967295 pid=77 comm=\"sh\" exe=\"/bin/sh\""
        let denial = Denials.parse(head + " sig=0 arch=c000003e syscall=165 compat=0 ip=0x0 code=0x50001")
        #expect(denial?.key.syscall == "mount" && denial?.key.process == "sh", "\(String(describing: denial))")
        #expect(denial?.pid == 77 && denial?.user == 524_288)
        #expect(Denials.parse(head + " sig=0 arch=c000003e syscall=165 compat=0 ip=0x0 code=0x7ffc0000") == nil)
        #expect(Denials.parse("audit(1.2:3): something else") == nil)
    }

    @Test func readsTheVictimFromTheKernelsLog() {
        let record =
            "6,900,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/swiftbox-a,task_memcg=/swiftbox-a,task=my,prog,pid=77,uid=0\n"
        let victim = KilledProcess.parse(record, cgroup: "/swiftbox-a")
        #expect(victim?.name == "my,prog" && victim?.pid == 77)
        #expect(KilledProcess.parse(record, cgroup: "/swiftbox-ab") == nil)
        #expect(KilledProcess.parse("6,1,1,-;something else", cgroup: "/swiftbox-a") == nil)
    }

    @Test(
        arguments: [
            ("SIGTERM", 15), ("term", 15), ("15", 15), ("SIGRTMIN+3", 37), ("0", nil), ("32", nil), ("TERMS", nil),
            ("+5", nil),
            ("RTMIN+31", nil),
        ] as [(String, CInt?)])
    func readsSignals(text: String, number: CInt?) {
        #expect(SignalNames.number(text) == number)
        if let number { #expect(SignalNames.number(SignalNames.name(number)) == number) }
    }
}
