internal import Foundation
internal import Glibc
internal import TestBed
internal import Testing

extension HostBed {
    /// The box that the daemon has ready for the next run, of which only the command is missing.
    @Suite struct PreparedBoxes {
        private struct Client {
            let bed: Bed
            let daemon: TestDaemon

            func callAsFunction(_ words: String..., input: String = "") throws -> Outcome {
                try daemon.swiftbox(words, input: input).wait(timeout: 60)
            }

            private var archive: String { bed.directory + "/rootfs.tar" }

            func packImage() throws {
                #expect(try bed.command("tar", "-C", bed.makeRootfs(), "-cf", archive, ".").status == 0)
            }

            func importImage() throws { #expect(try self("import", archive, "box").status == 0) }

            /// Ids of the boxes that wait, as the daemon tells its log, without those that there are no more.
            var waiting: [String] {
                let told = daemon.log.split(separator: "\n").filter { $0.contains("a box is prepared") }
                let ids = told.compactMap { line in
                    line.split(separator: " ").first { $0.hasPrefix("box=") }.map { String($0.dropFirst(4)) }
                }
                return ids.filter { status($0) == "creating" }
            }

            private func state(_ id: String) -> [String: Any]? {
                guard let text = FileManager.default.contents(atPath: daemon.run + "/runtime/\(id)/state.json") else {
                    return nil
                }
                do {
                    return try JSONSerialization.jsonObject(with: text) as? [String: Any]
                } catch {
                    return nil
                }
            }

            private func status(_ id: String) -> String? { state(id)?["status"] as? String }

            func pid(_ id: String) -> pid_t { pid_t(state(id)?["pid"] as? Int ?? 0) }

            /// The next box, once it is there.
            func next() throws -> String {
                #expect(poll(10) { waiting.count == 1 }, "\(daemon.log)")
                return waiting.first ?? ""
            }

            /// Nothing of it is anywhere.
            func isGone(_ id: String) -> Bool {
                access(daemon.root + "/boxes/\(id)", F_OK) != 0
                    && access(daemon.run + "/runtime/\(id)", F_OK) != 0
                    && access("/sys/fs/cgroup/swiftbox-\(id)", F_OK) != 0
            }
        }

        private func withClient(_ configuration: String = "", _ body: (Client) throws -> Void) throws {
            try TestDaemon.serving(configuration) { bed, daemon in
                let client = Client(bed: bed, daemon: daemon)
                try client.packImage()
                try client.importImage()
                try body(client)
            }
        }

        private static let look = """
            hostname; echo "$A"; echo "$HOME $container $#"; grep -E '^(Seccomp|NoNewPrivs|CapEff):' /proc/self/status
            """

        /// Its facts are those of a box that was made when it was asked for.
        @Test func areWhatWasAskedFor() throws {
            try withClient { swiftbox in
                let first = try swiftbox("run", "--rm", "--image", "box", "-e", "A=0", "--", "sh", "-c", Self.look)
                #expect(first.status == 0, "\(first)")
                let long = String(repeating: "long ", count: 1500)
                for value in ["1", "two words", long, String(repeating: long, count: 10)] {
                    let id = try swiftbox.next()
                    let run = try swiftbox(
                        "run", "--rm", "--image", "box", "-e", "A=\(value)", "--", "sh", "-c", Self.look, "zero", "one")
                    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                    let facts = first.output.split(separator: "\n").suffix(3).map(String.init)
                    #expect(run.status == 0 && lines.count == 7, "\(run)")
                    // What is too long for a request is read from its config.json, by a box of the same id.
                    #expect(id.hasPrefix(lines[0]) && lines[1] == value && lines[2] == "/root swiftbox 1", "\(run)")
                    #expect(Array(lines[3...5]) == facts, "\(run) \(first)")
                    #expect(run.errors == first.errors, "\(run) \(first)")
                }
            }
        }

        @Test func areKnownByTheirOwnCommand() throws {
            try withClient { swiftbox in
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                let id = try swiftbox.next()
                let run = try swiftbox(
                    "run", "-d", "--name", "one", "-e", "A=1", "--image", "box", "--", "sleep", "1000")
                #expect(run.output == id + "\n", "\(run)")
                #expect(try swiftbox("exec", "one", "sh", "-c", "echo $A; hostname").output == "1\n\(id.prefix(12))\n")
                let told = try swiftbox("inspect", "--format", "{{.State.Status}} {{.State.Pid}}", "one").output
                #expect(told == "running \(swiftbox.pid(id))\n")
                for path in ["\(swiftbox.daemon.run)/runtime/\(id)", "\(swiftbox.daemon.root)/boxes/\(id)"] {
                    let config = try String(contentsOfFile: path + "/config.json", encoding: .utf8)
                    #expect(
                        config.contains("1000") && config.contains("A=1") && !config.contains("\"true\"]"), "\(path)")
                }
                // Its later runs are boxes like any other.
                #expect(try swiftbox("restart", "-t", "0", "one").status == 0)
                #expect(try swiftbox("exec", "one", "hostname").output == "\(id.prefix(12))\n")
            }
        }

