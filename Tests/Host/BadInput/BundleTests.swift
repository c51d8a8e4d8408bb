import Glibc
import TestBed
import Testing

/// A bundle's config.json made wrong at one place.
struct Broken: Sendable, CustomTestStringConvertible {
    var path: String
    var value: (any Sendable)?
    var parts: [String]

    init(_ path: String, _ value: (any Sendable)?, _ parts: String...) {
        (self.path, self.value, self.parts) = (path, value, parts)
    }

    var testDescription: String { "\(path) \(value.map { "\($0)" } ?? "missing")" }
}

extension HostBed {
    /// Bad bundles, by `swiftbox-runtime run -b` (status 1, as runc) and `swiftbox run --bundle` (125).
    @Suite struct BadBundles {
        @Test(arguments: [
            Broken("process.cwd", nil, "process.cwd"), Broken("process.args", [String](), "process.args"),
            Broken("process.cwd", "relative", "process.cwd"), Broken("root.path", "nothing", "root.path", "/nothing"),
            Broken("root", nil, "root"), Broken("ociVersion", "9.0.0", "ociVersion"),
            Broken("hostname", "a\nb", "hostname"), Broken("process.user.uid", -1, "process.user.uid"),
            Broken("process.user.uid", 4_294_967_296, "process.user.uid"),
            Broken("process.env.+", "NOEQUALS", "process.env"),
            Broken(
                "process.rlimits", [["type": "RLIMIT_NOPE", "soft": 1, "hard": 1] as [String: any Sendable]],
                "process.rlimits[0]"),
            Broken("linux.resources.pids", ["limit": "many"], "linux.resources.pids.limit"),
            Broken("linux.resources.memory", ["limit": -5], "linux.resources.memory.limit"),
            Broken("linux.resources.cpu", ["period": 1], "linux.resources.cpu"),
            Broken(
                "linux.resources.hugepageLimits", [["pageSize": "3MB", "limit": 1] as [String: any Sendable]],
                "hugepageLimits[0]"),
            Broken("linux.resources.unified", ["../x": "1"], "linux.resources.unified"),
            Broken("linux.sysctl", ["kernel.panic": "1"], "linux.sysctl", "kernel.panic"),
            Broken("linux.namespaces.+", ["type": "pid"], "linux.namespaces[6]"),
            Broken("linux.namespaces.+", ["type": "nope"], "linux.namespaces[6]"),
            Broken("linux.namespaces.0.path", "/nothing/ns", "linux.namespaces[0]", "/nothing/ns"),
            Broken("linux.namespaces.0.path", "/proc/self/ns/net", "linux.namespaces[0]"),
            Broken("linux.cgroupsPath", "/../escape", "linux.cgroupsPath"),
            Broken(
                "linux.devices", [["type": "c", "path": "relative", "major": 1, "minor": 3] as [String: any Sendable]],
                "linux.devices[0]"),
            Broken("linux.seccomp", ["defaultAction": "SCMP_ACT_NOPE"], "linux.seccomp.defaultAction"),
            Broken("linux.maskedPaths.+", "relative", "linux.maskedPaths"),
            Broken("mounts.+", ["destination": "relative", "type": "tmpfs"], "mounts[7].destination"),
            Broken("mounts.+", ["destination": "/proc", "type": "tmpfs", "source": "t"], "mounts[7]", "/proc"),
            Broken("mounts.+", ["destination": "/x", "type": "nofs", "source": "t"], "mounts[7]", "nofs"),
            Broken(
                "mounts.+",
                ["destination": "/x", "type": "bind", "source": "/nothing", "options": ["bind"]]
                    as [String: any Sendable], "mounts[7]", "/nothing"),
            Broken(
                "mounts.+",
                ["destination": "/x", "type": "tmpfs", "source": "t", "options": ["size=big"]]
                    as [String: any Sendable], "mounts[7]"),
            Broken("hooks", ["prestart": [["path": "/nonexistent"]]], "hooks.prestart"),
            Broken("process.apparmorProfile", "nothing", "process.apparmorProfile"),
        ])
        func areRefusedByTheirField(broken: Broken) throws {
            let bed = try Bed.here
            var config = try Config("sh", "-c", "echo it ran")
            config.set(broken.path, broken.value)
            try check(bed.makeBundle(config), broken.parts)
        }

