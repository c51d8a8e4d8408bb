import TestBed
import Testing

extension GuestBed {
    /// The program at the box's cgroup: a node that can be seen is not yet one that can be opened. The test brings one
    /// of the disk along, on a mount without nodev.
    @Suite struct Devices {
        private static let open = "head -c 4 /nodes/disk >/dev/null"

        private func volumeWithDisk() throws -> String {
            let nodes = try Bed.here.directory + "/nodes"
            let made = try Bed.here.command("sh", "-c", "mkdir \(nodes) && mknod \(nodes)/disk b 254 0")
            try #require(made.status == 0, "\(made)")
            return "\(nodes):/nodes:dev"
        }

        @Test func cannotBeOpenedUnlessAllowed() throws {
            let refused = try Bed.here.box("-v", volumeWithDisk(), "sh", "-c", Self.open)
            #expect(refused.status != 0 && refused.errors.contains("Operation not permitted"), "\(refused)")
        }

        @Test func canBeOpenedWithTheRightsGiven() throws {
            let script =
                "head -c 4 /dev/disk >/dev/null && echo read; echo x >>/dev/disk && echo written; \(Self.open) && echo same"
            let outcome = try Bed.here.box(
                "-v", volumeWithDisk(), "--device", "/dev/vda:/dev/disk:r", "sh", "-c", script)
            #expect(outcome.output == "read\nsame\n", "\(outcome)")
            #expect(outcome.errors.contains("Operation not permitted"), "\(outcome)")
        }

        @Test func cannotBeMadeInTheBox() throws {
            let outcome = try Bed.here.box("workload", "syscall", "mknod-disk", "mknod-null")
            #expect(outcome.output.hasPrefix("mknod-disk 1\n"), "\(outcome)")
        }

        @Test func ofEveryBoxWork() throws {
            let script =
                "for d in null zero full random urandom; do head -c 1 /dev/$d >/dev/null || echo $d; done; : >/dev/null"
            let outcome = try Bed.here.box("sh", "-c", script)
            #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome)")
        }
    }
}
