import BoxSystem
import Glibc
import TestBed
import Testing

extension Conformance {
    /// `linux.cgroupsPath`, and what needs no controller.
    @Suite struct Cgroups {
        @Test func cgroupOfTheContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/conformance/deep", [:]))
            _ = try box.launch()
            #expect(try File.text(of: "\(cgroupTop)/conformance/deep/cgroup.procs").contains("\(box.pid)"))
            try box.exec("/bin/sh", "-c", "grep ^0 /proc/self/cgroup").expect(output: "0::/\n")
            try box.call("delete", "--force").expect()
            #expect(access("\(cgroupTop)/conformance/deep", F_OK) != 0)
            rmdir("\(cgroupTop)/conformance")
        }

        @Test func subCgroupsAreDeletedToo() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/conformance-sub", [:]))
            _ = try box.launch()
            for path in ["a", "a/b", "c"] { #expect(mkdir("\(cgroupTop)/conformance-sub/\(path)", 0o755) == 0) }
            try box.kill("KILL").expect()
            try box.waitFor("stopped")
            try box.call("delete").expect()
            #expect(access("\(cgroupTop)/conformance-sub", F_OK) != 0)
        }

        /// A device rule is a program of the cgroup: the default denies, and the default devices stay usable.
        @Test func devicesAreAllowedOrDenied() throws {
            var config = try Config(
                script: """
                    for d in null zero random tun0 disk; do dd if=/dev/$d of=/dev/null bs=1 count=1 2>/dev/null && echo "$d=read" || echo "$d=denied"; done
                    """)
            config.set(
                "linux.devices",
                [
                    ["path": "/dev/disk", "type": "b", "major": 7, "minor": 99, "fileMode": 0o666],
                    ["path": "/dev/tun0", "type": "c", "major": 1, "minor": 11, "fileMode": 0o666],
                ])
            config.set("linux.resources", ["devices": [["allow": false, "access": "rwm"]]])
            let outcome = try Bed.here.container(config).run()
            outcome.expect(["zero": "read", "random": "read", "disk": "denied", "tun0": "denied"])
        }

        @Test func rulesOfDevicesGoByOrder() throws {
            var config = try Config(
                script: """
                    dd if=/dev/kmsg of=/dev/null bs=1 count=0 2>/dev/null && echo "kmsg=open" || echo "kmsg=denied"
                    (echo >/dev/kmsg) 2>/dev/null && echo "written=yes" || echo "written=no"
                    """)
            config.set(
                "linux.devices", [["path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11, "fileMode": 0o666]])
            config.set(
                "linux.resources",
                [
                    "devices": [
                        ["allow": false, "access": "rwm"] as [String: Any],
                        ["allow": true, "type": "c", "major": 1, "minor": 11, "access": "r"],
                    ]
                ])
            for set in ["bounding", "effective", "permitted"] {
                config.set("process.capabilities.\(set).+", "CAP_SYSLOG")
            }
            try Bed.here.container(config).run().expect(["kmsg": "open", "written": "no"])
        }

        /// 0 is how Docker says "not set": no controller is needed for it.
        @Test func zeroIsNotSet() throws {
            let config = try Config("/bin/true").with(
                "linux.resources",
                [
                    "cpu": ["shares": 0, "quota": 0, "period": 0], "memory": ["limit": 0, "swap": 0, "reservation": 0],
                    "blockIO": ["weight": 0],
                ])
            try Bed.here.container(config).run().expect()
        }

        /// Only cgroup v1 has these.
        @Test func fieldsOfCgroupV1AreRefused() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.resources.memory.kernel", plain.with("linux.resources.memory.kernel", 1_000_000)),
                ("linux.resources.memory.kernelTCP", plain.with("linux.resources.memory.kernelTCP", 1_000_000)),
                ("linux.resources.memory.swappiness", plain.with("linux.resources.memory.swappiness", 60)),
                (
                    "linux.resources.memory.disableOOMKiller",
                    plain.with("linux.resources.memory.disableOOMKiller", true)
                ),
                ("linux.resources.cpu.realtimeRuntime", plain.with("linux.resources.cpu.realtimeRuntime", 1000)),
                ("linux.resources.network.classID", plain.with("linux.resources.network.classID", 7)),
            ])
        }

        @Test func badPathsOfCgroups() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.cgroupsPath", plain.with("linux.cgroupsPath", "/../../outside")),
                ("linux.resources.unified", plain.with("linux.resources.unified", ["../cgroup.procs": "1"])),
            ])
        }
    }
}
