internal import BoxSystem
internal import Foundation
internal import TestBed
internal import Testing

extension HostBed {
    /// What outlives what: boxes their daemon, the daemon its database, both a full disk.
    @Suite struct DaemonLife {
        /// A box of the host's root that needs nothing else.
        static func box(_ script: String, _ more: String = "") -> String {
            let command = script.replacingOccurrences(of: "\"", with: "\\\"")
            return #"{"Image":"host","Cmd":["sh","-c","\#(command)"],"HostConfig":{"NetworkMode":"none"\#(more)}}"#
        }

        @Test func boxesDoNotNoticeTheEndOfTheDaemon() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let id = try daemon.startBox(Self.box("i=0; while sleep 0.01; do i=$((i+1)); echo $i; done"), name: "count")
            let short = try daemon.startBox(Self.box("sleep 0.6; echo bye; exit 7"), name: "short")
            let pid = try daemon.state(id)["Pid"] as? Int
            for _ in 0..<3 {
                try daemon.kill()
                usleep(300_000)
                try daemon.start()
                let state = try daemon.state(id)
                #expect(state["Running"] as? Bool == true && state["Pid"] as? Int == pid, "\(state)")
            }
            #expect(try poll(5) { try daemon.state(short)["Running"] as? Bool == false })
            #expect(try daemon.state(short)["ExitCode"] as? Int == 7)
            let log = try Self.log(daemon, id)
            #expect(log.count > 50 && log == (1...log.count).map { String($0) }, "\(log.suffix(3))")
            #expect(try Self.log(daemon, short) == ["bye"])
            #expect(try daemon.stop() == 0)
            try daemon.start()
            #expect(try daemon.state(id)["Pid"] as? Int == pid)
            try daemon.end()
        }

