import Glibc
import TestBed
import Testing

extension Conformance {
    /// The network namespace and `linux.netDevices`.
    @Suite struct Network {
        @Test func loopbackIsUp() throws {
            let outcome = try Bed.here.container(Config(script: "ip link show lo; ls /sys/class/net")).run()
            #expect(outcome.status == 0 && outcome.output.contains("UP") && outcome.lines.last == "lo", "\(outcome)")
        }

        /// The container with these devices, run where a link `moved0` with an address is; what the host has afterwards.
        private func run(_ devices: [String: Any], _ script: String) throws -> Outcome {
            let box = try Bed.here.container(Config(script: script).with("linux.netDevices", devices))
            let program = try Bed.here.runtimeCommand(["run", "-b", box.bundle, box.id]).arguments.joined(
                separator: " ")
            return try Bed.here.command(
                "unshare", "--net", "sh", "-c",
                """
                ip link set lo up; ip link add moved0 type veth peer name other0; ip addr add 10.1.2.3/24 dev moved0
                ip link set moved0 up
                \(program); echo "status=$?"; ip -o link | sed 's/^[0-9]*: \\([^:@]*\\).*/host_\\1=yes/'
                """)
        }

        @Test func deviceIsMovedIn() throws {
            let outcome = try run(["moved0": [String: Any]()], "ls /sys/class/net; ip addr show moved0")
            outcome.expect(["status": "0"])
            #expect(outcome.output.contains("10.1.2.3/24"), "its addresses go along: \(outcome)")
        }

        @Test func deviceIsRenamed() throws {
            let outcome = try run(
                ["moved0": ["name": "inside0"]], "ip addr show inside0; echo $(ls /sys/class/net)")
            outcome.expect(["status": "0"])
            #expect(outcome.output.contains("10.1.2.3/24") && outcome.output.contains("inside0 lo"), "\(outcome)")
        }

        /// What was moved in comes back, under the name it had.
        @Test func deviceComesBack() throws {
            let outcome = try run(["moved0": ["name": "inside0"]], "true")
            outcome.expect(["status": "0", "host_moved0": "yes"])
        }

        @Test func badDevicesOfTheNetwork() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("linux.netDevices", plain.with("linux.netDevices", ["nosuchlink": [String: Any]()])),
                ("linux.netDevices", plain.with("linux.netDevices", ["lo": ["name": "a-name-that-is-too-long"]])),
                ("linux.netDevices", plain.with("linux.netDevices", ["lo": ["name": "a/b"]])),
            ])
        }
    }
}
