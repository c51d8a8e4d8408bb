import BoxSystem
import Foundation
import Glibc
import Testing
import TestBed

extension HostBed {
    /// create → start → kill → delete, one command each, as an engine calls them.
    @Suite struct Lifecycle {
        private func state(_ id: String) throws -> [String: Any] {
            let outcome = try Bed.here.runtime("state", id)
            if outcome.status != 0 { return [:] }
            return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
        }

        private func status(_ id: String) throws -> String { try state(id)["status"] as? String ?? "none" }

        @Test func everyStateOnTheWay() throws {
            let bed = try Bed.here
            var config = try Config("workload", "sleep-forever")
            config.set("annotations", ["org.example.kind": "test"])
            let bundle = try bed.makeBundle(config)
            let created = try bed.runtime("create", "-b", bundle, "--pid-file", bed.directory + "/pid", "life")
            #expect(created.status == 0 && created.output.isEmpty && created.errors.isEmpty, "\(created)")
            var told = try state("life")
            let pid = try #require(told["pid"] as? Int)
            #expect(told["status"] as? String == "created" && told["ociVersion"] as? String == "1.3.0")
            #expect(told["bundle"] as? String == bundle && told["rootfs"] as? String == bundle + "/rootfs")
            #expect((told["annotations"] as? [String: String])?["org.example.kind"] == "test")
            #expect(try String(contentsOfFile: bed.directory + "/pid", encoding: .utf8) == String(pid))
            #expect(try bed.runtime("start", "life").status == 0)
            told = try state("life")
            #expect(told["status"] as? String == "running" && told["pid"] as? Int == pid)
            let again = try bed.runtime("start", "life")
            #expect(again.status == 1 && again.errors.contains("it is running"), "\(again)")
            let refused = try bed.runtime("delete", "life")
            #expect(refused.status == 1 && refused.errors.contains("not stopped"), "\(refused)")
            #expect(try bed.runtime("kill", "life", "KILL").status == 0)
            #expect(try poll(10) { try status("life") == "stopped" })
            #expect(try state("life")["pid"] as? Int == 0)
            let late = try bed.runtime("kill", "life")
            #expect(late.status == 1 && late.errors.contains("container not running"), "\(late)")
            #expect(try bed.runtime("kill", "--all", "life", "9").status == 0)
            #expect(try bed.runtime("delete", "life").status == 0)
            #expect(try bed.runtime("state", "life").errors.contains("does not exist"))
            #expect(try bed.runtime("delete", "life").status == 1)
            #expect(try bed.runtime("delete", "--force", "life").status == 0)
        }

        /// The text itself where it says what the box is, else what was made of it.
        @Test func theStateKeepsTheConfiguration() throws {
            let bed = try Bed.here
            var config = try Config("sleep", "1000")
            config.set("org.example.unknown", ["\u{e9}": 1])
            let bundle = try bed.makeBundle(config)
            func kept(_ id: String, _ flags: String...) throws -> String {
                let line =
                    [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + flags + [
                        "create", "-b", bundle, id,
                    ]
                #expect(try Command(line).start(in: bed).wait().status == 0)
                let text = try String(contentsOfFile: "\(bed.stateRoot)/\(id)/config.json", encoding: .utf8)
                #expect(try bed.runtime("exec", id, "true").status == 0)
                #expect(try bed.runtime("delete", id).status == 0)
                return text
            }
            #expect(try kept("same") == String(contentsOfFile: bundle + "/config.json", encoding: .utf8))
            let changed = try kept("changed", "--cgroup-manager", "disabled")
            #expect(changed.contains("\"cgroupManager\":\"disabled\"") && !changed.contains("org.example.unknown"))
        }

        /// They stand in the configuration alone; where that is damaged, the box is told of without them.
        @Test func annotationsAreListed() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("annotations", ["org.example.key": "value"])
            let bundle = try bed.makeBundle(config)
            for id in ["whole", "damaged"] {
                #expect(try bed.runtime("create", "-b", bundle, id).status == 0)
                #expect(try bed.runtime("state", id).output.contains("\"org.example.key\": \"value\""))
            }
            try bed.write("{", to: "\(bed.stateRoot)/damaged/config.json")
            let list = try bed.runtime("list", "-f", "json")
            #expect(list.status == 0 && list.errors.contains("damaged is listed without its annotations"), "\(list)")
            #expect(list.output.contains("\"id\":\"damaged\""))
            #expect(list.output.split(separator: "org.example.key").count == 2, "\(list)")
            try bed.write(
                String(contentsOfFile: bundle + "/config.json", encoding: .utf8),
                to: "\(bed.stateRoot)/damaged/config.json")
            for id in ["whole", "damaged"] { #expect(try bed.runtime("delete", id).status == 0) }
        }

        @Test func aCreatedBoxIsDeletedWithoutForce() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            #expect(try bed.runtime("create", "-b", bundle, "idle").status == 0)
            let second = try bed.runtime("create", "-b", bundle, "idle")
            #expect(second.status == 1 && second.errors.contains("the id idle is in use"), "\(second)")
            #expect(try status("idle") == "created")
            #expect(try bed.runtime("delete", "idle").status == 0)
        }

        /// In the words by which engines tell 127 from 126.
        @Test(arguments: [("/none", "no such file or directory"), ("/etc/passwd", "permission denied")])
        func aCommandThatCannotBeStartedIsNotCreated(command: String, words: String) throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config(command))
            for verb in [["create"], ["run", "-d"], ["run"]] {
                let line =
                    [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + verb + ["-b", bundle, "lost"]
                let outcome = try Command(line).start(in: bed).wait()
                #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome)")
                #expect(outcome.errors.contains("process.args[0]: the command \(command)"), "\(outcome)")
            }
        }