        @Test func takeInputAndTellWhatFails() throws {
            try withClient { swiftbox in
                for input in ["some\n", "more\n"] {
                    let run = try swiftbox("run", "--rm", "-i", "--image", "box", "--", "cat", input: input)
                    #expect(run.status == 0 && run.output == input, "\(run)")
                    _ = try swiftbox.next()
                }
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                for (command, status) in [("/bin/nope", 127), ("/etc", 126)] as [(String, Int32)] {
                    let id = try swiftbox.next()
                    let run = try swiftbox("run", "--rm", "--image", "box", "--", command)
                    #expect(run.status == status && run.errors.contains(command), "\(run)")
                    #expect(poll(10) { swiftbox.isGone(id) })
                    #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                }
            }
        }

        @Test func leaveOtherBoxesAlone() throws {
            try withClient { swiftbox in
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                let id = try swiftbox.next()
                let run = try swiftbox(
                    "run", "--rm", "--user", "65534", "--read-only", "--image", "box", "--", "sh", "-c",
                    "hostname; id -u; touch /x")
                let lines = run.output.split(separator: "\n").map(String.init)
                #expect(lines.count == 2 && !id.hasPrefix(lines[0]) && lines[1] == "65534", "\(run)")
                #expect(run.status == 1 && run.errors.contains("Read-only"), "\(run)")
                // It is that kind that the next box is likely to be of.
                #expect(poll(10) { swiftbox.isGone(id) })
                let next = try swiftbox.next()
                #expect(next != id)
                // A directory of the host's may be another by then.
                let mounted = try swiftbox(
                    "run", "--rm", "-v", swiftbox.bed.directory + ":/mnt:ro", "--image", "box", "--", "true")
                #expect(mounted.status == 0, "\(mounted)")
                #expect(poll(10) { swiftbox.daemon.log.contains("no box can be prepared") && swiftbox.isGone(next) })
            }
        }

        /// Whoever is killed while it waits, the next box comes to run.
        @Test func mayBeKilledWhileTheyWait() throws {
            try withClient { swiftbox in
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                for killsMonitor in [false, true] {
                    let id = try swiftbox.next()
                    let pid = swiftbox.pid(id)
                    let target = if killsMonitor { try Self.parent(of: pid) } else { pid }
                    #expect(target > 1 && kill(target, SIGKILL) == 0)
                    #expect(poll(10) { kill(pid, 0) != 0 || Self.isZombie(pid) })
                    let run = try swiftbox("run", "--rm", "--image", "box", "--", "echo", "there")
                    #expect(run.status == 0 && run.output == "there\n", "\(run)")
                    _ = try swiftbox.next()
                    #expect(poll(10) { swiftbox.isGone(id) }, "\(swiftbox.daemon.log)")
                }
            }
        }

        private static func isZombie(_ pid: pid_t) -> Bool {
            do {
                return try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8).contains("State:\tZ")
            } catch {
                return true
            }
        }

        @Test func goWithTheirImageAndTheirDaemon() throws {
            try withClient { swiftbox in
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                let first = try swiftbox.next()
                #expect(try swiftbox("rmi", "box").status == 0)
                #expect(poll(10) { swiftbox.isGone(first) }, "\(swiftbox.daemon.log)")
                try swiftbox.importImage()
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                let second = try swiftbox.next()
                try swiftbox.daemon.kill()
                try swiftbox.daemon.start()
                #expect(poll(10) { swiftbox.isGone(second) }, "\(swiftbox.daemon.log)")
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                let third = try swiftbox.next()
                try swiftbox.daemon.stop()
                #expect(poll(10) { swiftbox.isGone(third) }, "\(swiftbox.daemon.log)")
                try swiftbox.daemon.start()
            }
        }

        /// Neither does it keep the daemon from ending, nor stay when it goes on.
        @Test func mayHaveAMonitorThatIsStopped() throws {
            try withClient { swiftbox in
                #expect(try swiftbox("run", "--rm", "--image", "box", "--", "true").status == 0)
                let id = try swiftbox.next()
                let monitor = try Self.parent(of: swiftbox.pid(id))
                #expect(monitor > 1 && kill(monitor, SIGSTOP) == 0)
                let begun = Date()
                #expect(try swiftbox.daemon.stop() == 0)
                #expect(Date().timeIntervalSince(begun) < 8)
                #expect(kill(monitor, SIGCONT) == 0)
                try swiftbox.daemon.start()
                #expect(poll(10) { swiftbox.isGone(id) }, "\(swiftbox.daemon.log)")
            }
        }

        private static func parent(of pid: pid_t) throws -> pid_t {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }?.split(separator: "\t")
            return pid_t(line?.last ?? "") ?? 0
        }

        @Test func areNotWantedWithoutPreparedMonitors() throws {
            try withClient("prepared_monitors: 0\n") { swiftbox in
                for _ in 0..<2 {
                    let run = try swiftbox("run", "--rm", "--image", "box", "--", "true")
                    #expect(run.status == 0, "\(run)")
                    usleep(300_000)
                    #expect(swiftbox.waiting.isEmpty)
                }
            }
        }
    }
}
