import Foundation
import TestBed
import Testing

extension HostBed {
    /// What README promises in words that a program can check.
    @Suite struct Readme {
        private func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(Bed.package)/\(name)", encoding: .utf8)
        }

        @Test func everyFlagExists() throws {
            let bed = try Bed.here
            var known = ["--guest", "--prefix", "--uninstall", "--scope"]  // of examples/*.sh
            let commands = [
                ["swiftbox", "run"], ["swiftbox-runtime"], ["swiftbox", "plan"], ["swiftbox", "spec", "check"],
                ["swiftbox", "spec", "convert"], ["swiftbox", "doctor"],
            ]
            for command in commands.map({ $0 + ["--help"] }) {
                let help = try Command([try Bed.binary(command[0])] + command.dropFirst()).start(in: bed).wait()
                #expect(help.status == 0, "\(help)")
                known += help.output.matches(of: /--[a-z][a-z-]*/).map { String($0.output) }
            }
            let named = Set(try text("README.md").matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
            #expect(named.count > 20)
            // Those of the engines that README shows how to set up.
            let theirs: Set = ["--add-runtime", "--default-runtime", "--isolation", "--runc-binary", "--runtime"]
            #expect(named.subtracting(known).subtracting(theirs) == [])
        }

        @Test func everyPathExists() throws {
            for file in ["README.md", "Sources/README.md", "Tests/README.md"] {
                let paths = try text(file).matches(of: /`((?:Sources|Tests|examples|configs)\/[A-Za-z0-9._\/-]+)`/)
                for path in paths.map({ String($0.output.1) }) {
                    #expect(FileManager.default.fileExists(atPath: "\(Bed.package)/\(path)"), "\(file): \(path)")
                }
            }
        }
    }
}
