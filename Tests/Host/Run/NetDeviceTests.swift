import TestBed
import Testing

extension HostBed {
    /// `linux.netDevices`; the host's network is one that the script makes for itself.
    @Suite struct NetDevices {
        /// The box sees what `command` prints; the host is asked afterwards.
        private func run(
            _ devices: [String: [String: String]], _ command: String, before: String = "", after: String = "",
            _ change: (inout Config) -> Void = { _ in }
        ) throws -> Outcome {
            let bed = try Bed.here
            var config = try Config("sh", "-c", command)
            config.set("linux.netDevices", devices)
            change(&config)
            try bed.command("rm", "-rf", bed.directory + "/bundle")
            let bundle = try bed.makeBundle(config)
            let script = try """
            ip link add ours type veth peer name theirs; \(before)
            \(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot) run --bundle \(bundle) box; echo status $?
            \(after)
            """
            return try bed.command("unshare", "--net", "sh", "-c", script)
        }

        private let addresses = """
            ip address add 192.0.2.5/24 dev ours; ip -6 address add 2001:db8::5/64 dev ours nodad
            ip address add 198.51.100.7/32 dev ours valid_lft 1000 preferred_lft 1000
            ip link set ours mtu 1400 address 02:00:00:00:00:77
            """

        /// With addresses that were set by hand, MTU and hardware address; up; back under its old name, and as it was.
        @Test(arguments: [true, false])
        func aDeviceIsMovedAndComesBack(up: Bool) throws {
            let outcome = try run(
                ["ours": ["name": "eth7"]], "ip -o address show eth7; ip -o link show eth7; ip link | grep -c ours",
                before: addresses + (up ? "\nip link set theirs up; ip link set ours up" : ""),
                after: "ip -o address show ours; ip -o link show ours; ip link | grep -c eth7")
            let halves = outcome.output.split(separator: "status 1\n").map(String.init)
            try #require(halves.count == 2, "\(outcome)")
            for half in halves {
                for text in ["192.0.2.5/24", "2001:db8::5/64", "mtu 1400", "02:00:00:00:00:77"] {
                    #expect(half.contains(text), "\(text): \(outcome)")
                }
                #expect(!half.contains("198.51.100.7") && half.hasSuffix("0\n"), "\(outcome)")
            }
            #expect(halves[0].contains(",UP") && halves[1].contains(",UP") == up, "\(outcome)")
        }

        @Test func namesStayWhereNoneIsSaid() throws {
            let outcome = try run(
                ["ours": [:], "theirs": ["name": "other"]], "ip -o link | cut -d ' ' -f 2",
                after: "ip -o link | cut -d ' ' -f 2")
            #expect(outcome.output.contains("ours") && outcome.output.contains("other"), "\(outcome)")
            #expect(outcome.output.hasSuffix("theirs@ours:\nours@theirs:\n"), "\(outcome)")
        }

        /// A box with a user namespace cannot hold on to it either.
        @Test func aUserNamespaceMakesNoDifference() throws {
            let outcome = try run(
                ["ours": ["name": "eth7"]], "ip -o link show eth7 | grep -c eth7",
                after: "ip link show ours >/dev/null && echo back"
            ) { config in
                config.set("linux.namespaces.+", ["type": "user"])
                for name in ["uid", "gid"] {
                    config.set("linux.\(name)Mappings", [["containerID": 0, "hostID": 100000, "size": 65536]])
                }
                config.set("mounts.6", nil)
            }
            #expect(outcome.output == "1\nstatus 0\nback\n", "\(outcome)")
        }

        /// No runtime stays with a created box: `delete` fetches the device, however the box ended.
        @Test(arguments: ["", "$box kill KILL; sleep 0.2"])
        func aCreatedBoxGivesItBack(end: String) throws {
            let bed = try Bed.here
            var config = try Config("sleep", "1000")
            config.set("linux.netDevices", ["ours": ["name": "eth7"]])
            let bundle = try bed.makeBundle(config)
            let script = try """
            ip link add ours type veth peer name theirs
            box="\(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot)"
            $box create --bundle \(bundle) box && $box start box && echo started
            ip -o link show ours; \(end.replacing("kill", with: "kill box"))
            $box delete --force box; echo $?; ip -o link show ours | cut -d ' ' -f 2; grep -c \(bed.stateRoot) /proc/self/mountinfo
            """
            let outcome = try bed.command("unshare", "--net", "sh", "-c", script)
            #expect(outcome.output == "started\n0\nours@theirs:\n0\n", "\(outcome)")
        }

