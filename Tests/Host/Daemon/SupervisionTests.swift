internal import BoxSystem
internal import Foundation
internal import TestBed
internal import Testing

extension HostBed {
    /// Restart policies, health checks, and that nothing is done when nothing is due.
    @Suite struct Supervision {
        private func wanted(_ script: String, _ host: String = "", _ more: String = "") -> String {
            #"{"Image":"host","Cmd":["sh","-c","\#(script)"]\#(more),"HostConfig":{"NetworkMode":"none"\#(host)}}"#
        }

        @Test func restartPoliciesDecide() throws {
            let daemon = try TestDaemon(in: try Bed.here)
            let failing = try daemon.startBox(
                wanted("exit 5", #","RestartPolicy":{"Name":"on-failure","MaximumRetryCount":2}"#), name: "failing")
            let well = try daemon.startBox(wanted("exit 0", #","RestartPolicy":{"Name":"on-failure"}"#), name: "well")
            let always = try daemon.startBox(
                wanted("sleep 1000", #","RestartPolicy":{"Name":"always"}"#), name: "always")
            let first = try #require(try daemon.state(always)["Pid"] as? Int)
            kill(pid_t(first), 9)
            #expect(
                try poll(5) {
                    let state = try daemon.state(always)
                    return state["Running"] as? Bool == true && state["Pid"] as? Int != first
                })
            #expect(try daemon.request("POST", "/containers/always/stop?t=0").status == 204)
            #expect(
                try poll(5) {
                    let box = try daemon.request("GET", "/containers/failing/json").object
                    return box["RestartCount"] as? Int == 2
                        && (box["State"] as? [String: Any])?["Status"] as? String == "exited"
                })
            #expect(try daemon.state(failing)["ExitCode"] as? Int == 5)
            usleep(400_000)
            #expect(try daemon.state(always)["Running"] as? Bool == false, "a box that was stopped came back")
            #expect(try daemon.request("GET", "/containers/\(well)/json").object["RestartCount"] as? Int == 0)
            try daemon.end()
        }

        @Test func healthChecksTellAndAct() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let shared = bed.directory + "/shared"
            try File.makeDirectory(shared, mode: 0o777)
            try File.changeMode(shared, mode: 0o777, at: FileFlags.currentDirectory)
            let check =
                #","Healthcheck":{"Test":["CMD-SHELL","test ! -e /shared/sick"],"Interval":100000000,"Retries":2}"#
            let id = try daemon.startBox(
                wanted("sleep 1000", #","Binds":["\#(shared):/shared"]"#, check), name: "patient")
            func health() throws -> String? {
                (try daemon.state(id)["Health"] as? [String: Any])?["Status"] as? String
            }
            #expect(try health() == "starting")
            #expect(try poll(5) { try health() == "healthy" })
            try bed.write("", to: shared + "/sick")
            #expect(try poll(5) { try health() == "unhealthy" })
            try File.remove(shared + "/sick")
            #expect(try poll(5) { try health() == "healthy" })
            try daemon.end()
        }

        /// Nobody's timer runs where nothing is due: neither the daemon's nor a monitor's.
        @Test func idleIsIdle() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            for number in 0..<3 { _ = try daemon.startBox(wanted("sleep 1000"), name: "idle\(number)") }
            // Its monitors are prepared, and what was asked for is answered.
            usleep(2_500_000)
            let pids = try daemon.monitors() + [daemon.pid]
            let before = try pids.map { try Self.switches($0) }
            usleep(3_000_000)
            #expect(try pids.map { try Self.switches($0) } == before)
            try daemon.end()
        }

        /// How often each thread went to sleep (proc_pid_status(5)).
        private static func switches(_ pid: CInt) throws -> [String: String] {
            let tasks = try File.open("/proc/\(pid)/task", FileFlags.readOnly | FileFlags.directory)
            return try File.list(tasks.raw).reduce(into: [:]) { found, task in
                let status = try File.text(of: "/proc/\(pid)/task/\(task)/status")
                found[task] = status.split(separator: "\n").first { $0.hasPrefix("voluntary") }.map(String.init)
            }
        }
    }
}
