import BoxSystem
import Glibc
import TestBed
import Testing

extension HostBed {
    /// Names, files that tell them, many boxes at once, and what happens when swiftbox itself is killed.
    @Suite struct Life {
        /// Everything that a box can hold on the host: state, cgroup, upper's work directory, a block of ids.
        @Test(arguments: [[], ["--init"], ["-t"]])
        func aKilledSwiftboxTakesItsBoxAlongAndTheNextRunSweeps(flags: [String]) throws {
            let bed = try Bed.here
            try bed.command("mkdir", bed.directory + "/upper")
            let work = bed.directory + "/upper.work"
            let pidFile = bed.directory + "/pid"
            let name = "swept-\(getpid())"
            let running = try Command(
                [Bed.binary("swiftbox"), "run", "--root", bed.stateRoot, "--rootfs", bed.rootfs()] + flags + [
                    "--name", name, "--upper", bed.directory + "/upper", "--userns", "auto", "--pidfile", pidFile, "sh",
                    "-c",
                    "tr -s ' ' < /proc/self/uid_map; workload sleep-forever & exec workload sleep-forever",
                ]
            ).start(in: bed)
            try running.waitForOutput("ready")
            let pid = try bed.number(in: pidFile)
            let block = try #require(running.output.split(separator: " ").dropFirst().first)
            let held = [bed.stateRoot + "/" + name, try bed.cgroupMount() + "/swiftbox-" + name, work]
            for path in held + ["/run/swiftbox/ids/\(block)"] { #expect(File.exists(path), "\(path)") }
            running.signal(SIGKILL)
            try running.wait()
            let isGone = try poll(1) { try !bed.isAlive(pid) }
            #expect(isGone, "the workload lives on")
            #expect(File.exists(held[0]), "the state should be left: there is nobody to clear it")
            let next = try bed.box("--userns", "auto", "true")
            #expect(next.status == 0, "\(next)")
            for path in held + ["/run/swiftbox/ids/\(block)"] { #expect(!File.exists(path), "\(path)") }
            #expect(try bed.box("--upper", bed.directory + "/upper", "--name", name, "true").status == 0)
        }

        /// A running box must survive the sweep of the next.
        @Test func theSweepLeavesLivingBoxesAlone() throws {
            let bed = try Bed.here
            let running = try bed.startBox("--name", "living", "--init", "workload", "trap", "TERM")
            try running.waitForOutput("ready")
            #expect(try bed.box("true").status == 0)
            #expect(File.exists(bed.stateRoot + "/living/state.json"))
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
        }

        @Test func aNameIsTakenOnce() throws {
            let bed = try Bed.here
            let running = try bed.startBox("--name", "taken", "workload", "trap", "TERM")
            try running.waitForOutput("ready")
            let second = try bed.box("--name", "taken", "true")
            #expect(second.status == 125 && second.errors.contains("the id taken is in use"), "\(second)")
            #expect(second.errors.contains("--name"))
            let runtime = try bed.runtime("run", "-b", bed.makeBundle(Config("true")), "taken")
            #expect(runtime.status == 1 && runtime.errors.contains("the id taken is in use"), "\(runtime)")
            running.signal(SIGTERM)
            #expect(try running.wait().status == 0)
            #expect(try bed.box("--name", "taken", "true").status == 0)
        }

        @Test func cidfileHoldsTheNameAndIsNotOverwritten() throws {
            let bed = try Bed.here
            let file = bed.directory + "/cid"
            #expect(try bed.box("--name", "box-1", "--cidfile", file, "true").status == 0)
            #expect(try bed.text("cid") == "box-1")
            let again = try bed.box("--cidfile", file, "true")
            #expect(again.status == 125 && again.errors.contains("--cidfile"), "\(again)")
            #expect(try bed.text("cid") == "box-1")
            // A box that never ran has no name to tell.
            #expect(try bed.box("--cidfile", bed.directory + "/none", "nothing").status == 127)
            #expect(!File.exists(bed.directory + "/none"))
        }

        @Test func pidfileIsThereBeforeTheWorkloadAndNotWithoutOne() throws {
            let bed = try Bed.here
            let file = bed.directory + "/pid"
            let seen = try bed.box("--pidfile", file, "-v", bed.directory + ":/seen", "cat", "/seen/pid")
            #expect(CInt(seen.output) ?? 0 > 1, "\(seen)")
            #expect(try bed.box("--pidfile", bed.directory + "/none", "nothing").status == 127)
            #expect(!File.exists(bed.directory + "/none"))
        }

        @Test func theStateFileTellsOfTheRunningBox() throws {
            let bed = try Bed.here
            let running = try bed.startBox(
                "--name", "told", "--pidfile", bed.directory + "/pid", "workload", "trap", "TERM")
            try running.waitForOutput("ready")
            let state = try bed.text("state/told/state.json")
            let pid = try bed.number(in: bed.directory + "/pid")
            for part in [#""id":"told""#, #""status":"running""#, "\"pid\":\(pid)"] {
                #expect(state.replacing(" ", with: "").contains(part), "\(state)")
            }
            running.signal(SIGTERM)
            try running.wait()
        }

        @Test func tenAtOnce() throws {
            let bed = try Bed.here
            var boxes: [Running] = []
            for number in 0..<10 {
                let userns = number % 2 == 0 ? "auto" : "host"
                boxes.append(
                    try bed.startBox(
                        "--name", "many-\(number)", "--userns", userns, "sh", "-c",
                        "hostname; echo /proc/[0-9]*"))
            }
            for (number, box) in boxes.enumerated() {
                let outcome = try box.wait()
                #expect(outcome.status == 0 && outcome.lines == ["many-\(number)", "/proc/1"], "\(outcome)")
            }
        }

        /// `--bundle`: config.json as it stands, and standard input without asking.
        @Test func aBundleRunsAsItSays() throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "cat; hostname; echo $A; touch /x; exit 9")
            config.set("process.env.+", "A=config")
            let bundle = try bed.makeBundle(config)
            let outcome = try bed.run("--bundle", bundle, "--name", "other", input: "in\n")
            #expect(outcome.status == 9 && outcome.lines == ["in", "benchmark", "config"], "\(outcome)")
            #expect(File.exists(bundle + "/rootfs/x"), "a bundle's root is written as it stands")
            let flag = try bed.run("--bundle", bundle, "-e", "A=flag")
            #expect(flag.status == 125 && flag.errors.contains("--env cannot be used with --bundle"), "\(flag)")
        }

        @Test func theRuntimeDeletesWhatAKilledRunLeft() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("workload", "sleep-forever"))
            let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "-b", bundle, "left"]
            let running = try Command(line).start(in: bed)
            try running.waitForOutput("ready")
            let refused = try bed.runtime("delete", "left")
            #expect(
                refused.status == 1 && refused.errors.contains("left that is not stopped: it is running"), "\(refused)")
            running.signal(SIGKILL)
            try running.wait()
            #expect(try bed.runtime("delete", "left").status == 0)
            #expect(try bed.runtime("delete", "left").errors.contains("does not exist"))
            #expect(try bed.runtime("delete", "--force", "left").status == 0)
            let again = try Command(line).start(in: bed)
            try again.waitForOutput("ready")
            #expect(try bed.runtime("delete", "--force", "left").status == 0)
            #expect(try again.wait().status == 137)
        }
    }
}