        /// `run` that stays, and `run --keep`, whose box is deleted later.
        @Test func aKeptBoxGivesItBackToo() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("linux.netDevices", ["ours": ["name": "eth7"]])
            let script = try """
            ip link add ours type veth peer name theirs
            box="\(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot)"
            $box run --keep --bundle \(bed.makeBundle(config)) box; echo $?
            $box delete box; ip -o link show ours | cut -d ' ' -f 2; grep -c \(bed.stateRoot) /proc/self/mountinfo
            """
            let outcome = try bed.command("unshare", "--net", "sh", "-c", script)
            #expect(outcome.output == "0\nours@theirs:\n0\n", "\(outcome)")
        }

        /// The next run fetches it, and runs the box's hooks (runtime-spec, Lifecycle, 13).
        @Test func aKilledRuntimeLeavesItToTheNext() throws {
            let bed = try Bed.here
            var config = try Config("sleep", "1000")
            config.set("linux.netDevices", ["ours": ["name": "eth7"]])
            let words = ["sh", "-c", "echo hook >\(bed.directory)/hook"]
            config.set("hooks.poststop", [["path": "/bin/sh", "args": words] as [String: Any]])
            let bundle = try bed.makeBundle(config)
            let script = try """
            ip link add ours type veth peer name theirs
            box="\(Bed.binary("swiftbox-runtime")) --root \(bed.stateRoot)"
            $box run --bundle \(bundle) box & until $box state box 2>/dev/null | grep -q running; do sleep 0.05; done
            kill -KILL $!; wait; ip -o link show ours; echo gone
            $box run --bundle \(bed.makeBundle(Config("true"), name: "next")) next
            ip -o link show ours | cut -d ' ' -f 2; cat \(bed.directory)/hook; $box list -q; grep -c \(bed.stateRoot) /proc/self/mountinfo
            """
            let outcome = try bed.command("unshare", "--net", "sh", "-c", script)
            #expect(outcome.output == "gone\nours@theirs:\nhook\n0\n", "\(outcome)")
        }

        /// What fails half-way is undone.
        @Test func aMissingDeviceIsNamedAndTheOthersComeBack() throws {
            let outcome = try run(
                ["ours": ["name": "eth7"], "zz9": [:]], "echo ran", before: addresses, after: "ip -o address show ours")
            #expect(outcome.output.hasPrefix("status 1\n") && outcome.output.contains("192.0.2.5/24"), "\(outcome)")
            #expect(outcome.errors.contains("linux.netDevices.zz9: cannot move the network device zz9"), "\(outcome)")
            let taken = try run(["ours": ["name": "lo"]], "echo ran", after: "ip -o link show ours | cut -d ' ' -f 2")
            #expect(taken.output == "status 1\nours@theirs:\n", "\(taken)")
            #expect(taken.errors.contains("the box has a device lo already"), "\(taken)")
        }

        @Test func withoutANetworkOfTheBoxsThereIsNoWhere() throws {
            let outcome = try run(["ours": [:]], "echo ran") { $0.set("linux.namespaces.1", nil) }
            #expect(outcome.output == "status 1\n" && outcome.errors.contains("linux.netDevices"), "\(outcome)")
        }

        /// Nothing here divides caches: the request is refused by its name.
        @Test func intelRdtNeedsResctrl() throws {
            let outcome = try run(["ours": [:]], "echo ran", after: "ip -o link show ours | cut -d ' ' -f 2") {
                $0.set("linux.intelRdt", ["closID": "gold", "l3CacheSchema": "L3:0=f"])
            }
            #expect(outcome.output == "status 1\nours@theirs:\n", "\(outcome)")
            #expect(outcome.errors.contains("linux.intelRdt: cannot divide cache and memory bandwidth"), "\(outcome)")
            #expect(outcome.errors.contains("no resctrl file system is mounted"), "\(outcome)")
        }
    }
}