        /// The lines of a box's standard output, without the frames of the multiplexed stream.
        static func log(_ daemon: TestDaemon, _ id: String) throws -> [String] {
            var bytes = try daemon.request("GET", "/containers/\(id)/logs?stdout=1").body[...]
            var text: [UInt8] = []
            while bytes.count >= 8 {
                let size = bytes.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | Int($1) }
                text += bytes.dropFirst(8).prefix(size)
                bytes = bytes.dropFirst(8 + size)
            }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        }

        /// Boxes that write, are started, stopped and removed while their daemon is killed, also on its way up.
        @Test func noStatusAndNoLineIsLostToKillsUnderLoad() throws {
            let bed = try Bed.here
            let seed = UInt32.random(in: 0...999_999)
            let daemon = try TestDaemon(in: bed)
            let order = bed.directory + "/over"
            let load = try Command([
                "python3", Bed.package + "/Tests/Host/Daemon/load.py", daemon.socket, String(seed), order,
            ]).start(in: bed)
            for _ in 0..<20 {
                usleep(UInt32.random(in: 0...300_000))
                try daemon.kill()
                if Bool.random() { try daemon.killOnTheWayUp(after: UInt32.random(in: 0...60_000)) }
                try daemon.start()
            }
            try bed.write("", to: order)
            let outcome = try load.wait(timeout: 120)
            #expect(outcome.output.hasSuffix(": as it should be\n"), "seed \(seed): \(outcome)\n\(daemon.log)")
            try daemon.end()
        }

        @Test func twoDaemonsDoNotShareBoxes() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let outcome = try bed.command(
                Bed.binary("swiftboxd"), "--root", daemon.root, "--run", bed.directory + "/other", timeout: 10)
            #expect(outcome.status == 1 && outcome.errors.contains("another swiftboxd has the boxes"), "\(outcome)")
            try daemon.end()
        }

        @Test func aLostDatabaseIsRebuilt() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let id = try daemon.startBox(
                Self.box("sleep 1000", #","RestartPolicy":{"Name":"always"}"#), name: "kept")
            let ended = try daemon.startBox(Self.box("exit 3"), name: "ended")
            _ = try daemon.request("POST", "/containers/ended/wait")
            let pid = try daemon.state(id)["Pid"] as? Int
            try daemon.kill()
            try bed.write("not a database, but long enough to be taken for one", to: daemon.root + "/swiftbox.db")
            // SQLite would bring the pages back from there.
            for end in ["-wal", "-shm"] where File.exists(daemon.root + "/swiftbox.db" + end) {
                try File.remove(daemon.root + "/swiftbox.db" + end)
            }
            try daemon.start()
            #expect(daemon.log.contains("moved aside") && daemon.log.contains("rebuilt from the boxes' folders"))
            #expect(try daemon.state("kept")["Pid"] as? Int == pid)
            #expect(try daemon.state(ended)["Status"] as? String == "exited")
            let policy = try daemon.request("GET", "/containers/kept/json").text
            #expect(policy.contains(#""Name":"always""#), "\(policy)")
            try daemon.end()
        }

        @Test(arguments: [0, 2]) func aKilledMonitorIsAnEnd(prepared: Int) throws {
            let daemon = try TestDaemon(in: try Bed.here, configuration: "prepared_monitors: \(prepared)\n")
            let id = try daemon.startBox(
                Self.box(
                    "setsid sleep 999 & exec sleep 1000",
                    #","RestartPolicy":{"Name":"on-failure","MaximumRetryCount":1}"#), name: "one")
            let pid = try #require(try daemon.state(id)["Pid"] as? Int)
            let before = try Self.processes(daemon, id)
            #expect(before.count == 2, "\(before)")
            for monitor in try daemon.monitors() { kill(monitor, 9) }
            #expect(
                try poll(10) { try (daemon.state(id)["Pid"] as? Int).map { $0 != pid && $0 != 0 } ?? false })
            for pid in before { #expect(poll(5) { Self.isGone(pid) }, "process \(pid) of the box lives on") }
            for monitor in try daemon.monitors() { kill(monitor, 9) }
            #expect(try poll(10) { try daemon.state(id)["Status"] as? String == "exited" })
            #expect(try daemon.state(id)["ExitCode"] as? Int == 137)
            // Of the box that is there still, nothing but what belongs to one that has ended.
            let places = "\(daemon.run)/runtime \(daemon.run)/monitor /run/swiftbox/ids"
            let remains = try Bed.here.command("sh", "-c", "find \(places) -name \(id) -o -path '*/ids/*'")
            #expect(remains.output.isEmpty, "\(remains)")
            try daemon.end()
        }

        /// One that lost its parent is ours.
        private static func isGone(_ pid: pid_t) -> Bool { waitpid(pid, nil, WNOHANG) == pid || kill(pid, 0) != 0 }

        private static func processes(_ daemon: TestDaemon, _ id: String) throws -> [pid_t] {
            let table = try daemon.request("GET", "/containers/\(id)/top?ps_args=-eo%20pid").object["Processes"]
            return (table as? [[String]] ?? []).compactMap { $0.first.flatMap { pid_t($0) } }
        }

        /// What a reboot leaves: no process, no cgroup, an empty /run, another boot's id; what lies on disks is as it was.
        /// A run root that lies on a disk (`keepsRun`) is full of names that mean nothing any more.
        @Test(arguments: [false, true])
        func whatShouldRunIsStartedAfterAReboot(keepsRun: Bool) throws {
            let daemon = try TestDaemon(in: try Bed.here)
            let policies = ["always": "always", "stopped": "unless-stopped", "unless": "unless-stopped", "plain": "no"]
            let ids = try policies.mapValues { policy in
                #","RestartPolicy":{"Name":"\#(policy)"}"#
            }.reduce(into: [:]) { ids, box in
                ids[box.key] = try daemon.startBox(Self.box("echo up; sleep 1000", box.value), name: box.key)
            }
            #expect(try daemon.request("POST", "/containers/stopped/stop?t=0").status == 204)
            let stopped = try daemon.state("stopped")
            let pids = try ["always", "unless", "plain"].map { try #require(try daemon.state($0)["Pid"] as? Int) }
            try daemon.kill()
            try Self.reboot(daemon, pids, Array(ids.values), keepsRun: keepsRun)
            try daemon.start()
            for (name, pid) in zip(["always", "unless"], pids) {
                #expect(try poll(5) { try daemon.state(name)["Running"] as? Bool == true }, "\(daemon.log)")
                #expect(try daemon.state(name)["Pid"] as? Int != pid)
                #expect(try poll(5) { try Self.log(daemon, name) == ["up", "up"] })
            }
            #expect(try daemon.state("stopped")["FinishedAt"] as? String == stopped["FinishedAt"] as? String)
            let plain = try daemon.state("plain")
            #expect(plain["Status"] as? String == "exited" && plain["ExitCode"] as? Int == 255, "\(plain)")
            #expect(plain["Error"] as? String == "the host was started anew")
            let now = Int(Date().timeIntervalSince1970) + 1
            let filter = "%7B%22event%22:%5B%22die%22%5D%7D"
            let events = try daemon.request("GET", "/events?since=1&until=\(now)&filters=\(filter)").text
            #expect(events.split(separator: "\n").count == 3 && events.contains(#""exitCode":"255""#), "\(events)")
            #expect(!daemon.log.contains(" error ") && !daemon.log.contains(" warning "), "\(daemon.log)")
            try daemon.end()
        }

        private static func reboot(_ daemon: TestDaemon, _ pids: [Int], _ ids: [String], keepsRun: Bool) throws {
            for monitor in try daemon.monitors() { kill(monitor, 9) }
            #expect(try poll(5) { try daemon.monitors().isEmpty && pids.allSatisfy { Self.isGone(pid_t($0)) } })
            let bed = try Bed.here
            let cgroups = try bed.command(
                "sh", "-c",
                """
                for point in $(awk '$3 == "cgroup2" { print $2 }' /proc/self/mounts); do
                    for id in $1; do find $point -depth -type d -name "*$id" -exec rmdir {} +; done
                done
                rm -rf /run/swiftbox
                """, "sh", ids.joined(separator: " "))
            #expect(cgroups.status == 0, "\(cgroups)")
            if !keepsRun { try FileManager.default.removeItem(atPath: daemon.run) }
            let boot = try bed.command(
                "python3", Bed.package + "/Tests/Host/Daemon/another_boot.py", daemon.root + "/swiftbox.db")
            #expect(boot.status == 0, "\(boot)")
        }

        /// What a daemon prepared is of use to nobody but itself, and its socket is not there without it.
        @Test func nothingWaitsForADaemonThatIsGone() throws {
            let daemon = try TestDaemon(in: try Bed.here, configuration: "prepared_monitors: 3\n")
            let id = try daemon.startBox(Self.box("sleep 1000"), name: "stays")
            #expect(try poll(5) { try daemon.monitors().count == 4 })
            try daemon.kill()
            #expect(try poll(5) { try daemon.monitors().count == 1 })
            let directory = try File.open(daemon.run + "/monitor", FileFlags.readOnly | FileFlags.directory)
            #expect(try poll(5) { try File.list(directory.raw) == [id] })
            #expect(File.exists(daemon.socket))
            try daemon.start()
            #expect(try poll(5) { try daemon.monitors().count == 4 })
            #expect(try daemon.stop() == 0)
            #expect(!File.exists(daemon.socket))
            try daemon.end()
        }

        @Test func aFullDiskFailsRequestsAndLosesNothing() throws {
            let bed = try Bed.here
            let root = bed.directory + "/root"
            try File.makeDirectory(root, mode: 0o711)
            #expect(try bed.command("mount", "-t", "tmpfs", "-o", "size=1m", "full", root).status == 0)
            defer { #expect(throws: Never.self) { try bed.command("umount", "-l", root) } }
            let daemon = try TestDaemon(in: bed)
            let id = try daemon.startBox(Self.box("i=0; while sleep 0.02; do i=$((i+1)); echo $i; done"), name: "talks")
            _ = try daemon.startBox(Self.box("while test ! -e /tmp/end; do sleep 0.02; done; exit 7"), name: "ends")
            for name in ["idle", "old"] {
                #expect(try daemon.request("POST", "/containers/create?name=\(name)", Self.box("true")).status == 201)
            }
            #expect(try poll(5) { try Self.log(daemon, id).count > 3 })
            try bed.command("sh", "-c", "cat /dev/zero >\(root)/ballast")
            let refused = try daemon.request("POST", "/containers/create?name=after", Self.box("true"))
            #expect(refused.status == 500 && refused.text.contains("No space left"), "\(refused)")
            #expect(try daemon.request("POST", "/containers/idle/start").status == 500)
            let end = try daemon.request("POST", "/containers/ends/exec", #"{"Cmd":["touch","/tmp/end"]}"#)
            let exec = try #require(end.object["Id"] as? String)
            #expect(try daemon.request("POST", "/exec/\(exec)/start", #"{"Detach":true}"#).status == 200)
            #expect(try daemon.request("POST", "/containers/ends/wait").object["StatusCode"] as? Int == 7)
            // What was there is there, for a daemon that starts meanwhile as well, and what makes room works.
            for _ in 0..<2 {
                #expect(try daemon.state(id)["Running"] as? Bool == true)
                #expect(try daemon.state("ends")["ExitCode"] as? Int == 7)
                #expect(try daemon.state("idle")["Status"] as? String == "created")
                #expect(try Self.log(daemon, id).prefix(3) == ["1", "2", "3"])
                #expect(try daemon.request("GET", "/containers/after/json").status == 404)
                try daemon.kill()
                try daemon.start()
            }
            #expect(!daemon.log.contains("moved aside"), "\(daemon.log)")
            #expect(try daemon.request("DELETE", "/containers/old").status == 204)
            try File.remove(root + "/ballast")
            #expect(try daemon.request("POST", "/containers/create?name=after", Self.box("true")).status == 201)
            #expect(try daemon.request("POST", "/containers/idle/start").status == 204)
            try daemon.kill()
            try daemon.start()
            #expect(try daemon.state(id)["Running"] as? Bool == true)
            #expect(try daemon.state("ends")["ExitCode"] as? Int == 7)
            #expect(try daemon.request("GET", "/containers/after/json").status == 200)
            #expect(try daemon.request("GET", "/containers/old/json").status == 404)
            let last = try #require(try Self.log(daemon, id).last.flatMap { Int($0) })
            #expect(try poll(5) { try Self.log(daemon, id).last.flatMap { Int($0) } ?? 0 > last + 3 })
            #expect(try daemon.request("POST", "/containers/talks/stop?t=0").status == 204)
            try daemon.end()
        }
    }
}
