import TestBed
import Testing

extension HostBed {
    /// Archives and images through docker's client: Tests/API has what is sent.
    @Suite struct ImageClients {
        @Test func imagesOfOneLayerAreLoadedAndOthersRefused() throws {
            try ServedDaemon.with { daemon in
                let outcome = try daemon.script("images.py", daemon.bed.directory + "/rootfs.tar")
                #expect(outcome.status == 0 && outcome.output == "all as they should be\n", "\(outcome)")
            }
        }

        @Test func hostileArchivesAndBoxesReachNothing() throws {
            try ServedDaemon.with("limits: {archive_size: 64m, archives: 4}") { daemon in
                let outside = try daemon.bed.makeOutside()
                let outcome = try daemon.script("archives.py", "box", outside)
                #expect(outcome.status == 0 && outcome.output == "all as they should be\n", "\(outcome)")
            }
        }

        @Test func everyEndpointIsServedOrSaysThatItIsNot() throws {
            try ServedDaemon.with { daemon in
                let outcome = try daemon.script("endpoints.py")
                #expect(outcome.status == 0 && outcome.output.hasSuffix(" endpoints, 0 wrong\n"), "\(outcome)")
                let prune = try daemon.docker("system", "prune", "-f")
                #expect(prune.status == 0, "\(prune)")
                for words in [
                    ["volume", "create", "v"], ["network", "create", "n"], ["swarm", "init"], ["commit", "x", "y"],
                ] {
                    let refused = try daemon.docker(words)
                    #expect(refused.status != 0 && refused.errors.contains("not available"), "\(refused)")
                }
            }
        }

        private static let deny = """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
            """

        /// Docker's client sends the text of the file.
        private func run(_ daemon: ServedDaemon, _ profile: String = deny) throws -> Outcome {
            try daemon.bed.write(profile, to: daemon.bed.directory + "/profile.json")
            return try daemon.dockerRun(
                "--security-opt", "seccomp=\(daemon.bed.directory)/profile.json", "box", "mkdir", "/x")
        }

        @Test func aSeccompProfileIsTakenWherePermitted() throws {
            try ServedDaemon.with("policy: {seccomp_profiles: true}") { daemon in
                let outcome = try run(daemon)
                #expect(outcome.status == 1 && outcome.errors.contains("mkdir: can't create"), "\(outcome)")
                let template = try run(daemon, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": []}")
                #expect(template.errors.contains("archMap belongs to an engine's template"), "\(template)")
                let broken = try run(daemon, "{\"defaultAction\": 5}")
                #expect(broken.status == 125 && broken.errors.contains("defaultAction"), "\(broken)")
            }
        }

        @Test func aSeccompProfileIsRefusedElsewhere() throws {
            try ServedDaemon.with { daemon in
                let outcome = try run(daemon)
                #expect(
                    outcome.status == 125 && outcome.errors.contains("allow seccomp_profiles in swiftboxd.yaml"),
                    "\(outcome)")
            }
        }
    }
}
