import BoxSystem
import Glibc
import TestBed
import Testing

extension HostBed {
    /// `--userns host|auto|UID:GID:SIZE`, read back.
    @Suite struct UserNamespace {
        private static let maps = "tr -s ' ' < /proc/self/uid_map; tr -s ' ' < /proc/self/gid_map"

        @Test(arguments: [
            (["--userns", "host"], [" 0 0 4294967295", " 0 0 4294967295"]),
            ([], [" 0 0 4294967295", " 0 0 4294967295"]),
            (["--userns", "200000:300000:1000"], [" 0 200000 1000", " 0 300000 1000"]),
        ])
        func mapsWhatIsAskedFor(flags: [String], maps: [String]) throws {
            #expect(try Bed.here.box(flags + ["sh", "-c", Self.maps]).lines == maps)
        }

        @Test(arguments: [["--rootfs"], []])
        func autoIsAFreeBlockAndTheDefaultOfTheHostsRoot(source: [String]) throws {
            let bed = try Bed.here
            let outcome =
                source.isEmpty
                ? try bed.run("sh", "-c", Self.maps) : try bed.box("--userns", "auto", "sh", "-c", Self.maps)
            #expect(outcome.lines.count == 2 && outcome.lines.first == outcome.lines.last, "\(outcome)")
            let fields = try #require(outcome.lines.first).split(separator: " ").compactMap { Int($0) }
            #expect(fields.count == 3 && fields[0] == 0 && fields[1] >= 524288 && fields[1] % 65536 == 0)
            #expect(fields.last == 65536)
        }

        @Test func eachRunningBoxHasABlockOfItsOwnAndGivesItBack() throws {
            let bed = try Bed.here
            var boxes: [Running] = []
            for _ in 0..<3 {
                let running = try bed.startBox("--userns", "auto", "sh", "-c", "\(Self.maps); exec workload trap TERM")
                try running.waitForOutput("ready")
                boxes.append(running)
            }
            let blocks = boxes.compactMap { $0.output.split(separator: "\n").first }
            #expect(Set(blocks).count == 3, "\(blocks)")
            for block in blocks { #expect(File.exists("/run/swiftbox/ids/\(block.split(separator: " ")[1])")) }
            for box in boxes { box.signal(SIGTERM) }
            for box in boxes { #expect(try box.wait().status == 0) }
            for block in blocks { #expect(!File.exists("/run/swiftbox/ids/\(block.split(separator: " ")[1])")) }
        }

        /// Root of the box is nobody special on the host.
        @Test func theProcessIsAnUnprivilegedUserOfTheHost() throws {
            let bed = try Bed.here
            let pidFile = bed.directory + "/pid"
            let running = try bed.startBox(
                "--userns", "300000:400000:65536", "--pidfile", pidFile, "workload", "trap", "TERM")
            try running.waitForOutput("ready")
            let status = try bed.command("cat", "/proc/\(bed.number(in: pidFile))/status").lines
            #expect(status.contains("Uid:\t300000\t300000\t300000\t300000"), "\(status)")
            #expect(status.contains("Gid:\t400000\t400000\t400000\t400000"))
            running.signal(SIGTERM)
            try running.wait()
        }
    }
}
