import Glibc
import TestBed
import Testing

extension Conformance {
    /// `hooks`: when each runs, what it is told, and what its failure does.
    @Suite struct Hooks {
        private func hook(_ script: String, _ more: [String: Any] = [:]) -> [String: Any] {
            ["path": "/bin/sh", "args": ["sh", "-c", script]].merging(more) { $1 }
        }

        /// All but startContainer, which is looked up in the container.
        private static let hostKinds = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"]

        /// A line in the log for each: its kind, the status it is told, and whether the pid is alive and the id right.
        private func logging(_ log: String, _ config: inout Config) {
            for kind in Self.hostKinds {
                config.set(
                    "hooks.\(kind).+",
                    hook(
                        "state=$(cat); printf '%s %s\\n' \(kind) \"$(printf %s \"$state\" | tr -d ' \\n\\t')\" >>\(log)"
                    ))
            }
            config.set("hooks.startContainer.+", hook("cat >/dev/null; echo startContainer >>/log"))
        }

        @Test func hooksRunInTheirOrder() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            var config = try Config(script: "cat /log; echo workload >>/log")
            config.set("annotations", ["org.example.key": "value"])
            logging(log, &config)
            let box = try bed.container(config, id: "hooked")
            let created = try box.create()
            try #require(created.outcome.status == 0, "\(created.outcome)")
            var lines = try entries(log)
            #expect(lines.map(\.kind) == ["prestart", "createRuntime", "createContainer"])
            #expect(access(box.rootfs + "/log", F_OK) != 0, "startContainer runs with start")
            let pid = try box.pid
            let started = try box.call("start")
            #expect(started.status == 0, "\(started)")
            try box.waitFor("stopped")
            #expect(created.output == "startContainer\n")
            try box.call("delete")
            lines = try entries(log)
            #expect(lines.map(\.kind) == Self.hostKinds)
            for (kind, state) in lines {
                #expect(state["id"] == "hooked" && state["bundle"] == box.bundle, "\(kind) \(state)")
                #expect(
                    state["ociVersion"] != nil && state["annotations", "org.example.key"] == "value", "\(kind) \(state)"
                )
                // In a pid namespace of its own there is another number.
                if kind != "poststop" && kind != "createContainer" {
                    #expect(state["pid"] == "\(pid)", "\(kind) \(state)")
                }
            }
        }

        /// "creating" while the environment is made; after it what `state` says then.
        @Test func hooksAreToldTheStatus() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            var config = try Config("/bin/workload", "sleep-forever")
            logging(log, &config)
            let box = try bed.container(config)
            _ = try box.launch()
            try box.call("delete", "--force")
            let told = try entries(log).map { "\($0.kind) \($0.state["status"] ?? "nothing")" }
            #expect(
                told == [
                    "prestart creating", "createRuntime creating", "createContainer creating", "poststart running",
                    "poststop stopped",
                ])
        }

        private func entries(_ log: String) throws -> [(kind: String, state: Answer)] {
            try Command(["cat", log]).start(in: Bed.here).wait().lines.map { line in
                let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                return (parts[0], try Answer(parts.count > 1 ? parts[1] : "null"))
            }
        }

        /// Before pivot_root, createContainer is in the container's mount namespace; the others are in the runtime's.
        @Test func hooksRunInTheirNamespaces() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            var config = try Config(
                script: "echo container $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/net)")
            for kind in Self.hostKinds {
                config.set(
                    "hooks.\(kind).+",
                    hook("echo \(kind) $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/net) >>\(log)"))
            }
            let outcome = try bed.container(config).run()
            let own = try bed.command(
                "sh", "-c", "echo host $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/net)")
            let inside = outcome.output.split(separator: " ").dropFirst().map(String.init)
            let outside = own.output.split(separator: " ").dropFirst().map(String.init)
            #expect(outcome.status == 0 && inside.count == 2 && inside != outside, "\(outcome)")
            for line in try bed.command("cat", log).output.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                #expect((words[1] + "\n" == inside[0] + "\n") == (words[0] == "createContainer"), "\(line)")
            }
        }

        @Test func argumentsAndEnvironmentOfAHook() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            var config = try Config("/bin/true")
            config.set(
                "hooks.createRuntime.+",
                [
                    "path": "/bin/sh",
                    "args": ["myname", "-c", "echo $0 $1 $A $B \"[$HOME$LANG]\" >>\(log)", "zero", "one"],
                    "env": ["A=1", "B=two words", "PATH=/usr/bin:/bin"],
                ] as [String: Any])
            let box = try bed.container(config)
            let outcome = try box.run(environment: ["LANG": "X", "HOME": "/nowhere"])
            outcome.expect()
            #expect(try bed.command("cat", log).output == "zero one 1 two words []\n")
        }

        /// The specification says nothing; runc and crun are in the bundle when they run those of create.
        @Test func hooksRunInTheBundle() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            var config = try Config("/bin/true")
            config.set("hooks.createRuntime.+", hook("pwd >>\(log)"))
            let box = try bed.container(config)
            try box.run().expect()
            #expect(try bed.command("cat", log).output == box.bundle + "\n")
        }

        /// A hook that fails stops the creation, and nothing is left; poststop hooks run for what was made.
        @Test func failingHooksStopTheCreation() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            for kind in ["prestart", "createRuntime", "createContainer"] {
                var config = try Config("/bin/sh", "-c", "echo ran >>/ran")
                config.set("hooks.\(kind)", [hook("exit 7"), hook("echo second >>\(log)")])
                let box = try bed.container(config, id: kind)
                let created = try box.create()
                created.outcome.expectFailure(saying: "hooks.\(kind)")
                #expect(try box.call("state").status != 0, "\(kind)")
                #expect(access(log, F_OK) != 0 && access(box.rootfs + "/ran", F_OK) != 0, "\(kind)")
            }
        }

        @Test func failingStartContainerHookStopsTheWorkload() throws {
            let box = try boxWithABadStart()
            try box.call("start")
            // Stopped or, as the specification has it, deleted.
            let ended = try poll(30) { try box.call("state").status != 0 || box.status == "stopped" }
            #expect(ended && access(box.rootfs + "/ran", F_OK) != 0)
        }

        @Test func failingStartContainerHookFailsTheStart() throws {
            try boxWithABadStart().call("start").expectFailure(saying: "hooks.startContainer")
        }

        private func boxWithABadStart() throws -> Container {
            var config = try Config("/bin/sh", "-c", "echo ran >>/ran")
            config.set("hooks.startContainer.+", hook("exit 7"))
            let box = try Bed.here.container(config)
            let created = try box.create()
            try #require(created.outcome.status == 0, "\(created.outcome)")
            return box
        }

        /// "If any poststart hook fails, the runtime MUST log an error" and, since 1.3, stop the container.
        @Test func failingPoststartHookFailsTheStart() throws {
            let bed = try Bed.here
            var config = try Config("/bin/workload", "sleep-forever")
            config.set("hooks.poststart.+", hook("exit 7"))
            let box = try bed.container(config)
            try #require(try box.create().outcome.status == 0)
            try box.call("start").expectFailure(saying: "hooks.poststart")
        }

        /// A warning, and the other hooks run.
        @Test func failingPoststopHookIsAWarning() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            var config = try Config("/bin/true")
            config.set("hooks.poststop", [hook("exit 7"), hook("echo second >>\(log)")])
            let box = try bed.container(config)
            _ = try box.launch()
            try box.waitFor("stopped")
            let outcome = try box.call("delete")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try bed.command("cat", log).output == "second\n")
            #expect(try box.call("state").status != 0)
        }

        @Test func hookThatTakesTooLongIsEnded() throws {
            let bed = try Bed.here
            var config = try Config("/bin/true")
            config.set("hooks.createRuntime.+", hook("exec sleep 100", ["timeout": 1]))
            let outcome = try bed.container(config).run()
            outcome.expectFailure(saying: "hooks.createRuntime")
            #expect(outcome.seconds < 50, "\(outcome)")
        }

        @Test func badHooks() throws {
            let plain = try Config("/bin/true")
            try Bed.here.expectRefusals(of: [
                ("hooks.createRuntime", plain.with("hooks.createRuntime", [["path": "relative/path"]])),
                ("hooks.createRuntime", plain.with("hooks.createRuntime", [["args": ["x"]]])),
                ("hooks.createRuntime", plain.with("hooks.createRuntime", [["path": "/no/such/hook"]])),
                ("hooks.createRuntime", plain.with("hooks.createRuntime", [["path": "/bin/true", "timeout": 0]])),
                ("hooks.createRuntime", plain.with("hooks.createRuntime", [["path": "/bin/true", "timeout": -1]])),
            ])
        }

        /// createRuntime and prestart run when the namespaces are there: a network hook moves a link into it.
        @Test func networkHookSeesTheNamespaces() throws {
            let bed = try Bed.here
            var config = try Config(script: "ls /sys/class/net")
            config.set(
                "hooks.createRuntime.+",
                hook(
                    "pid=$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/' | head -n 1); nsenter -t $pid -n ip link add hooked0 type veth peer name hooked1",
                    ["env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]]))
            let outcome = try bed.container(config).run()
            #expect(outcome.status == 0 && outcome.output.contains("hooked0"), "\(outcome)")
        }
    }
}
