import Foundation
import TestBed
import Testing

extension HostBed {
    /// What the OCI command line says of itself: features, spec, --version.
    @Suite struct Describe {
        @Test func featuresAreJSON() throws {
            let outcome = try Bed.here.runtime("features")
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            let tree = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
            #expect(tree?["ociVersionMax"] as? String == "1.3.0")
            #expect((tree?["linux"] as? [String: Any])?["seccomp"] != nil)
        }

        @Test func versionNamesTheSpecificationAndLibseccomp() throws {
            let lines = try Bed.here.runtime("--version").output.split(separator: "\n")
            #expect(lines.first?.hasPrefix("swiftbox-runtime version ") == true)
            #expect(lines.contains("spec: 1.3.0") && lines.contains { $0.hasPrefix("libseccomp: 2.") })
            #expect(lines.last?.split(separator: " ").allSatisfy { $0.hasPrefix("+") } == true)
        }

        /// A bundle made from nothing but `spec` and a root file system runs: a shell on a terminal.
        @Test func specMakesABundleThatRuns() throws {
            let bed = try Bed.here
            let bundle = try bed.newDirectory("starter")
            let written = try bed.runtime("spec", "--bundle", bundle)
            #expect(written.status == 0 && written.output.isEmpty && written.errors.isEmpty, "\(written)")
            try FileManager.default.moveItem(atPath: bed.makeRootfs(), toPath: bundle + "/rootfs")
            let terminal = try Terminal()
            let command = [try Bed.binary("swiftbox-runtime"), "--root", bed.stateRoot, "run", "-b", bundle, "starter"]
            let running = try Command(command).start(in: bed, on: terminal)
            try terminal.type("hostname; exit 3\n")
            let outcome = try running.wait()
            #expect(outcome.status == 3 && outcome.output.contains("swiftbox"), "\(outcome)")
        }

        @Test func specKeepsWhatIsThere() throws {
            let bed = try Bed.here
            let path = try bed.newDirectory("kept") + "/config.json"
            #expect(try bed.runtime("spec", "--rootless", "--file=" + path).status == 0)
            let before = try String(contentsOfFile: path, encoding: .utf8)
            #expect(before.contains("\"user\""))
            let again = try bed.runtime("spec", "-f", path)
            #expect(again.status == 1 && again.errors.contains("is there already"), "\(again)")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
        }
    }
}
