import BoxSystem
import Foundation
import TestBed
import Testing

extension GuestBed {
    @Suite struct Events {
        private func start(_ work: String, memory: Int = 64) throws -> Running {
            let bed = try Bed.here
            var config = try Config("/bin/sh", "-c", "echo waiting; until [ -e /go ]; do sleep 0.05; done; \(work)")
            config.set("linux.resources.memory.limit", memory << 20)
            config.set("linux.resources.pids.limit", 50)
            let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "-b"]
            let box = try Command(line + [bed.makeBundle(config), "watched"]).start(in: bed)
            try box.waitForOutput("waiting")
            return box
        }

        private func go() throws { try Bed.here.write("", to: Bed.here.directory + "/bundle/rootfs/go") }

        private func follow(_ interval: String) throws -> Running {
            let bed = try Bed.here
            return try Command([
                Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "events", "--interval", interval, "watched",
            ]).start(in: bed)
        }

        private func data(_ line: String) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object?["data"] as? [String: Any], "\(line)")
        }

        private func number(_ object: [String: Any], _ path: String) -> UInt64? {
            var value: Any? = object
            for key in path.split(separator: ".") { value = (value as? [String: Any])?[String(key)] }
            return (value as? NSNumber)?.uint64Value
        }

        private func file(_ name: String) throws -> String {
            try File.text(of: Cgroups.top + "/swiftbox-watched/" + name).trimmingCharacters(in: .newlines)
        }

        /// Paused, so that nothing changes between the two looks.
        @Test func figuresAreThoseOfTheFiles() throws {
            let bed = try Bed.here
            let box = try start("true")
            try bed.runtime("pause", "watched")
            let outcome = try bed.runtime("events", "--stats", "watched")
            #expect(outcome.status == 0 && outcome.lines.count == 1, "\(outcome)")
            #expect(outcome.output.hasPrefix(#"{"type":"stats","id":"watched","data":{"cpu":{"usage":"#), "\(outcome)")
            let found = try data(outcome.output)
            let keys = ["cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "intel_rdt", "network_interfaces"]
            #expect(Set(found.keys) == Set(keys))
            #expect(number(found, "memory.usage.limit") == 64 << 20)
            #expect(number(found, "memory.usage.usage") == UInt64(try file("memory.current")))
            #expect(number(found, "memory.swap.limit") == UInt64.max)
            #expect(number(found, "pids.limit") == 50)
            #expect(number(found, "pids.current") == UInt64(try file("pids.current")))
            let used = try Cgroups.number("usage_usec", in: "swiftbox-watched/cpu.stat").map { UInt64($0) * 1000 }
            #expect(number(found, "cpu.usage.total") == used)
            let anonymous = try Cgroups.number("anon", in: "swiftbox-watched/memory.stat").map { UInt64($0) }
            #expect(number(found, "memory.raw.anon") == anonymous)
            #expect(number(found, "hugetlb.2MB.failcnt") == 0 && number(found, "cpu.psi.some.total") != nil)
            try bed.runtime("resume", "watched")
            try go()
            try box.wait()
        }

        @Test func anOutOfMemoryKillIsTold() throws {
            let box = try start("exec workload eat-memory 100", memory: 32)
            let events = try follow("1h")
            // Its first look must be before the kill.
            #expect(poll(20) { isWatching(events.pid) })
            try go()
            #expect(try box.wait().status == 137)
            let outcome = try events.wait()
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
            // Each process of the group that the kernel kills counts; they may be seen one after the other.
            let isAll = outcome.lines.allSatisfy { $0 == #"{"type":"oom","id":"watched"}"# }
            #expect(isAll && !outcome.lines.isEmpty, "\(outcome)")
        }

        private func isWatching(_ pid: CInt) -> Bool {
            do { return try File.text(of: "/proc/\(pid)/wchan").contains("poll") } catch { return false }
        }

        @Test func figuresComeEveryIntervalUntilTheBoxEnds() throws {
            let box = try start("exit 4")
            let events = try follow("200ms")
            #expect(poll(30) { events.output.split(separator: "\n").count > 2 })
            try go()
            #expect(try box.wait().status == 4)
            let outcome = try events.wait()
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
            #expect(
                outcome.lines.allSatisfy { $0.hasPrefix(#"{"type":"stats","id":"watched","data":{"#) }, "\(outcome)")
        }

        @Test(arguments: ["0s", "soon"])
        func anIntervalIsATime(interval: String) throws {
            let outcome = try Bed.here.runtime("events", "--interval", interval, "nobody")
            #expect(outcome.status == 1 && outcome.errors.contains("--interval"), "\(outcome)")
        }
    }
}
