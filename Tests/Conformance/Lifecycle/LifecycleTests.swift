import Glibc
import TestBed
import Testing

extension Conformance {
    /// creating, created, running, stopped: what each operation does in each, and what `state` says.
    @Suite struct Lifecycle {
        @Test func lifeOfAContainer() throws {
            let bed = try Bed.here
            let box = try bed.container(
                Config("/bin/workload", "trap", "HUP").with("annotations", ["org.example.a": "1", "b": ""]))
            #expect(try box.call("state").status != 0, "before create")
            let created = try box.create()
            try #require(created.outcome.status == 0, "\(created.outcome)")
            var state = try box.state()
            #expect(state["status"] == "created" && state["id"] == "one" && state["bundle"] == box.bundle, "\(state)")
            #expect(state["annotations", "org.example.a"] == "1" && state["annotations", "b"] == "", "\(state)")
            #expect(state["ociVersion"]?.hasPrefix("1.") == true, "\(state)")
            let pid = try box.pid
            #expect(pid > 0 && Glibc.kill(CInt(pid), 0) == 0, "\(state)")
            #expect(created.output == "", "the workload runs only after start")
            #expect(try box.call("start").status == 0)
            try created.waitForOutput("ready")
            #expect(try box.status == "running" && box.pid == pid)
            #expect(try box.kill("HUP").status == 0)
            try created.waitForOutput("got HUP")
            #expect(try box.kill("TERM").status == 0)
            try box.waitFor("stopped")
            state = try box.state()
            #expect(state["pid"] == nil || state["pid"] == "0", "\(state)")
            #expect(try box.call("delete").status == 0)
            #expect(try box.call("state").status != 0, "after delete")
            #expect(access(box.rootfs + "/bin/workload", F_OK) == 0, "the bundle is not the runtime's to delete")
        }

        /// "The runtime MUST generate an error" for operations in the wrong state, and change nothing.
        @Test func operationsInTheWrongState() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            for verb in ["start", "kill", "delete", "state", "pause", "resume"] {
                #expect(try box.call(verb).status != 0, "\(verb) of nothing")
            }
            let created = try box.create()
            try #require(created.outcome.status == 0, "\(created.outcome)")
            #expect(try box.create().outcome.status != 0, "the id is taken")
            #expect(try box.status == "created")
            #expect(try box.call("start").status == 0)
            try created.waitForOutput("ready")
            #expect(try box.call("start").status != 0, "start of what runs")
            #expect(try box.call("delete").status != 0, "delete of what runs")
            #expect(try box.status == "running")
            try box.kill("KILL")
            try box.waitFor("stopped")
            #expect(try box.call("start").status != 0, "start of what has ended")
            #expect(try box.call("delete").status == 0)
            #expect(try box.call("delete").status != 0, "delete of what is gone")
        }

        @Test func createdContainerCanBeKilledAndDeleted() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/sh", "-c", "echo ran >/ran"))
            try #require(try box.create().outcome.status == 0)
            #expect(try box.kill("KILL").status == 0)
            try box.waitFor("stopped")
            #expect(try box.call("delete").status == 0)
            try #require(try box.create().outcome.status == 0)
            #expect(try box.call("delete", "--force").status == 0)
            #expect(try box.call("state").status != 0 && access(box.rootfs + "/ran", F_OK) != 0)
        }

        /// The process is looked up at start: that it cannot run shows then at the latest, and leaves nothing running.
        @Test func programThatIsMissing() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/missing"))
            let created = try box.create()
            if created.outcome.status == 0 {
                #expect(try box.call("start").status != 0)
                try box.call("delete", "--force")
            }
            #expect(try box.call("state").status != 0)
        }

        /// What the config says after create changes nothing: "any updates to config.json after this step MUST NOT affect the container".
        @Test func configurationIsReadOnce() throws {
            let bed = try Bed.here
            let box = try bed.container(Config(script: "hostname").with("hostname", "first"))
            let created = try box.create()
            try #require(created.outcome.status == 0, "\(created.outcome)")
            try box.write(Config(script: "echo other").with("hostname", "second"))
            try box.call("start")
            try box.waitFor("stopped")
            #expect(created.output == "first\n")
        }

        /// Files and names that a container was made with are not needed to end it.
        @Test func deleteWithoutTheBundle() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            try bed.command("rm", "-rf", box.bundle + "/config.json")
            #expect(try box.status == "running")
            #expect(try box.call("delete", "--force").status == 0)
        }

        @Test func boxesOfDifferentRootsAreApart() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            _ = try box.launch()
            let program = try bed.runtimeCommand([]).arguments[0]
            let other = try bed.newDirectory("other-root")
            #expect(try bed.command(program, "--root", other, "state", box.id).status != 0)
            #expect(try box.status == "running")
        }

        /// Whatever dies inside, its status is that of the first process.
        @Test func statusOfRunIsTheWorkloads() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            for (script, status) in [
                ("exit 0", 0), ("exit 42", 42), ("kill -TERM $$", 143), ("kill -KILL $$; sleep 9", 137),
            ] {
                // Process 1 has no default actions: a child is killed instead.
                try box.write(Config(script: status > 128 ? "sh -c '\(script)'; exit $?" : script))
                let outcome = try box.run()
                #expect(outcome.status == status, "\(script): \(outcome)")
                #expect(try box.call("state").status != 0, "run deletes what it made")
            }
        }

        @Test func idsOfContainers() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            for id in ["a", "A-b_c.d+1", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"] {
                let outcome = try bed.oci("run", "-b", box.bundle, id)
                #expect(outcome.status == 0, "\(id): \(outcome)")
            }
            for id in ["", "../up", "a/b", "..", ".", "white space"] {
                let outcome = try bed.oci("run", "-b", box.bundle, id)
                #expect(outcome.status != 0, "\(id): \(outcome)")
            }
        }

        /// Two creations of one id at once: one wins, the other says why it did not.
        @Test func twoCreationsOfOneID() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/workload", "sleep-forever"))
            let both = try (0..<2).map { _ in
                try bed.runtimeCommand(["create", "-b", box.bundle, box.id]).start(in: bed)
            }
            let outcomes = try both.map { try $0.wait() }
            #expect(outcomes.filter { $0.status == 0 }.count == 1, "\(outcomes)")
            #expect(try box.status == "created")
            #expect(try box.call("start").status == 0)
        }
    }
}
