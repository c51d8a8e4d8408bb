import Glibc
import TestBed
import Testing

extension Conformance {
    /// `spec`, `features`, `--version`, logs and wrong words.
    @Suite struct Describe {
        @Test func defaultConfiguration() throws {
            let bed = try Bed.here
            let folder = try bed.newDirectory("new")
            let outcome = try bed.oci("spec", "--bundle", folder)
            #expect(outcome.status == 0, "\(outcome)")
            let config = try Answer(bed.command("cat", folder + "/config.json").output)
            #expect(config.words("process", "args") == ["sh"] && config["process", "terminal"] == "true", "\(config)")
            #expect(config["root", "path"] == "rootfs" && config["root", "readonly"] == "true", "\(config)")
            #expect(config["process", "noNewPrivileges"] == "true" && config["process", "cwd"] == "/", "\(config)")
            #expect(
                config.words("process", "capabilities", "bounding") == [
                    "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE",
                ])
            #expect(
                config.words("linux", "maskedPaths").contains("/proc/kcore")
                    && config.words("linux", "readonlyPaths").contains("/proc/sys"))
            let kinds = try config.list("linux", "namespaces").compactMap { $0["type"] }
            #expect(Set(kinds) == ["pid", "network", "ipc", "uts", "mount", "cgroup"], "\(config)")
            let mounts = try config.list("mounts")
            #expect(
                mounts.compactMap { $0["destination"] } == [
                    "/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup",
                ])
            #expect(mounts.last?.words("options").contains("ro") == true)
            #expect(try bed.oci("spec", "--bundle", folder).status != 0, "it overwrites nothing")
        }

        /// What `spec` writes runs, once there is a root file system.
        @Test func defaultConfigurationRuns() throws {
            let bed = try Bed.here
            let box = try bed.container(Config("/bin/true"))
            try bed.command("rm", box.bundle + "/config.json")
            try bed.oci("spec", "-b", box.bundle).expect()
            try bed.command(
                "sed", "-i", "s/\"terminal\": true/\"terminal\": false/; s/\"sh\"/\"sh\", \"-c\", \"hostname\"/",
                box.bundle + "/config.json"
            ).expect()
            let outcome = try box.run()
            #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(outcome)")
        }

        @Test func rootlessConfiguration() throws {
            let bed = try Bed.here
            let folder = try bed.newDirectory("new")
            try bed.oci("spec", "--rootless", "-b", folder).expect()
            let config = try Answer(bed.command("cat", folder + "/config.json").output)
            #expect(
                config["linux", "uidMappings", "0", "hostID"] == "0"
                    && config["linux", "uidMappings", "0", "size"] == "1", "\(config)")
            #expect(try config.list("linux", "namespaces").contains { $0["type"] == "user" })
            #expect(try !config.list("linux", "namespaces").contains { $0["type"] == "network" })
        }

        @Test func features() throws {
            let features = try Answer(Bed.here.oci("features").output)
            #expect(features["ociVersionMin"] == "1.0.0" && features["ociVersionMax"] != nil, "\(features)")
            #expect(
                Set(features.words("hooks")).isSuperset(of: [
                    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
                ]))
            #expect(
                Set(features.words("mountOptions")).isSuperset(of: [
                    "ro", "rbind", "rslave", "rro", "nosymfollow", "tmpcopyup",
                ]))
            #expect(
                Set(features.words("linux", "namespaces")).isSuperset(of: [
                    "cgroup", "ipc", "mount", "network", "pid", "user", "uts",
                ]))
            #expect(features.words("linux", "capabilities").contains("CAP_CHECKPOINT_RESTORE"))
            #expect(
                features["linux", "cgroup", "v2"] == "true" && features.has("linux", "cgroup", "systemd"), "\(features)"
            )
            #expect(features["linux", "seccomp", "enabled"] == "true", "\(features)")
            #expect(
                Set(features.words("linux", "seccomp", "actions")).isSuperset(of: [
                    "SCMP_ACT_ALLOW", "SCMP_ACT_NOTIFY", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG",
                ]))
            #expect(features.words("linux", "seccomp", "operators").count == 7)
            #expect(features.words("linux", "seccomp", "archs").contains("SCMP_ARCH_X86_64"))
            #expect(
                features.has("linux", "apparmor", "enabled") && features.has("linux", "selinux", "enabled"),
                "\(features)")
        }

        /// What the specification added since 1.1.
        @Test func newerFeatures() throws {
            let features = try Answer(Bed.here.oci("features").output)
            #expect(features["linux", "mountExtensions", "idmap", "enabled"] == "true", "\(features)")
            #expect(
                features.has("linux", "intelRdt", "enabled") && features.has("linux", "memoryPolicy"), "\(features)")
            #expect(features["linux", "netDevices", "enabled"] == "true", "\(features)")
            #expect(features.words("linux", "seccomp", "knownFlags").contains("SECCOMP_FILTER_FLAG_LOG"), "\(features)")
            #expect(
                features.words("linux", "seccomp", "supportedFlags").contains("SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
                "\(features)")
            #expect(features.words("linux", "namespaces").contains("time"), "\(features)")
            #expect(features.has("potentiallyUnsafeConfigAnnotations"), "\(features)")
        }

        @Test func versionOfTheRuntime() throws {
            let outcome = try Bed.here.oci("--version")
            #expect(outcome.status == 0 && outcome.lines.first?.contains(" version ") == true, "\(outcome)")
            #expect(
                outcome.lines.contains { $0.hasPrefix("spec: 1.") }
                    && outcome.lines.contains { $0.hasPrefix("commit: ") }, "\(outcome)")
        }

        @Test func helpForEveryVerb() throws {
            let bed = try Bed.here
            for verb in [
                "create", "run", "start", "state", "kill", "delete", "list", "exec", "ps", "events", "update", "pause",
                "resume", "spec", "features", "checkpoint", "restore",
            ] {
                let outcome = try bed.oci(verb, "--help")
                #expect(outcome.status == 0 && outcome.output.contains(verb), "\(verb): \(outcome)")
            }
            #expect(try bed.oci("--help").status == 0)
        }

        @Test func wrongWords() throws {
            let bed = try Bed.here
            for words in [
                ["frobnicate"], ["run", "--no-such-flag", "x"], ["create"], ["state"], ["start", "a", "b"],
                ["--no-such-flag", "list"], ["--rootless", "perhaps", "list"],
            ] {
                let outcome = try bed.runtimeCommand(words).start(in: bed).wait()
                #expect(outcome.status != 0 && !outcome.errors.isEmpty, "\(words): \(outcome)")
            }
        }

        @Test func jsonLog() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            let program = try bed.runtimeCommand([]).arguments
            let outcome = try Command(
                [program[0], "--log", log, "--log-format", "json"] + program.dropFirst() + ["start", "no-such-box"]
            )
            .start(in: bed).wait()
            #expect(outcome.status != 0, "\(outcome)")
            let lines = try bed.command("cat", log).lines
            let last = try Answer(lines.last ?? "")
            #expect(last["level"] == "error" && last["msg"]?.isEmpty == false && last.has("time"), "\(last)")
            #expect(last.keys().isSuperset(of: ["level", "msg", "time"]))
        }

        @Test func textLog() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            let program = try bed.runtimeCommand([]).arguments
            _ = try Command([program[0], "--log", log, "--debug"] + program.dropFirst() + ["state", "no-such-box"])
                .start(in: bed).wait()
            let text = try bed.command("cat", log)
            let last = text.lines.last ?? ""
            #expect(last.hasPrefix("time=\"") && last.contains("level=error") && last.contains("msg=\""), "\(text)")
        }

        @Test func logsAreAppended() throws {
            let bed = try Bed.here
            let log = bed.directory + "/log"
            let program = try bed.runtimeCommand([]).arguments
            for _ in 0..<2 {
                _ = try Command(
                    [program[0], "--log", log, "--log-format", "json"] + program.dropFirst() + ["state", "no-such-box"]
                )
                .start(in: bed).wait()
            }
            #expect(try bed.command("cat", log).lines.filter { $0.contains("error") }.count == 2)
        }
    }
}
