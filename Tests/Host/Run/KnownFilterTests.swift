import Foundation
import TestBed
import Testing

extension HostBed {
    /// A bundle's second box, whose profile is known by its text, is like the first.
    @Suite struct KnownFilter {
        private func config(_ command: [String], errno: Int = 40) throws -> Config {
            var config = try Config()
            config.set("process.args", command)
            config.set(
                "linux.seccomp",
                [
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "syscalls": [
                        ["names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno]
                    ],
                ])
            config.set("root.readonly", false)
            return config
        }

        private func runtime(_ bed: Bed, _ words: [String]) throws -> Outcome {
            try Command([try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot] + words).start(in: bed).wait()
        }

        @Test func isInstalledAndTold() throws {
            let bed = try Bed.here
            let command = ["sh", "-c", "grep Seccomp: /proc/self/status; mkdir /made"]
            let bundle = try bed.makeBundle(try config(command))
            func run(_ text: String) throws {
                for flags in [[], [], ["--cgroup-manager=disabled"]] {
                    let outcome = try runtime(bed, flags + ["run", "--bundle", bundle, "box"])
                    #expect(outcome.output == "Seccomp:\t2\n" && outcome.status == 1, "\(outcome)")
                    #expect(outcome.errors.contains(text) && outcome.errors.contains("no_such_call"), "\(outcome)")
                }
                let outcome = try bed.run("--bundle", bundle)
                #expect(outcome.errors.contains(text) && outcome.errors.contains("no_such_call"), "\(outcome)")
            }
            try run("Too many levels of symbolic links")
            try bed.write(config(command, errno: 39).text(), to: bundle + "/config.json")
            try run("Directory not empty")
        }

        /// Whatever reads the state later finds the profile, also where the configuration is not the bundle's own text.
        @Test(arguments: [[], ["--cgroup-manager=disabled"]])
        func staysInTheState(_ flags: [String]) throws {
            let bed = try Bed.here
            let bundle = try bed.makeBundle(try config(["sleep", "1000"]))
            for _ in 0..<2 {
                let made = try runtime(bed, flags + ["run", "--detach", "--bundle", bundle, "box"])
                #expect(made.status == 0, "\(made)")
                let text = try Data(contentsOf: URL(filePath: bed.stateRoot + "/box/config.json"))
                let kept = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
                let profile = (kept["linux"] as? [String: Any])?["seccomp"] as? [String: Any]
                let rules = profile?["syscalls"] as? [[String: Any]]
                #expect(rules?.first?["errnoRet"] as? Int == 40)
                let files = try FileManager.default.contentsOfDirectory(atPath: bed.stateRoot)
                let entered = try bed.runtime("exec", "box", "mkdir", "/made")
                #expect(entered.errors.contains("Too many levels"), "\(entered)")
                let gone = try bed.runtime("delete", "--force", "box")
                #expect(gone.status == 0 && files.contains { $0.hasPrefix(".seccomp-") }, "\(gone)")
            }
        }
    }
}
