import TestBed
import Testing

extension HostBed {
    /// What is shipped stays what the design counts on: static, and small enough inside to run after clone.
    @Suite struct Release {
        @Test(arguments: ["swiftbox", "swiftbox-runtime", "workload"])
        func needsNoSharedObject(name: String) throws {
            let headers = try Bed.here.command("readelf", "-lW", Bed.binary(name))
            #expect(headers.output.contains("LOAD"), "\(headers)")
            #expect(!headers.output.contains("INTERP"))
        }

        @Test(arguments: ["FoundationEssentials", "_dispatch_"])
        func holdsNoneOf(library: String) throws {
            let symbols = try Bed.here.command("readelf", "-sW", Bed.binary("swiftbox-runtime")).output
                .split(separator: "\n").filter { !$0.contains(" UND ") }
            #expect(symbols.count > 1000, "stripped: there is nothing to look at")
            #expect(symbols.first { $0.contains(library) } == nil)
        }
    }
}
