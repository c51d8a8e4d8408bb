import BoxSystem
import TestBed
import Testing

extension HostBed {
    /// Archives made to leave the directory that they are unpacked into, to take what is not theirs, or to take too much.
    @Suite struct HostileArchives {
        /// `swiftbox-runtime archive unpack` of the bytes into a new directory, beside which a canary lies.
        private func unpack(
            _ bytes: [UInt8], flags: String = "", into name: String = "into", in bed: Bed
        ) throws -> (outcome: Outcome, directory: String) {
            let directory = try bed.newDirectory(name)
            let file = bed.directory + "/archive.tar"
            let archive = try File.open(
                file, FileFlags.create | FileFlags.truncate | FileFlags.writeOnly, mode: 0o600)
            try File.write(bytes, to: archive.raw)
            let outcome = try bed.hostShell(
                "exec '\(try Bed.binary("swiftbox-runtime"))' archive unpack \(flags) '\(directory)' <'\(file)'")
            return (outcome, directory)
        }

        /// A file behind an extended header of this text.
        private static func file(behind text: String) -> @Sendable (inout RawArchive) -> Void {
            {
                $0.describe(raw: Array(text.utf8))
                $0.add("f")
            }
        }

        private static func file(with key: String, _ value: String) -> @Sendable (inout RawArchive) -> Void {
            {
                $0.describe(key, value)
                $0.add("f")
            }
        }

        private static let attacks: [(name: String, says: String, make: @Sendable (inout RawArchive) -> Void)] = [
            ("climbs", "leads out of it", { $0.add("../canary", data: [1]) }),
            ("climbs in the middle", "leads out of it", { $0.add("a/../../canary", data: [1]) }),
            ("links to above", "cannot unpack", { $0.add("h", type: "1", target: "../canary") }),
            ("links to an absolute name", "cannot unpack", { $0.add("h", type: "1", target: "/outside/canary") }),
            (
                "goes through its link out", "cannot unpack",
                {
                    $0.add("l", type: "2", target: "../outside")
                    $0.add("l/canary", data: [1])
                }
            ),
            (
                "links through its link out", "cannot unpack",
                {
                    $0.add("l", type: "2", target: "../../../../../../../../outside")
                    $0.add("h", type: "1", target: "l/canary")
                }
            ),
            ("has data of any size", "ends in the middle", { $0.add("f", size: Array("77777777777".utf8)) }),
            (
                "is of a size in base 256", "ends in the middle",
                { $0.add("f", size: [0x80, 0, 0, 0, 0x3f] + .init(repeating: 255, count: 7)) }
            ),
            (
                "is larger than any file", "makes no sense",
                { $0.add("f", size: [0x80] + .init(repeating: 255, count: 11)) }
            ),
            ("has a size below 0", "makes no sense", { $0.add("f", size: .init(repeating: 255, count: 12)) }),
            ("has a size that is no number", "makes no sense", { $0.add("f", size: Array("7x".utf8)) }),
            ("has an owner beyond all", "makes no sense", { $0.add("f", uid: [0x80, 0, 0, 0, 255, 255, 255, 255]) }),
            ("has an owner that wraps to root", "makes no sense", { $0.add("f", uid: [0x80, 0, 0, 1, 0, 0, 0, 0]) }),
            ("has a record of such an owner", "uid is out of range", file(with: "uid", "4294967296")),
            (
                "has a long name without end", "ends too early",
                { $0.add("L", type: "L", size: Array("00000100000".utf8)) }
            ),
            (
                "has a name of a gigabyte", "describes another",
                { $0.add("L", type: "L", size: Array("10000000000".utf8)) }
            ),
            (
                "has a name of five thousand bytes", "leads out of it",
                file(with: "path", String(repeating: "a/", count: 2500))
            ),
            (
                "has a part of a name that is too long", "File name too long",
                file(with: "path", String(repeating: "a", count: 300))
            ),
            ("has a record of length 0", "extended header", file(behind: "0 path=x\n")),
            ("has a record longer than its header", "extended header", file(behind: "999 path=x\n")),
            ("has a record without a value", "extended header", file(behind: "7 path\n")),
            ("has a record without a line end", "extended header", file(behind: "9 path=xx")),
            ("has something behind its records", "extended header", file(behind: "10 path=x\nrest")),
            ("has a record of a size that is none", "size is no number", file(with: "size", "-1")),
            ("has a name with a NUL", "leads out of it", file(with: "path", "a\u{0}b")),
            (
                "has a link to a NUL", "cannot unpack",
                {
                    $0.describe("linkpath", "a\u{0}b")
                    $0.add("l", type: "2")
                }
            ),
            (
                "has a name that is no text", "not UTF-8",
                {
                    $0.describe("path", [0x66, 0xff])
                    $0.add("f")
                }
            ),
            ("is sparse, as GNU has it", "sparse file", { $0.add("f", type: "S") }),
            (
                "is sparse, as pax has it", "sparse file",
                {
                    $0.describe("GNU.sparse.major", "1")
                    $0.add("f", data: [1])
                }
            ),
            ("is of an unknown type", "type that is not known", { $0.add("f", type: "Z") }),
            ("is cut", "ends too early", { $0.append([UInt8](repeating: 1, count: 100)) }),
            ("is none", "makes no sense", { $0.append([UInt8](repeating: 0x41, count: 512)) }),
        ]

