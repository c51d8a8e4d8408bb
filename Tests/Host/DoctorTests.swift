import Foundation
import Glibc
import TestBed
import Testing

extension HostBed {
    /// `swiftbox doctor` on a real host. What it makes of others is in the unit tests.
    @Suite struct Doctor {
        private func doctor(_ bed: Bed, _ flags: String...) throws -> Outcome {
            try Command([try Bed.binary("swiftbox"), "doctor", "--root", bed.stateRoot] + flags).start(in: bed).wait()
        }

        @Test func saysWhatWorksHere() throws {
            let outcome = try doctor(Bed.here)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            for line in [
                "✔ kernel: Linux ", "✔ namespaces: mount pid ipc uts net user cgroup", "✔ overlay: ", "✔ seccomp: ",
            ] {
                #expect(outcome.output.contains(line), "\(line) \(outcome)")
            }
            #expect(!outcome.output.contains("\u{1B}"))
        }

        @Test func isJSONForPrograms() throws {
            let outcome = try doctor(Bed.here, "--format", "json")
            let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            let items = try #require(document?["items"] as? [[String: Any]])
            #expect(document?["schema"] as? Int == 1 && items.count > 8, "\(outcome)")
            for item in items where item["status"] as? String != "ok" {
                #expect(item["affects"] is String, "\(item)")
            }
        }

        @Test func speaksToAnOrdinaryUser() throws {
            let user = try OrdinaryUser(Bed.here)
            let outcome = try user.command("doctor").start(in: user.bed).wait()
            #expect(outcome.status == 0 && outcome.output.contains("✔ caller: you are user 4242"), "\(outcome)")
            #expect(outcome.output.contains("! ids: a box of yours has one id"), "\(outcome)")
        }

        @Test func sweepsWhatAKilledRunLeft() throws {
            let bed = try Bed.here
            let running = try bed.startBox("--name", "victim", "workload", "sleep-forever")
            try running.waitForOutput("ready")
            #expect(try doctor(bed).output.contains("✔ leftovers"))
            running.signal(SIGKILL)
            _ = try running.wait()
            let told = try doctor(bed)
            #expect(told.output.contains("! leftovers: killed runs have left 1: victim"), "\(told)")
            #expect(try doctor(bed, "--sweep").output == "cleared victim\n")
            #expect(try doctor(bed).output.contains("✔ leftovers"))
        }
    }
}
