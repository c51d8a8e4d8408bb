import BoxOCI
import Testing

@testable import BoxCgroup

/// What is written to get an old value back, from what the file says before a change.
@Suite struct CgroupChangeTests {
    private func restoring(_ file: String, _ value: String, from text: String) -> String {
        let setting = CgroupSetting(
            file: file, value: value, field: "f", controller: nil, name: "f", asked: "f", optional: false)
        return CgroupChange.restoring(setting, from: text)
    }

    @Test(arguments: [
        ("memory.max", "1048576", "max\n", "max"), ("pids.max", "7", "64\n", "64"),
        ("cpu.max", "10000 100000", "max 100000\n", "max 100000"), ("cpuset.cpus", "0", "\n", "\n"),
        ("cpuset.cpus", "0", "0-1\n", "0-1"),
    ])
    func aPlainFileAsAWhole(file: String, value: String, before: String, expected: String) {
        #expect(restoring(file, value, from: before) == expected)
    }

    @Test func theLineOfTheSameDevice() {
        let before = "8:0 rbps=1 wbps=max riops=max wiops=max\n254:0 rbps=5 wbps=max riops=max wiops=2\n"
        #expect(restoring("io.max", "254:0 rbps=9", from: before) == "254:0 rbps=5 wbps=max riops=max wiops=2")
        #expect(restoring("io.weight", "default 10", from: "default 100\n8:0 200\n") == "default 100")
        #expect(restoring("rdma.max", "mlx hca_handle=1", from: "mlx hca_handle=max hca_object=3\n").hasSuffix("=3"))
    }

    @Test(arguments: [
        ("io.max", "254:0 rbps=9", "254:0 rbps=max wbps=max riops=max wiops=max"),
        ("io.weight", "254:0 200", "254:0 default"),
        ("rdma.max", "mlx hca_handle=1", "mlx hca_handle=max hca_object=max"),
        ("misc.max", "sev 1", "sev max"),
    ])
    func theDefaultWhereADeviceHadNone(file: String, value: String, expected: String) {
        #expect(restoring(file, value, from: "") == expected)
        #expect(restoring(file, value, from: "default 100\n9:9 x=1\n") == expected)
    }
}