        @Test func areRefusedAndTouchNothing() throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            for (number, attack) in Self.attacks.enumerated() {
                var archive = RawArchive()
                attack.make(&archive)
                // Those that are cut must end there.
                let isCut = attack.says.contains("ends")
                let (outcome, _) = try unpack(
                    isCut ? archive.bytes : archive.ended, into: "into\(number)", in: bed)
                #expect(outcome.status == 4 || outcome.status == 1, "\(attack.name): \(outcome)")
                #expect(outcome.errors.contains(attack.says), "\(attack.name): \(outcome)")
            }
            #expect(try File.text(of: outside + "/canary") == "secret\n")
            #expect(try bed.names(in: outside) == ["canary"])
        }

        /// What is odd and harms nobody.
        @Test func oddOnesAreUnpackedInside() throws {
            let bed = try Bed.here
            let outside = try bed.makeOutside()
            var archive = RawArchive()
            archive.add("/absolute", data: Array("a".utf8))
            archive.add("setuid", data: Array("s".utf8), mode: "0004755")
            archive.add("pipe", type: "6")
            archive.add("pipe", data: Array("no pipe any more".utf8))
            archive.add("null", type: "3", device: ("0000001", "0000003"))
            archive.add("kmem", type: "4", device: ("0000010", "0000000"))
            archive.add("also-null", type: "1", target: "null")
            archive.add("up", type: "2", target: "../../../..")
            archive.add("up/beside", data: Array("b".utf8))
            archive.add("two\nlines", data: Array("l".utf8))
            archive.describe("mtime", "-5")
            archive.add("old", data: Array("o".utf8))
            archive.describe("SCHILY.xattr.trusted.overlay.redirect", "/absolute")
            archive.describe("SCHILY.xattr.user.overlay.opaque", "y")
            archive.add("d/", type: "5", mode: "0000755")
            archive.append([UInt8](repeating: 0, count: 1024) + Array("garbage behind the end".utf8))
            let (outcome, into) = try unpack(archive.bytes, in: bed)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.errors.contains("3 device nodes"), "\(outcome)")
            #expect(outcome.errors.contains("user.overlay.opaque"), "\(outcome)")
            #expect(
                try bed.names(in: into) == ["absolute", "beside", "d", "old", "pipe", "setuid", "two\nlines", "up"])
            #expect(try File.text(of: into + "/pipe") == "no pipe any more")
            #expect(try File.status(into + "/setuid").mode == 0o4755)
            #expect(try bed.names(in: outside) == ["canary"])
            let attributes = try bed.hostShell("getfattr -d -m - \(into)/d 2>&1 | grep -c overlay; true")
            #expect(attributes.output != "1\n", "\(attributes)")
        }

        @Test func areBounded() throws {
            let bed = try Bed.here
            var archive = RawArchive()
            for number in 0..<40 { archive.add("f\(number)", data: [UInt8](repeating: 7, count: 100)) }
            let fits = try unpack(archive.ended, flags: "--max-bytes 41984 --max-entries 40", in: bed)
            #expect(fits.outcome.status == 0, "\(fits)")
            for (flags, says) in [
                ("--max-bytes 41983", "longer than 41983 bytes\n  try:   a larger limits.archive_size"),
                ("--max-entries 39", "more than 39 entries\n  try:   a larger limits.archive_entries"),
            ] {
                let (outcome, _) = try unpack(archive.ended, flags: flags, in: bed)
                #expect(outcome.status == 4 && outcome.errors.contains(says), "\(outcome)")
            }
            // What stands behind the end counts too: it may have none.
            let endless = try bed.hostShell(
                "head -c 1024 /dev/zero | cat - /dev/zero | timeout 20 '\(try Bed.binary("swiftbox-runtime"))' "
                    + "archive unpack --max-bytes 1000000 '\(try bed.newDirectory("endless"))'")
            #expect(endless.status == 4, "\(endless)")
        }

        /// A pipe that stands where a file goes is replaced, not waited for.
        @Test func aPipeInTheWayBlocksNobody() throws {
            let bed = try Bed.here
            let into = try bed.newDirectory("into")
            #expect(try bed.hostShell("mkfifo '\(into)/f'").status == 0)
            var archive = RawArchive()
            archive.add("f", data: [0x78])
            #expect(try unpack(archive.ended, in: bed).outcome.status == 0)
            #expect(try File.text(of: into + "/f") == "x")
        }
    }
}
