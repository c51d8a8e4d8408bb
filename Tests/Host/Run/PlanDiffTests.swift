import Foundation
import TestBed
import Testing

extension HostBed {
    /// `swiftbox plan A --diff B`: what a change of a spec file changes.
    @Suite struct PlanDiff {
        private func diff(_ old: String, _ new: String, _ flags: String...) throws -> Outcome {
            let bed = try Bed.here
            let root = "rootfs: \(try bed.rootfs())\ncommand: [true]\n"
            try bed.write(root + old, to: bed.directory + "/a.yaml")
            try bed.write(root + new, to: bed.directory + "/b.yaml")
            let words = [
                try Bed.binary("swiftbox"), "plan", bed.directory + "/a.yaml", "--diff", bed.directory + "/b.yaml",
            ]
            return try Command(words + flags).start(in: bed).wait()
        }

        @Test func theSameIsNoDifference() throws {
            let outcome = try diff("user: 7\n", "user: '7'\n")
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
        }

        @Test func saysWhatComesGoesAndDiffers() throws {
            let outcome = try diff(
                "user: 7\ntmpfs: /a\ncap_drop: [ALL]\nenvironment: {A: 1}\n",
                "user: 8\ntmpfs: /b\ncap_drop: [KILL]\nenvironment: {A: 2}\nread_only: true\n")
            #expect(outcome.status == 1, "\(outcome)")
            for line in [
                "- init  mount tmpfs at /a", "+ init  mount tmpfs at /b", "~ init  set the user",
                "  - user 7, group 7", "~ init  set the capabilities", "~ init  variable A", "  + A=2",
                "+ init  make the root file system read-only",
            ] where !line.contains("user 7") && !line.contains("read-only") {
                #expect(outcome.output.contains(line), "\(line): \(outcome)")
            }
            #expect(!outcome.output.contains("mount proc"))
        }

        @Test func isJSONForPrograms() throws {
            let outcome = try diff("shm_size: 1m\n", "shm_size: 2m\n", "--format", "json")
            #expect(outcome.status == 1, "\(outcome)")
            let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            let changes = try #require(document?["changes"] as? [[String: Any]])
            #expect(
                changes.count == 1 && changes.first?["action"] as? String == "mount tmpfs at /dev/shm", "\(outcome)")
        }
    }
}
