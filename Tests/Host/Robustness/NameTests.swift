import TestBed
import Testing

extension HostBed {
    /// Bytes that are no text: passed on unchanged or refused, never repaired.
    @Suite struct NameTests {
        @Test func argumentsThatAreNotUTF8AreRefused() throws {
            for program in ["swiftbox", "swiftbox-runtime"] {
                let outcome = try Bed.here.command(
                    "sh", "-c", #"exec "$0" run echo "$(printf '\377')""#, Bed.binary(program))
                #expect(outcome.status == (program == "swiftbox" ? 125 : 1), "\(outcome)")
                #expect(outcome.errors.contains("an argument is not UTF-8"), "\(outcome)")
            }
        }

        /// Its name repaired, a file of the host's /etc would be hidden under another name than its own.
        @Test func hostFilesWhoseNamesAreNotUTF8StopTheRun() throws {
            let name = #"/etc/swiftbox-canary-$(printf '\377')"#
            defer { #expect(throws: Never.self) { try Bed.here.command("sh", "-c", "rm -f \(name)") } }
            #expect(try Bed.here.command("sh", "-c", "umask 077; echo secret >\(name)").status == 0)
            let outcome = try Bed.here.run("true")
            #expect(outcome.status == 125 && outcome.errors.contains("cannot hide the host's secrets"), "\(outcome)")
        }
    }
}
