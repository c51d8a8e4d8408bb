internal import BoxSystem
internal import Foundation
internal import TestBed
internal import Testing

extension HostBed {
    /// The daemon among the host's own services.
    @Suite struct ServiceManager {
        /// Socket activation, notifications, and SIGHUP.
        @Test func itsManagerHandsASocketOverAndIsTold() throws {
            let bed = try Bed.here
            let outcome = try bed.command(
                "python3", Bed.package + "/Tests/Host/Daemon/manager.py", Bed.binary("swiftboxd"), bed.directory)
            #expect(outcome.output == "as it should be\n", "\(outcome)\n\(log(bed))")
        }

        private func log(_ bed: Bed) -> String {
            do { return try File.text(of: bed.directory + "/errors") } catch { return "" }
        }

        /// A journal of the test's own takes the place of systemd's.
        @Test func theJournalGetsWhatABoxWrites() throws {
            let bed = try Bed.here
            let daemon = try TestDaemon(in: bed)
            let wanted = DaemonLife.box(
                "printf 'one\\\\ntwo'; echo bad >&2", #","LogConfig":{"Type":"journald"}"#)
            let made = try daemon.request("POST", "/containers/create?name=talks", wanted)
            #expect(made.status == 201, "\(made)")
            let refused = try daemon.request("POST", "/containers/talks/start")
            #expect(refused.text.contains("--log-driver: there is no journal on this host"), "\(refused)")
            let journal = try Command(["python3", Bed.package + "/Tests/Host/Daemon/journal.py"]).start(in: bed)
            try journal.waitForOutput("listens\n")
            #expect(try daemon.request("POST", "/containers/talks/start").status == 204)
            #expect(try daemon.request("POST", "/containers/talks/wait").text.contains(#""StatusCode":0"#))
            let id = try #require(made.object["Id"] as? String)
            for (priority, line) in [(6, "one"), (6, "two"), (3, "bad")] {
                let entry =
                    "PRIORITY=\(priority)\nSYSLOG_IDENTIFIER=swiftbox\nCONTAINER_NAME=talks\n"
                    + "CONTAINER_ID=\(id.prefix(12))\nCONTAINER_ID_FULL=\(id)\nMESSAGE=\(line)\n=\n"
                #expect(poll(5) { journal.output.contains(entry) }, "\(journal.output)")
            }
            journal.signal(9)
            try journal.wait()
            let clear = "cd /run && rm systemd/journal/socket && rmdir -p --ignore-fail-on-non-empty systemd/journal"
            #expect(try bed.command("sh", "-c", clear).status == 0)
            let unread = try daemon.request("GET", "/containers/talks/logs?stdout=1")
            #expect(unread.status == 501 && unread.text.contains("journald"), "\(unread)")
            try daemon.end()
        }
    }
}
