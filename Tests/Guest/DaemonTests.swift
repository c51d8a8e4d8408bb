import TestBed
import Testing

extension GuestBed {
    /// Limits of a daemon's boxes, where the host has them all.
    @Suite struct DaemonLimits {
        private func swiftbox(_ daemon: TestDaemon, _ words: String...) throws -> Outcome {
            try Command(
                [try Bed.binary("swiftbox")] + words, environment: ["SWIFTBOX_HOST": "unix://\(daemon.socket)"]
            ).start(in: Bed.here).wait(timeout: 120)
        }

        /// For a box that runs, for its next run, and for a daemon that comes later.
        @Test func anUpdateHoldsFromThenOn() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let made = try swiftbox(
                daemon, "run", "-d", "--name", "box", "--rootfs", try bed.rootfs(), "-m", "256m", "sleep", "1000")
            #expect(made.status == 0, "\(made)")
            let cgroup = "swiftbox-\(made.output.dropLast())"
            let update = try swiftbox(daemon, "update", "-m", "64m", "--pids-limit", "10", "--cpus", "0.5", "box")
            #expect(update.status == 0 && update.errors.isEmpty, "\(update)")
            let docker = try daemon.request("POST", "/containers/box/update", #"{"RestartPolicy":{"Name":"always"}}"#)
            #expect(docker.status == 200, "\(docker)")
            func check() throws {
                #expect(try Cgroups.words("\(cgroup)/memory.max") == ["67108864"])
                #expect(try Cgroups.words("\(cgroup)/pids.max") == ["10"])
                #expect(try Cgroups.words("\(cgroup)/cpu.max") == ["50000", "100000"])
                let eaten = try swiftbox(daemon, "exec", "box", "sh", "-c", "workload fork-bomb 100; exit 0")
                // The box's own process and the shell's count along.
                #expect(eaten.output == "started 7 errno 11\n", "\(eaten)")
                let host = try daemon.request("GET", "/containers/box/json").object["HostConfig"] as? [String: Any]
                #expect(host?["Memory"] as? Int == 64 << 20 && host?["PidsLimit"] as? Int == 10, "\(host ?? [:])")
                #expect((host?["RestartPolicy"] as? [String: Any])?["Name"] as? String == "always")
            }
            try check()
            #expect(try daemon.request("POST", "/containers/box/restart?t=0").status == 204)
            try check()
            try daemon.kill()
            try daemon.start()
            try check()
            try daemon.end()
        }

        @Test func aBoxOutOfMemoryIsTold() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let made = try swiftbox(
                daemon, "run", "-d", "--name", "eater", "--rootfs", try bed.rootfs(), "-m", "32m", "workload",
                "eat-memory", "100")
            #expect(made.status == 0, "\(made)")
            #expect(try swiftbox(daemon, "wait", "eater").output == "137\n")
            let events = try swiftbox(daemon, "events", "--since", "1h", "--until", "0s", "--format", "{{.Action}}")
            // Each time that the kernel is seen to have killed.
            let actions = events.output.split(separator: "\n").filter { ["start", "oom", "die"].contains($0) }
            #expect(actions.first == "start" && actions.last == "die" && actions.count > 2, "\(events)")
            #expect(actions.dropFirst().dropLast().allSatisfy { $0 == "oom" }, "\(events)")
            let state = try daemon.state("eater")
            #expect(state["OOMKilled"] as? Bool == true && state["ExitCode"] as? Int == 137, "\(state)")
            let report = try daemon.request("GET", "/swiftbox/boxes/eater/report").text
            #expect(report.contains(#""status": "oom""#), "\(report)")
            let metrics = try daemon.request("GET", "/metrics").text
            #expect(metrics.contains("swiftbox_box_oom_kills_total{"), "\(metrics)")
            try daemon.end()
        }
    }
}
