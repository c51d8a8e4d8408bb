import Testing

@testable import BoxCgroup

@Suite struct CgroupHostTests {
    private func mounts(_ text: String) -> [CgroupMount] { CgroupHost.cgroupMounts(in: Array(text.utf8)) }

    @Test func hybridHostHasOneMountAmongMany() {
        let text = """
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:2 - cgroup2 cgroup2 rw

            """
        #expect(mounts(text) == [CgroupMount(root: "/", point: "/sys/fs/cgroup/unified", readOnly: false)])
    }

    @Test func wholeAndWritableComesFirst() {
        let text = """
            1 0 0:1 / /a ro - cgroup2 none rw
            2 0 0:1 /part /b rw - cgroup2 none rw
            3 0 0:1 / /c rw - cgroup2 none rw,nsdelegate
            4 0 0:1 /part /d rw - cgroup2 none ro
            """
        #expect(mounts(text).map(\.point) == ["/c", "/b", "/a", "/d"])
    }

    @Test func superBlockReadOnlyCounts() {
        #expect(mounts("1 0 0:1 / /a rw - cgroup2 none ro,nsdelegate").map(\.readOnly) == [true])
        #expect(mounts("1 0 0:1 / /a rw,nosuid - cgroup2 none rw,memory_recursiveprot").map(\.readOnly) == [false])
    }

    @Test func escapesAreUndone() {
        #expect(mounts(#"1 0 0:1 / /my\040cg\134x\011 rw - cgroup2 none rw"#).map(\.point) == ["/my cg\\x\t"])
        #expect(mounts(#"1 0 0:1 / /a\04 rw - cgroup2 none rw"#).map(\.point) == [#"/a\04"#])
        #expect(mounts(#"1 0 0:1 / /a\999 rw - cgroup2 none rw"#).map(\.point) == [#"/a\999"#])
    }

    @Test(arguments: [
        "", "\n\n", " - cgroup2 ", "1 - cgroup2 none rw", "1 0 0:1 / /a - cgroup2 none rw", "- cgroup2",
        "1 0 0:1 / /a rw - cgroup2none rw", "1 0 0:1 / /a rw - tmpfs cgroup2 rw",
    ])
    func linesOfAnotherShapeArePassedOver(text: String) {
        #expect(mounts(text).isEmpty)
    }

    @Test func bytesThatAreNoTextDoNotStopTheSearch() {
        let text: [UInt8] = [0xff, 0xfe, 0x20, 0x0a] + Array("3 0 0:1 / /c rw - cgroup2 none rw".utf8)
        #expect(CgroupHost.cgroupMounts(in: text).map(\.point) == ["/c"])
    }

    @Test func membershipTellsV1FromV2() {
        let text = "9:name=systemd:/\n7:blkio:/\n2:cpu,cpuacct:/x\n0::/user.slice/a:b\n"
        let (path, v1) = CgroupHost.membership(in: Array(text.utf8))
        #expect(path == "/user.slice/a:b")
        #expect(v1 == ["blkio", "cpu", "cpuacct"])
    }

    @Test func membershipOfNonsenseIsTheRoot() {
        for text in ["", "0:", ":::::", "\n\n", "garbage"] {
            let (path, v1) = CgroupHost.membership(in: Array(text.utf8))
            #expect(path == "/")
            #expect(v1 == [])
        }
    }

    @Test func controllersAreOfferedOnlyWhereTheyCanBePassedOn() {
        var host = CgroupHost()
        host.controllers = ["cpu", "memory"]
        #expect(!host.offers("cpu"))
        host.mountPoint = "/cg"
        #expect(host.offers("cpu") && !host.offers("pids"))
        host.rootHasProcesses = true
        host.enabled = ["memory"]
        #expect(!host.offers("cpu") && host.offers("memory"))
        host.readOnly = true
        #expect(!host.offers("memory") && !host.canMakeCgroups)
    }
}
