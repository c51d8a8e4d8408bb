import Foundation
import Glibc
import TestBed
import Testing

extension HostBed {
    /// The spec files of `examples/`, run as their first lines say.
    @Suite struct ExampleFiles {
        @Test func aStepOfCI() throws { try Examples(Bed.here).aStepOfCI() }
        @Test func aBuildWithACache() throws { try Examples(Bed.here).aBuildWithACache() }
        @Test func anUntrustedScript() throws { try Examples(Bed.here).anUntrustedScript(seconds: 1) }
        @Test func aService() throws { try Examples(Bed.here).aService() }

        /// They name flags and files that there are.
        @Test(arguments: ["github-actions.yml", "gitlab-ci.yml"])
        func jobFilesUseWhatThereIs(name: String) throws {
            let examples = try Examples(Bed.here)
            let lines = try examples.text(name).split(separator: "\n").filter {
                $0.contains("swiftbox ") && !$0.contains("# ")
            }
            #expect(lines.count >= 3)
            for line in lines {
                let words = line.split(separator: " ").map(String.init)
                let start = try #require(words.firstIndex(of: "swiftbox"))
                let help = try Bed.here.command(
                    "sh", "-c",
                    "'\(try Bed.binary("swiftbox"))' \(words[start + 1]) --help; '\(try Bed.binary("swiftbox"))' \(words[start + 1]) check --help"
                )
                for flag in words[start...] where flag.hasPrefix("--") {
                    #expect(help.output.contains(flag), "\(line)")
                }
            }
        }
    }
}
