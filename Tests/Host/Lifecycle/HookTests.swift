import BoxSystem
import Foundation
import Testing
import TestBed

extension HostBed {
    /// runtime-spec, Lifecycle and POSIX-platform Hooks.
    @Suite struct Hooks {
        /// Writes its stage, its view and the state it was given into the bed's log.
        private func hook(_ stage: String, _ script: String = "") throws -> [[String: Any]] {
            let log = try Bed.here.directory + "/hooks.log"
            let text = "{ echo \(stage) $(readlink /proc/self/ns/mnt) $A; cat; echo; } >>\(log); \(script)"
            return [["path": "/bin/sh", "args": ["sh", "-c", text], "env": ["A=\(stage)", "PATH=/bin:/usr/bin"]]]
        }

        private let stages = [
            "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
        ]

        private func bundle(_ arguments: [String], changing stage: String = "", _ script: String = "") throws -> String
        {
            let bed = try Bed.here
            var config = try Config()
            config.set("process.args", arguments)
            config.set("annotations", ["a": "b"])
            for name in stages { config.set("hooks.\(name)", try hook(name, name == stage ? script : "")) }
            // The start hook is a program of the box: it finds the log by a bind mount.
            config.set(
                "mounts.+",
                ["destination": bed.directory, "type": "bind", "source": bed.directory, "options": ["bind"]])
            return try bed.makeBundle(config)
        }

        private func log() throws -> [String] {
            try String(contentsOfFile: try Bed.here.directory + "/hooks.log", encoding: .utf8)
                .split(separator: "\n").map(String.init)
        }

        private func order() throws -> [String] {
            try log().filter { !$0.hasPrefix("{") }.map { String($0.prefix { $0 != " " }) }
        }

        @Test func allSixInOrderWithTheirState() throws {
            let bed = try Bed.here
            let bundle = try bundle(["workload", "sleep-forever"])
            #expect(try bed.runtime("create", "-b", bundle, "hooked").status == 0)
            #expect(try order() == ["prestart", "createRuntime", "createContainer"])
            let started = try bed.runtime("start", "hooked")
            #expect(started.status == 0, "\(started)")
            try #require(try order() == Array(stages[..<5]))
            #expect(try bed.runtime("delete", "-f", "hooked").status == 0)
            #expect(try order() == stages)
            let states = try log().filter { $0.hasPrefix("{") }
            for (text, status) in zip(states, ["creating", "creating", "creating", "created", "running", "stopped"]) {
                let state = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                #expect(state?["status"] as? String == status && state?["id"] as? String == "hooked", "\(text)")
                #expect(
                    state?["bundle"] as? String == bundle && state?["annotations"] as? [String: String] == ["a": "b"])
            }
            let pids = try states.map {
                try (JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["pid"] as? Int ?? -1
            }
            #expect(
                pids[0] > 1 && pids[0] == pids[1] && pids[2] == 1 && pids[3] == 1 && pids[4] == pids[0] && pids[5] == 0)
            let lines = try log().filter { !$0.hasPrefix("{") }.map { $0.split(separator: " ").map(String.init) }
            let host = try File.readLink("/proc/self/ns/mnt")
            #expect(lines.allSatisfy { $0[0] == $0[2] }, "the environment is the hook's own: \(lines)")
            #expect([0, 1, 4, 5].allSatisfy { lines[$0][1] == host } && [2, 3].allSatisfy { lines[$0][1] != host })
        }

        @Test func aForegroundRunHasThemToo() throws {
            let bed = try Bed.here
            #expect(try bed.runtime("run", "-b", bundle(["true"]), "hooked").status == 0)
            #expect(try order() == stages)
        }

        @Test(arguments: ["prestart", "createRuntime", "createContainer"])
        func oneThatFailsEndsTheCreation(stage: String) throws {
            let bed = try Bed.here
            let outcome = try bed.runtime("create", "-b", bundle(["true"], changing: stage, "exit 7"), "hooked")
            #expect(outcome.status == 1 && outcome.errors.contains("hooks.\(stage)[0]"), "\(outcome)")
            #expect(outcome.errors.contains("exit status 7"), "\(outcome)")
            #expect(try order().last == "poststop" && !order().contains("startContainer"))
            #expect(try bed.runtime("state", "hooked").errors.contains("does not exist"))
        }

        @Test(arguments: ["startContainer", "poststart"])
        func oneThatFailsEndsTheStart(stage: String) throws {
            let bed = try Bed.here
            let bundle = try bundle(["workload", "sleep-forever"], changing: stage, "exit 7")
            #expect(try bed.runtime("create", "-b", bundle, "hooked").status == 0)
            let outcome = try bed.runtime("start", "hooked")
            #expect(outcome.status == 1 && outcome.errors.contains("hooks.\(stage)[0]"), "\(outcome)")
            #expect(try order().last == "poststop")
            #expect(try bed.runtime("state", "hooked").errors.contains("does not exist"))
        }

        @Test func afterTheEndAFailureIsAWarning() throws {
            let bed = try Bed.here
            let outcome = try bed.runtime("run", "-b", bundle(["true"], changing: "poststop", "exit 7"), "hooked")
            #expect(outcome.status == 0 && outcome.errors.contains("warning: hooks.poststop[0]"), "\(outcome)")
        }

        @Test func oneThatTakesTooLongIsKilled() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set(
                "hooks.createRuntime", [["path": "/bin/sleep", "args": ["sleep", "1000"], "timeout": 1]])
            let outcome = try bed.runtime("run", "-b", bed.makeBundle(config), "slow")
            #expect(outcome.status == 1 && outcome.errors.contains("timeout of 1 s"), "\(outcome)")
        }

        @Test func oneThatIsNotThereIsToldByItsPath() throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("hooks.prestart", [["path": "/none"]])
            let outcome = try bed.runtime("run", "-b", bed.makeBundle(config), "gone")
            #expect(outcome.status == 1 && outcome.errors.contains("/none"), "\(outcome)")
            #expect(outcome.errors.contains("No such file"), "\(outcome)")
        }

        /// Its program comes from the box, so it has the workload's rights and no more.
        @Test func theStartHookHasTheWorkloadsRights() throws {
            let bed = try Bed.here
            let bundle = try bundle(
                ["true"], changing: "startContainer",
                "grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status >>\(bed.directory)/rights")
            #expect(try bed.runtime("run", "-b", bundle, "rights").status == 0)
            let rights = try String(contentsOfFile: bed.directory + "/rights", encoding: .utf8)
            #expect(rights.contains("CapBnd:\t00000000a80425fb") && rights.contains("NoNewPrivs:\t1"), "\(rights)")
        }
    }
}
