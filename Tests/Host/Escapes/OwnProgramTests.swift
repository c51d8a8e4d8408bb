import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// CVE-2019-5736: a box overwrites the program that started it, by way of /proc/PID/exe. A copy is attacked.
    @Suite struct CVE2019_5736 {
        private let poison = "exec 3</proc/$1/exe && echo opened; echo poison >/proc/self/fd/3"

        private func victim(of name: String) throws -> String {
            let path = try Bed.here.directory + "/" + name
            try Bed.here.command("cp", Bed.binary(name), path)
            return path
        }

        private func digest(_ path: String) throws -> String { try Bed.here.command("sha256sum", path).output }

        @Test func processOneOfABoxCannotBeOverwritten() throws {
            let bed = try Bed.here
            let victim = try victim(of: "swiftbox")
            let before = try digest(victim)
            let run = [
                victim, "run", "--root", bed.stateRoot, "--rootfs", try bed.makeRootfs(), "--userns", "host", "--init",
            ]
            let attack = ["sh", "-c", poison, "sh", "1"]
            let shielded = try Command(run + attack).start(in: bed).wait()
            #expect(shielded.errors.contains("Permission denied"), "\(shielded)")
            // With the right to look at any process, the shield is off: the seal alone holds.
            let sealed = try Command(run + ["--cap-add", "SYS_PTRACE"] + attack).start(in: bed).wait()
            #expect(sealed.output == "opened\n", "\(sealed)")
            #expect(sealed.errors.contains("Read-only file system"), "\(sealed)")
            let privileged = try Command(run + ["--privileged"] + attack).start(in: bed).wait()
            #expect(privileged.output == "opened\n" && privileged.errors.contains("Read-only file system"))
            #expect(try digest(victim) == before)
        }

        /// The whole attack: a box has the runtime executed inside itself, a process next to it takes hold of the file
        /// and writes when nobody executes it any more.
        @Test func theRuntimeExecutedInTheBoxCannotBeOverwritten() throws {
            let bed = try Bed.here
            let victim = try victim(of: "swiftbox")
            let before = try digest(victim)
            let waiting = """
                echo ready; p=; until [ "$p" ]; do for d in /proc/[0-9]*; do
                [ "$(readlink $d/exe)" = / ] && exec 3<$d/exe && p=$d; done; done; echo opened
                kill -9 ${p#/proc/}; while [ -e $p ]; do :; done; sleep 0.2
                echo poison >/proc/self/fd/3
                """
            let attacker = try bed.makeBundle(Config("sh", "-c", waiting), name: "attacker")
            let pidFile = bed.directory + "/pid"
            let inside = try Command(
                [victim, "run", "--root", bed.stateRoot, "--bundle", attacker, "--pidfile", pidFile]
            ).start(in: bed)
            try inside.waitForOutput("ready")
            var config = try Config("true")
            config.set("process.args", ["/proc/self/exe", "run", "--env-file", "/fifo", "x"])
            config.set("linux.namespaces.0", ["type": "pid", "path": "/proc/\(try bed.pid(in: pidFile))/ns/pid"])
            let bundle = try bed.makeBundle(config)
            // What it blocks on while the attacker looks for it.
            try bed.command("mkfifo", bundle + "/rootfs/fifo")
            let second = try Command([victim, "run", "--root", bed.stateRoot, "--bundle", bundle]).start(in: bed).wait()
            #expect(second.status == 137, "\(second)")
            let outcome = try inside.wait()
            #expect(outcome.output == "ready\nopened\n", "\(outcome)")
            #expect(outcome.errors.contains("Read-only file system"), "\(outcome)")
            #expect(try digest(victim) == before)
        }

        @Test func theSameStepsOverwriteAProgramThatIsNotSealed() throws {
            let bed = try Bed.here
            let victim = try victim(of: "workload")
            let before = try digest(victim)
            let attack = try bed.hostShell(
                """
                $1 sleep-forever & until [ "$(readlink /proc/$!/exe)" = $1 ]; do :; done
                exec 3</proc/$!/exe; kill -9 $!; wait; echo poison >/proc/self/fd/3
                """,
                victim)
            #expect(attack.status == 0, "\(attack)")
            #expect(try digest(victim) != before)
        }

        /// Sealing must not change what the program is given, nor how it is called.
        @Test func argumentsEnvironmentAndNameSurvive() throws {
            let bed = try Bed.here
            let rootfs = try bed.makeRootfs()
            let outcome = try bed.run(
                "--rootfs", rootfs, "-e", "KEPT", "echo", "a  b", "", "ü", environment: ["KEPT": "1"])
            #expect(outcome.output == "a  b  ü\n", "\(outcome)")
            let running = try bed.start("--rootfs", rootfs, "sh", "-c", "echo ready; sleep 1")
            try running.waitForOutput("ready")
            #expect(try File.text(of: "/proc/\(running.pid)/comm") == "swiftbox\n")
            try running.wait()
        }
    }

    /// CVE-2016-9962: what enters a pid namespace is not yet the workload, and must not be had by those who are there.
    @Suite struct CVE2016_9962 {
        @Test func aBoxCannotReachTheInitProcessOfAnother() throws {
            let bed = try Bed.here
            let pidFile = bed.directory + "/pid"
            let attacker = try bed.makeBundle(Config("workload", "stalk", "20", "/bin/busybox"), name: "attacker")
            let inside = try bed.start("--bundle", attacker, "--pidfile", pidFile)
            try inside.waitForOutput("ready")
            var config = try Config("true")
            config.set("linux.namespaces.0", ["type": "pid", "path": "/proc/\(try bed.pid(in: pidFile))/ns/pid"])
            let bundle = try bed.makeBundle(config)
            for _ in 0..<20 {
                let outcome = try bed.run("--bundle", bundle)
                #expect(outcome.status == 0, "\(outcome)")
            }
            // Twin: a workload that is not excepted is reached, so the stalker can do what it is there for.
            config.set("process.args", ["workload", "burn", "1"])
            try bed.write(config.text(), to: bundle + "/config.json")
            try bed.run("--bundle", bundle)
            let outcome = try inside.wait()
            #expect(outcome.output == "ready\ngot mem of /bin/workload\n", "\(outcome)")
        }
    }

    /// CVE-2024-21626: a descriptor of the runtime or its caller leads out of the box.
    @Suite struct CVE2024_21626 {
        /// The host's program under test and, behind descriptor 7, a directory that the box must not reach.
        private let leaking = #"exec 7<"$1" 8<"$1/canary"; shift; "$@""#

        private func run(_ arguments: [String], _ bed: Bed, _ outside: String, _ rootfs: String) throws -> Outcome {
            let box = [try Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", rootfs]
            let flags = ["--userns", "host", "--init", "--sysctl", "net.ipv4.ip_forward=1"]
            return try Command(["sh", "-c", leaking, "sh", outside] + box + flags + arguments).start(in: bed).wait()
        }

        @Test func noDescriptorReachesTheWorkload() throws {
            let bed = try Bed.here
            let (outside, rootfs) = (try bed.makeOutside(), try bed.makeRootfs())
            let outcome = try run(["workload", "status"], bed, outside, rootfs)
            #expect(fields(outcome.output)["fds"] == "0 1 2 ", "\(outcome)")
            let twin = try bed.hostShell(leaking, outside, Bed.binary("workload"), "status")
            #expect(fields(twin.output)["fds"]?.contains("7 8") == true, "\(twin)")
        }

        @Test func theDirectoryCannotBeADescriptor() throws {
            let bed = try Bed.here
            let (outside, rootfs) = (try bed.makeOutside(), try bed.makeRootfs())
            for number in 3...14 {
                let outcome = try run(["-w", "/proc/self/fd/\(number)", "cat", "canary"], bed, outside, rootfs)
                #expect(outcome.status != 0 && !outcome.output.contains("secret"), "\(number): \(outcome)")
            }
            let twin = try bed.hostShell(leaking, outside, "sh", "-c", "cd /proc/self/fd/7 && cat canary")
            #expect(twin.output == "secret\n", "\(twin)")
        }

        /// The program, or the interpreter that it names, is looked up by execve(2) while descriptors are still open.
        @Test func theProgramCannotBeReachedThroughADescriptor() throws {
            let bed = try Bed.here
            let (outside, rootfs) = (try bed.makeOutside(), try bed.makeRootfs())
            try bed.command("cp", "/bin/busybox", outside + "/busybox")
            try bed.command("chmod", "+x", outside + "/busybox")
            let script = rootfs + "/script"
            try bed.command("install", "/dev/null", script)
            for number in 3...14 {
                let ways = ["/proc/self/fd/\(number)", "/proc/self/fd/\(number)/../../../../../../../../\(outside)"]
                for way in ways {
                    let outcome = try run(["\(way)/busybox", "echo", "out"], bed, outside, rootfs)
                    #expect(outcome.status == 127 && outcome.output.isEmpty, "\(way): \(outcome)")
                    try bed.write("#!\(way)/busybox echo\n", to: script)
                    let scripted = try run(["/script"], bed, outside, rootfs)
                    #expect(scripted.status == 126 && scripted.output.isEmpty, "\(way): \(scripted)")
                }
            }
            let twin = try bed.hostShell(leaking, outside, "/proc/self/fd/7/busybox", "echo", "out")
            #expect(twin.output == "out\n", "\(twin)")
        }
    }
}
