internal import TestBed
internal import Testing

extension HostBed {
    /// A monitor by its own protocol, without the daemon.
    @Suite struct MonitorProtocol {
        /// The case `name` of monitor.py, with a box that runs the command.
        private func run(_ name: String, _ config: @autoclosure () throws -> Config = try Config("cat")) throws
            -> Outcome
        {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(config(), name: "bundle")
            return try bed.command(
                "python3", Bed.package + "/Tests/Host/Monitor/monitor.py", Bed.binary("swiftbox-runtime"),
                bed.stateRoot, bed.directory + "/monitor", bundle, name)
        }

        @Test func inputThatComesBeforeTheBoxReachesIt() throws {
            let outcome = try run("early-input")
            #expect(outcome.output == "as it should be\n", "\(outcome)")
        }

        @Test func aClientThatGoesBeforeTheBoxIsNoticed() throws {
            let outcome = try run("vanished")
            #expect(outcome.output == "as it should be\n", "\(outcome)")
        }

        /// More connections than it may have descriptors: it turns them away, and the box lives on.
        @Test func aCrowdDoesNotEndTheBox() throws {
            let outcome = try run("crowd")
            #expect(outcome.output == "as it should be\n", "\(outcome)")
        }

        /// Neither before somebody has come nor after all have gone.
        @Test(arguments: ["unwanted", "left"])
        func aMonitorThatNobodyCanAskEnds(_ name: String) throws {
            let outcome = try run(name)
            #expect(outcome.output == "as it should be\n", "\(outcome)")
        }

        /// A box that shares the host's pid namespace has no process 1 that would take them.
        @Test func whatTheBoxLeavesBehindIsReaped() throws {
            var config = try Config("sh", "-c", "(sleep 1000 & echo $$ $!); sleep 1000")
            config.set("linux.namespaces.0", nil)
            let outcome = try run("orphans", config)
            #expect(outcome.output == "as it should be\n", "\(outcome)")
        }

        /// As in the foreground: what cannot be had is a warning, where that was said.
        @Test(arguments: [false, true])
        func denialsThatCannotBeCountedAreGoneWithoutWhereThatIsEnough(_ isEnough: Bool) throws {
            var config = try Config("true")
            config.set("swiftbox.logDenials", true)
            config.set("swiftbox.bestEffort", isEnough)
            let outcome = try run("denials", config)
            let isTold = outcome.errors.contains("denied system calls cannot be counted")
            #expect(isTold && (outcome.output == "as it should be\n") == isEnough, "\(outcome)")
        }

        @Test func aSignalForAllReachesAll() throws {
            let script = """
                trap '' USR1
                (trap 'echo heard; exit 0' USR1; echo ready; while :; do sleep 0.1; done) &
                wait
                """
            let outcome = try run("signal-all", Config("sh", "-c", script))
            #expect(outcome.output == "as it should be\n", "\(outcome)")
        }

        /// Two file systems may give the same number to two files.
        @Test func filesOfTwoFileSystemsAreTwoInAnArchive() throws {
            let bed = try Bed.here
            var config = try Config("sleep", "1000")
            for name in ["x", "y"] {
                config.set("mounts.+", ["destination": "/data/\(name)", "type": "tmpfs", "source": "tmpfs"])
            }
            try bed.withBox(config) { box in
                try box.exec(
                    [], "sh", "-c", "echo one >/data/x/one; echo two >/data/y/two; ln /data/x/one /data/x/again")
                let outcome = try bed.command(
                    "sh", "-c", #""$0" --root "$1" archive get box /data | tar -xO data/y/two data/x/again"#,
                    Bed.binary("swiftbox-runtime"), bed.stateRoot)
                #expect(outcome.output.contains("two\n") && outcome.output.contains("one\n"), "\(outcome)")
            }
        }
    }
}
