import Foundation
import TestBed
import Testing

extension HostBed {
    /// What a package is made of: manual pages as the help has them, and a way in and out.
    @Suite struct Install {
        @Test func manualPagesAreTheHelp() throws {
            let bed = try Bed.here
            let made = try bed.newDirectory("man")
            let outcome = try bed.command("sh", "\(Bed.package)/configs/man/make.sh", made)
            #expect(outcome.status == 0, "\(outcome)")
            let difference = try bed.command("diff", "-r", "--exclude=make.sh", made, "\(Bed.package)/configs/man")
            #expect(difference.status == 0, "sh configs/man/make.sh: \(difference)")
            let page = try String(contentsOfFile: made + "/swiftbox-run.1", encoding: .utf8)
            #expect(page.contains(".SH NAME\nswiftbox\\-run") && page.contains("\\-\\-pids\\-limit"))
        }

        @Test func installsAndLeavesNothingBehind() throws {
            let bed = try Bed.here
            let destination = try bed.newDirectory("destination")
            let script = "\(Bed.package)/examples/install.sh"
            let outcome = try bed.command("env", "DESTDIR=\(destination)", "sh", script, "--prefix", "/usr")
            #expect(outcome.status == 0, "\(outcome)")
            let installed = try bed.command(destination + "/usr/bin/swiftbox", "version")
            #expect(installed.output.hasPrefix("swiftbox version "), "\(installed)")
            for file in [
                "share/man/man1/swiftbox-run.1", "share/bash-completion/completions/swiftbox",
                "share/doc/swiftbox/NOTICE", "bin/swiftboxd", "lib/systemd/system/swiftboxd.service",
                "../etc/swiftbox/swiftboxd.yaml",
            ] {
                #expect(FileManager.default.fileExists(atPath: "\(destination)/usr/\(file)"), "\(file)")
            }
            let gone = try bed.command("env", "DESTDIR=\(destination)", "sh", script, "--uninstall", "--prefix", "/usr")
            #expect(gone.status == 0, "\(gone)")
            #expect(try bed.command("find", destination, "-type", "f").output.isEmpty)
        }
    }
}
