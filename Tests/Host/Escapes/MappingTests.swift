import TestBed
import Testing

extension HostBed {
    /// Ids that a box got beside those that were meant.
    @Suite struct Mappings {
        /// CVE-2021-43784: so many mappings that their length overflowed, and the rest was read as other requests.
        @Test func cve2021_43784_allMappingsArriveOrNone() throws {
            let bed = try Bed.here
            func run(_ count: Int) throws -> Outcome {
                var config = try Config("sh", "-c", "wc -l </proc/self/uid_map; tail -n 1 /proc/self/uid_map; id -u")
                config.set("linux.namespaces.+", ["type": "user"])
                config.set("mounts.6", nil)
                // Only even ids are there, and so no group 5.
                config.set("mounts.2.options", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"])
                for name in ["uid", "gid"] {
                    let lines = (0..<count).map {
                        ["containerID": $0 * 2, "hostID": 5000 + $0 * 2, "size": 1]
                    }
                    config.set("linux.\(name)Mappings", lines)
                }
                try bed.command("rm", "-rf", bed.directory + "/bundle")
                let bundle = try bed.makeBundle(config)
                try bed.command("chown", "-R", "5000:5000", bundle + "/rootfs")
                return try bed.runtime("run", "--bundle", bundle, "box")
            }
            let most = try run(340)
            #expect(most.lines.first == "340" && most.lines.last == "0", "\(most)")
            let last = most.lines.dropFirst().first?.split(separator: " ").map(String.init)
            #expect(last == ["678", "5678", "1"], "\(most)")
            for count in [341, 5000] {
                let outcome = try run(count)
                #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
                #expect(
                    outcome.errors.contains("linux.uidMappings") && outcome.errors.contains("has more than 340 ranges"),
                    "\(outcome)")
            }
        }
    }
}