        private func check(_ bundle: String, _ parts: [String], status: [Int] = [1, 125]) throws {
            let bed = try Bed.here
            let outcomes = [try bed.runtime("run", "-b", bundle, "bad"), try bed.run("--bundle", bundle)]
            for (outcome, status) in zip(outcomes, status) {
                #expect(outcome.status == status, "\(outcome)")
                #expect(outcome.output.isEmpty)
                for part in parts { #expect(outcome.errors.contains(part), "\(outcome)") }
            }
        }

        @Test(arguments: [
            ("", "line 1, column 1"), ("{", "line 1, column 2"), ("{\n  \"a\": 1,\n}", "line 3, column 1"),
            ("{\n \"ociVersion\": \"1.0.2\",\n \"process\": {\"cwd\": 7}}", "line 3, column 21"),
            ("[]", "line 1, column 1"),
            ("{\"a\": 1e999999}", "config.json"), ("{\"a\": \"\u{1}\"}", "line 1, column"),
            ("null", "line 1, column 1"),
            ("{} {}", "line 1, column 4"), ("{\"a\":1,\"a\":2}", "line 1"),
        ])
        func malformedTextHasAPosition(text: String, position: String) throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            try bed.write(text, to: bundle + "/config.json")
            try check(bundle, [position, "config.json"])
        }

        /// Depth and size are bounded: an answer at once, no crash.
        @Test(arguments: ["[", "{\"a\":"])
        func aHostileDepth(opening: String) throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            try bed.write(String(repeating: opening, count: 200_000), to: bundle + "/config.json")
            try check(bundle, ["config.json", "inside one another"])
        }

        @Test func aHostileSize() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            try bed.command("truncate", "-s", "3G", bundle + "/config.json")
            try check(bundle, ["config.json"])
            try bed.command("sh", "-c", "rm $1; mkfifo $1", "sh", bundle + "/config.json")
            try check(bundle, ["config.json"])
            try bed.command("sh", "-c", "rm $1; ln -s /dev/zero $1", "sh", bundle + "/config.json")
            try check(bundle, ["config.json"])
        }

        @Test func aMissingConfigOrRootfs() throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            rename(bundle + "/rootfs", bundle + "/elsewhere")
            try check(bundle, ["root.path", bundle + "/rootfs"])
            unlink(bundle + "/config.json")
            try check(bundle, [bundle + "/config.json", "No such file or directory"])
        }

        @Test(arguments: ["dev", "proc", "sys"], ["/etc", "/nowhere/dangling", "file"])
        func aLinkInThePlaceOfAKernelDirectory(name: String, target: String) throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(Config("true"))
            let path = "\(bundle)/rootfs/\(name)"
            #expect(rmdir(path) == 0)
            if target == "file" { try bed.write("", to: path) } else { #expect(symlink(target, path) == 0) }
            try check(bundle, ["root.path: /\(name) of the root file system"])
        }

        @Test(arguments: [
            (["nothing"], "the command nothing was not found", 127), (["/etc/passwd"], "cannot be executed", 126),
        ])
        func aCommandThatCannotRun(command: [String], message: String, status: Int) throws {
            let bed = try Bed.here
            var config = try Config("true")
            config.set("process.args", command)
            try check(bed.makeBundle(config), [message], status: [1, status])
        }

        @Test func theRuntimesCommandLine() throws {
            let bed = try Bed.here
            for (words, part) in [
                (["frobnicate", "x"], "the verb frobnicate"), (["run"], "run needs the id"),
                (["run", "a", "b"], "one id, found also b"),
                (["run", "../x"], "\"../x\" cannot be the name"), (["run", ""], "cannot be the name"),
                (["run", String(repeating: "a", count: 129)], "cannot be the name"),
                (["run", "--nope", "x"], "--nope"),
                (["run", "-b"], "-b needs a value"), (["delete", "nobody"], "the container nobody does not exist"),
                (["delete", "/"], "cannot be the name"),
                (["--nope", "run", "x"], "--nope"), (["--log-format", "xml", "run", "x"], "xml is no log format"),
            ] as [([String], String)] {
                let line = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + words
                let outcome = try Command(line).start(in: bed).wait()
                #expect(outcome.status == 1 && outcome.errors.contains(part), "\(words) \(outcome)")
            }
        }

        @Test func theLogGetsTheErrorToo() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            for format in ["json", "text"] {
                try bed.runtime("--log", log, "--log-format", format, "run", "-b", "/nothing", "x")
            }
            let lines = try bed.text("log").split(separator: "\n")
            #expect(lines.count == 2, "\(lines)")
            #expect(lines.first?.hasPrefix(#"{"level":"error","msg":"#) == true, "\(lines)")
            #expect(lines.last?.contains(#"level=error msg="#) == true, "\(lines)")
        }
    }
}
