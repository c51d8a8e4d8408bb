import Foundation
import TestBed
import Testing

extension HostBed {
    /// seccomp user notification, with the agent of `examples/`.
    @Suite struct SeccompAgent {
        /// The agent on a socket of its own; it is ended when the test is over.
        private final class Agent {
            let socket: String
            private let running: Running

            init(_ bed: Bed) throws {
                socket = bed.directory + "/agent.sock"
                running = try Command(["python3", "\(Bed.package)/examples/seccomp-agent.py", socket]).start(in: bed)
                try running.waitForOutput("listening")
            }

            var output: String { running.output }
            func waitFor(_ text: String) throws { try running.waitForOutput(text) }

            /// The container process states it was sent.
            func states() throws -> [[String: Any]] {
                try output.split(separator: "\n").filter { $0.hasPrefix("state ") }.compactMap {
                    try JSONSerialization.jsonObject(with: Data($0.dropFirst(6).utf8)) as? [String: Any]
                }
            }

            func end() throws {
                running.signal(SIGTERM)
                try running.wait()
            }
        }

        /// Everything is allowed, and the agent asked about `calls`.
        private func config(_ socket: String, _ calls: [String], _ arguments: String...) throws -> Config {
            var config = try Config()
            config.set("process.args", arguments)
            config.set("linux.seccomp.defaultAction", "SCMP_ACT_ALLOW")
            config.set("linux.seccomp.listenerPath", socket)
            config.set("linux.seccomp.listenerMetadata", "/tmp")
            config.set("linux.seccomp.syscalls", [["names": calls, "action": "SCMP_ACT_NOTIFY"] as [String: Any]])
            config.set("annotations", ["org.example.box": "seven"])
            return config
        }

        private static let script = "mkdir /tmp/fine && echo made; mkdir /dev/wrong || echo refused; exit 5"

        /// Without no_new_privs the filter is in force while init still drops its rights.
        @Test(arguments: [true, false]) func theAgentAnswers(noNewPrivileges: Bool) throws {
            let bed = try Bed.here
            let agent = try Agent(bed)
            var config = try config(agent.socket, ["mkdir", "mkdirat"], "sh", "-c", Self.script)
            config.set("process.noNewPrivileges", noNewPrivileges)
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.runtime("run", "-b", bundle, "asked")
            #expect(outcome.status == 5 && outcome.output == "made\nrefused\n", "\(outcome)\n\(agent.output)")
            try agent.waitFor("box asked: over")
            let states = try agent.states()
            let state = try #require(states.first?["state"] as? [String: Any])
            #expect(states.count == 1 && states[0]["fds"] as? [String] == ["seccompFd"])
            #expect(states[0]["metadata"] as? String == "/tmp" && states[0]["ociVersion"] as? String == "1.3.0")
            #expect(state["id"] as? String == "asked" && state["bundle"] as? String == bundle)
            #expect(state["annotations"] as? [String: String] == ["org.example.box": "seven"])
            #expect(states[0]["pid"] as? Int == state["pid"] as? Int && state["pid"] as? Int ?? 0 > 1)
            try agent.end()
        }

        /// Calls that init itself makes between the filter and the workload's first instruction, execve among them.
        @Test func nothingStandsStillWhenInitIsAsked() throws {
            let bed = try Bed.here
            let agent = try Agent(bed)
            let calls = [
                "execve", "prctl", "setresuid", "setresgid", "setgroups", "capset", "chdir", "close", "mmap", "brk",
                "rt_sigprocmask", "rt_sigaction", "poll", "recvmsg", "read", "getpid", "futex", "munmap",
            ]
            for noNewPrivileges in [true, false] {
                var config = try config(agent.socket, calls, "true")
                config.set("process.noNewPrivileges", noNewPrivileges)
                let name = "all\(noNewPrivileges)"
                let outcome = try bed.runtime("run", "-b", bed.makeBundle(config, name: name), name)
                #expect(outcome.status == 0, "\(outcome)")
                try agent.waitFor("box \(name): over")
            }
            #expect(agent.output.contains("call 59 : goes on") || agent.output.contains("call 221 : goes on"))
            try agent.end()
        }

        @Test func startHandsTheListenerOverForACreatedBox() throws {
            let bed = try Bed.here
            let agent = try Agent(bed)
            let bundle = try bed.makeBundle(config(agent.socket, ["mkdir", "mkdirat"], "mkdir", "/dev/wrong"))
            #expect(try bed.runtime("create", "-b", bundle, "later").status == 0)
            #expect(try agent.states().isEmpty)
            #expect(try bed.runtime("start", "later").status == 0)
            try agent.waitFor("/dev/wrong: refused")
            try agent.waitFor("box later: over")
            #expect(try bed.runtime("delete", "--force", "later").status == 0)
            try agent.end()
        }

        /// The filter of a process that joins has a listener of its own; the state is the box's.
        @Test func execHandsItsOwnListenerOver() throws {
            let bed = try Bed.here
            let agent = try Agent(bed)
            let bundle = try bed.makeBundle(config(agent.socket, ["mkdir", "mkdirat"], "sleep", "60"))
            #expect(try bed.runtime("run", "--detach", "-b", bundle, "joined").status == 0)
            let outcome = try bed.runtime("exec", "joined", "sh", "-c", Self.script)
            #expect(outcome.status == 5 && outcome.output == "made\nrefused\n", "\(outcome)\n\(agent.output)")
            let states = try agent.states()
            #expect(states.count == 2)
            let state = try #require(states.last?["state"] as? [String: Any])
            #expect(state["id"] as? String == "joined" && state["status"] as? String == "running")
            #expect(state["pid"] as? Int == states.first?["pid"] as? Int)
            #expect(states.last?["pid"] as? Int != state["pid"] as? Int)
            #expect(try bed.runtime("delete", "--force", "joined").status == 0)
            try agent.end()
        }

        @Test func withoutAnAgentNothingIsRun() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(config(bed.directory + "/none", ["mkdir"], "echo", "ran"))
            let outcome = try bed.runtime("run", "-b", bundle, "alone")
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("linux.seccomp.listenerPath: cannot reach the seccomp agent"), "\(outcome)")
        }

        /// A path that no rule needs says nothing (config-linux.md, Seccomp).
        @Test func aListenerPathThatNoRuleNeedsIsIgnored() throws {
            let bed = try Bed.here
            var config = try config(bed.directory + "/none", ["mkdir"], "echo", "ran")
            config.set("linux.seccomp.syscalls", nil)
            let outcome = try bed.runtime("run", "-b", bed.makeBundle(config), "plain")
            #expect(outcome.status == 0 && outcome.output == "ran\n", "\(outcome)")
        }

        /// The descriptor is sent by sendmsg: a profile that forbids it is refused in so many words.
        @Test func aFilterThatKeepsItsListenerIsNamed() throws {
            let bed = try Bed.here
            let agent = try Agent(bed)
            var config = try config(agent.socket, ["mkdir"], "echo", "ran")
            config.set(
                "linux.seccomp.syscalls.+", ["names": ["sendmsg"], "action": "SCMP_ACT_ERRNO"] as [String: Any])
            let outcome = try bed.runtime("run", "-b", bed.makeBundle(config), "kept")
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("allow sendmsg in the profile"), "\(outcome)")
            try agent.end()
        }
    }
}
