@testable import BoxEngine
internal import BoxSystem
internal import Testing

/// A log that is rotated while it is read, as the monitor does it.
@Suite struct LogFilesTests {
    private let directory: String
    private var path: String { directory + "/log.json" }

    init() throws {
        directory = "/tmp/swiftbox-log-\(try Kernel.randomBytes(8).map { String($0, radix: 16) }.joined())"
        try File.makeDirectory(directory, mode: 0o700)
    }

    private func remove() throws {
        let open = try File.open(directory, FileFlags.readOnly | FileFlags.directory)
        for name in try File.list(open.raw) { try File.remove("\(directory)/\(name)") }
        try File.remove(directory, directory: true)
    }

    private func append(_ text: String) throws {
        let file = try File.open(path, FileFlags.create | FileFlags.writeOnly | FileFlags.append, mode: 0o600)
        try File.write(Array(text.utf8), to: file.raw)
        try file.close()
    }

    private func rotate(_ count: Int) throws {
        for index in (0..<count).reversed() {
            let from = index == 0 ? path : "\(path).\(index)"
            if File.exists(from) { try File.rename(from, to: "\(path).\(index + 1)") }
        }
    }

    private func rest(_ files: inout LogFiles) throws -> [String] {
        var lines: [String] = []
        while let line = try files.nextLine() { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    @Test func oldestFirst() throws {
        defer { #expect(throws: Never.self) { try remove() } }
        try append("1\n2\n")
        try rotate(3)
        try append("3\n")
        try rotate(3)
        try append("4\n5")
        var files = LogFiles(path)
        try files.rewind()
        #expect(try rest(&files) == ["1", "2", "3", "4"])
        try append("\n6\n")
        #expect(try rest(&files) == ["5", "6"])
    }

    @Test func nothingIsLostToRotation() throws {
        defer { #expect(throws: Never.self) { try remove() } }
        var files = LogFiles(path)
        try files.rewind()
        #expect(try rest(&files) == [])
        try append("1\n")
        #expect(try rest(&files) == ["1"])
        try append("2\n")
        try rotate(4)
        try append("3\n")
        try rotate(4)
        try append("4\n")
        #expect(try rest(&files) == ["2", "3", "4"])
        // The file that was open is rotated away for good: what is left begins with the oldest.
        for number in 5...9 {
            try rotate(2)
            try append("\(number)\n")
        }
        #expect(try rest(&files) == ["7", "8", "9"])
    }

    @Test(arguments: [
        (0, []), (1, ["5"]), (2, ["4", "5"]), (4, ["2", "3", "4", "5"]), (9, ["1", "2", "3", "4", "5"]),
    ])
    func theLastLines(count: Int, expected: [String]) throws {
        defer { #expect(throws: Never.self) { try remove() } }
        try append("1\n2\n")
        try rotate(3)
        try append("3\n4\n5\n")
        var files = LogFiles(path)
        try files.rewind(lines: count) { _ in true }
        #expect(try rest(&files) == expected)
    }
}

@Suite struct LogLineTests {
    @Test func readsWhatMonitorsWrite() throws {
        let line = #"{"log":"a\"b\n","stream":"stderr","time":"2026-11-25T21:10:47.000000001Z"}"#
        let record = try #require(LogLine.parse(Array(line.utf8)[...]))
        #expect(record.source == .stderr && String(buffer: record.bytes) == "a\"b\n")
        #expect(Moment.nanoseconds(record.time) == 1_795_641_047_000_000_001)
    }

    @Test(arguments: ["", "{", #"{"log":"a"}"#, #"{"log":1,"stream":"stdout","time":"x"}"#])
    func halfLinesAreNone(text: String) { #expect(LogLine.parse(Array(text.utf8)[...]) == nil) }

    @Test(arguments: [0, 1, 951_782_400_123_456_789, 1_709_164_800_000_000_000, 4_102_444_799_999_999_999] as [Int64])
    func momentsAreReadAsTheyAreWritten(time: Int64) { #expect(Moment.nanoseconds(Moment.text(time)) == time) }

    @Test func shortFractionsCount() {
        #expect(Moment.nanoseconds("1970-01-01T00:00:01.5Z") == 1_500_000_000)
        #expect(Moment.nanoseconds("1970-01-01T00:00:01Z") == 1_000_000_000)
        #expect(Moment.nanoseconds("yesterday") == nil)
    }
}