        /// What only execve(2) finds out ends the start, and the box.
        @Test func aCommandThatFailsLateEndsTheStart() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("/broken"))
            try bed.write("no program\n", to: bundle + "/rootfs/broken")
            chmod(bundle + "/rootfs/broken", 0o755)
            #expect(try bed.runtime("create", "-b", bundle, "late").status == 0)
            let started = try bed.runtime("start", "late")
            #expect(started.status == 1 && started.errors.contains("/broken cannot be executed"), "\(started)")
            #expect(try poll(10) { try status("late") == "stopped" })
            #expect(try bed.runtime("delete", "late").status == 0)
        }

        /// What the workload wrote and its status are the caller's affair: it has the streams, and is the parent.
        @Test func theWorkloadHasTheCallersStreams() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("sh", "-c", "cat; echo err >&2"))
            let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot]
            let created = try Command(line + ["create", "-b", bundle, "streams"]).start(in: bed, input: "typed\n")
            try created.wait()
            #expect(try bed.runtime("start", "streams").output.isEmpty)
            #expect(poll(10) { created.output == "typed\n" && created.errors == "err\n" }, "\(created.output)")
            #expect(try bed.runtime("delete", "--force", "streams").status == 0)
        }

        @Test func oneOfTwoOperationsAtOnceWins() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("workload", "sleep-forever"))
            let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot]
            let creations = try (0..<4).map { _ in
                try Command(line + ["create", "-b", bundle, "twice"]).start(in: bed)
            }
            let outcomes = try creations.map { try $0.wait() }
            #expect(outcomes.filter { $0.status == 0 }.count == 1, "\(outcomes)")
            #expect(outcomes.filter { $0.errors.contains("in use") || $0.errors.contains("exists already") }.count == 3)
            let starts = try (0..<4).map { _ in try Command(line + ["start", "twice"]).start(in: bed) }.map {
                try $0.wait()
            }
            #expect(starts.filter { $0.status == 0 }.count == 1, "\(starts)")
            #expect(try bed.runtime("delete", "-f", "twice").status == 0)
        }

        @Test func aListOfBoxes() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("workload", "sleep-forever"))
            for id in ["b1", "a2"] { #expect(try bed.runtime("run", "-d", "-b", bundle, id).status == 0) }
            #expect(try bed.runtime("list", "-q").output == "a2\nb1\n")
            let table = try bed.runtime("list").lines
            #expect(
                table.count == 3
                    && table[0].split(separator: " ") == ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"])
            #expect(table[1].split(separator: " ").map(String.init)[2...3] == ["running", bundle], "\(table)")
            let json = try bed.runtime("list", "--format=json").output
            #expect(
                json.hasPrefix("[{\"ociVersion\":\"1.3.0\",\"id\":\"a2\",\"pid\":")
                    && json.hasSuffix("\"owner\":\"root\"}]\n"))
            let missing = try bed.command(try Bed.binary("swiftbox-runtime"), "--root", bed.directory + "/no", "list")
            #expect(missing.status == 1 && missing.errors.contains("--root"), "\(missing)")
            #expect(try bed.runtime("kill", "-r", "^[ab]", "KILL").status == 0)
            #expect(try poll(10) { try status("a2") == "stopped" && status("b1") == "stopped" })
            #expect(try bed.runtime("delete", "-r", "^[ab]").status == 0)
            #expect(try bed.runtime("list", "-f", "json").output == "[]\n")
        }

        @Test func stateIsKeptOnRequest() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("sh", "-c", "exit 3"))
            #expect(try bed.runtime("run", "--keep", "-b", bundle, "kept").status == 3)
            #expect(try status("kept") == "stopped")
            #expect(try bed.runtime("run", "-b", bundle, "other").status == 3, "no sweep takes it for a killed run's")
            #expect(try status("kept") == "stopped")
            #expect(try bed.runtime("delete", "kept").status == 0)
        }

        /// With the host's processes, KILL and delete reach all of the box by its cgroup.
        @Test func aSharedPidNamespaceLeavesNobody() throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "sleep 1000 & sleep 1000 & echo up; wait")
            config.set("linux.namespaces", [["type": "mount"], ["type": "cgroup"]])
            config.set("linux.maskedPaths", nil)
            config.set("hostname", nil)
            config.set("linux.sysctl", nil)
            let bundle = try bed.makeBundle(config)
            #expect(try bed.runtime("run", "-d", "-b", bundle, "shared").status == 0)
            #expect(try bed.runtime("kill", "shared", "KILL").status == 0)
            #expect(try poll(10) { try status("shared") == "stopped" })
            #expect(try bed.runtime("delete", "shared").status == 0)
        }

        @Test func aRuntimeKilledWhileItCreatesIsSwept() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("hooks.createRuntime", [["path": "/bin/sleep", "args": ["sleep", "1000"]]])
            let bundle = try bed.makeBundle(config)
            let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot]
            let creating = try Command(line + ["create", "-b", bundle, "half"]).start(in: bed)
            #expect(try poll(10) { try status("half") == "creating" && state("half")["pid"] as? Int != 0 })
            var hook: String?
            #expect(
                try poll(10) {
                    hook = try bed.command("pgrep", "-P", String(creating.pid), "sleep").lines.first
                    return hook != nil
                })
            creating.signal(SIGKILL)
            try creating.wait()
            #expect(try bed.runtime("delete", "half").status == 0)
            Glibc.kill(try #require(pid_t(hook ?? "")), SIGKILL)
        }
    }
}
