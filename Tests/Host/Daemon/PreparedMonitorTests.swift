internal import Foundation
internal import Glibc
internal import TestBed
internal import Testing

extension HostBed {
    /// Monitors that wait for their boxes, each in a network namespace that is to be the box's.
    @Suite struct PreparedMonitors {
        private struct Client {
            let bed: Bed
            let daemon: TestDaemon

            func callAsFunction(_ words: String...) throws -> Outcome {
                try daemon.swiftbox(words).wait(timeout: 60)
            }

            /// Network namespaces of the monitors that wait; a monitor that has not rehearsed yet is in the daemon's own.
            func waiting() throws -> [String] { try monitors().map { network("/proc/\($0)/ns/net") } }

            /// The pids of the monitors that wait.
            func monitors() throws -> [String] {
                let files = FileManager.default
                let places = try files.contentsOfDirectory(atPath: daemon.run + "/monitor").filter {
                    $0.hasPrefix(".prepared-")
                }
                return try files.contentsOfDirectory(atPath: "/proc").compactMap { name in
                    guard Int32(name) != nil, let words = files.contents(atPath: "/proc/\(name)/cmdline") else {
                        return nil
                    }
                    let line = String(decoding: words, as: UTF8.self)
                    guard places.contains(where: { line.contains("/\($0)\0") }) else { return nil }
                    return name
                }
            }

            func network(_ path: String) -> String {
                do {
                    return try FileManager.default.destinationOfSymbolicLink(atPath: path)
                } catch {
                    return ""
                }
            }

            var own: String { network("/proc/self/ns/net") }

            func areReady(_ count: Int) throws -> Bool {
                let waiting = try waiting()
                return waiting.count == count && !waiting.contains(own) && !waiting.contains("")
            }
        }

        private func withClient(_ configuration: String = "", _ body: (Client) throws -> Void) throws {
            try TestDaemon.serving("prepared_monitors: 2\n" + configuration) { bed, daemon in
                try body(Client(bed: bed, daemon: daemon))
            }
        }

        @Test func giveEachBoxANetworkOfItsOwn() throws {
            try withClient { swiftbox in
                for _ in 0..<4 {
                    #expect(try poll(10) { try swiftbox.areReady(2) })
                    let prepared = try swiftbox.waiting()
                    let run = try swiftbox(
                        "run", "--userns", "host", "sh", "-c",
                        "readlink /proc/self/ns/net; cat /proc/net/dev; ls /sys/class/net")
                    let lines = run.output.split(separator: "\n").map(String.init)
                    #expect(run.status == 0 && prepared.contains(lines.first ?? ""), "\(run) \(prepared)")
                    #expect(lines.count == 5 && lines[3].contains("lo:") && lines[4] == "lo", "\(run)")
                }
            }
        }

        /// Whether a box's device program is the one that was loaded ahead, or one of its own.
        @Test func limitDevicesAsEachBoxHasIt() throws {
            try withClient("policy:\n  devices: true\n  capabilities: all\n") { swiftbox in
                for (flags, made) in [([], "zero"), (["--device", "/dev/loop-control"], "zero loop"), ([], "zero")] {
                    #expect(try poll(10) { try swiftbox.areReady(2) })
                    let words = ["run", "--userns", "host", "--cap-add", "MKNOD"] + flags + ["--", "sh", "-c"]
                    let script =
                        "cd /tmp; mknod zero c 1 5; mknod loop c 10 237; mknod disk b 8 0; cat zero | head -c 1 >x; echo *"
                    let run = try swiftbox.daemon.swiftbox(words + [script]).wait(timeout: 60)
                    let found = Set(run.output.split(whereSeparator: \.isWhitespace).map(String.init))
                    #expect(found == Set(made.split(separator: " ").map(String.init) + ["x"]), "\(flags) \(run)")
                }
            }
        }

        /// What a monitor loads ahead is what the box before had; the box then loads nothing.
        @Test func loadTheDevicesOfTheLastBox() throws {
            try withClient { swiftbox in
                #expect(try poll(10) { try swiftbox.areReady(2) })
                for _ in 0..<2 { #expect(try swiftbox("run", "--userns", "host", "true").status == 0) }
                // Of those that wait, both know nothing better yet; those that follow do.
                for _ in 0..<2 {
                    #expect(try poll(10) { try swiftbox.areReady(2) })
                    #expect(try swiftbox("run", "--userns", "host", "true").status == 0)
                }
                #expect(try poll(10) { try swiftbox.areReady(2) })
                let calls = swiftbox.bed.directory + "/calls"
                let monitors = try swiftbox.monitors().flatMap { ["-p", $0] }
                let trace = try Command(["strace", "-f", "-qq", "-e", "trace=bpf", "-o", calls] + monitors)
                    .start(in: swiftbox.bed)
                defer { kill(trace.pid, SIGTERM) }
                #expect(try poll(10) { try swiftbox.monitors().allSatisfy(isTraced) })
                #expect(try swiftbox("run", "--userns", "host", "true").status == 0)
                let text = try String(contentsOfFile: calls, encoding: .utf8)
                #expect(text.contains("PROG_ATTACH") && !text.contains("PROG_LOAD"), "\(text)")
            }
        }

        private func isTraced(_ pid: String) throws -> Bool {
            try !String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8).contains("TracerPid:\t0\n")
        }

        @Test func leaveItWhereTheBoxHasAnother() throws {
            try withClient { swiftbox in
                for flags in [["--network", "host"], ["--userns", "auto"]] {
                    #expect(try poll(10) { try swiftbox.areReady(2) })
                    let prepared = try swiftbox.waiting()
                    let words = ["run"] + flags + ["readlink", "/proc/self/ns/net"]
                    let run = try swiftbox.daemon.swiftbox(words).wait(timeout: 60)
                    let network = run.output.split(separator: "\n").first.map(String.init) ?? ""
                    #expect(run.status == 0 && !prepared.contains(network), "\(flags) \(run)")
                    #expect((network == swiftbox.own) == (flags[1] == "host"), "\(flags) \(run)")
                }
                #expect(try poll(10) { try swiftbox.areReady(2) })
                #expect(try swiftbox("run", "-d", "--name", "one", "sleep", "1000").status == 0)
                #expect(try poll(10) { try swiftbox.areReady(2) })
                let inside = try swiftbox("exec", "one", "readlink", "/proc/1/ns/net", "/proc/self/ns/net").output
                let names = inside.split(separator: "\n")
                #expect(names.count == 2 && names[0] == names[1] && names[0] != swiftbox.own, "\(inside)")
                // The monitor of a box that runs is where the daemon is.
                let pid = try swiftbox("inspect", "--format", "{{.State.Pid}}", "one").output.dropLast()
                let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
                let parent = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }?.dropFirst(6) ?? ""
                #expect(swiftbox.network("/proc/\(parent)/ns/net") == swiftbox.own)
            }
        }
    }
}
