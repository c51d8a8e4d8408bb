internal import BoxStore
internal import BoxSystem
internal import Logging
internal import Testing

/// The index on its own: in a directory of its own in /tmp.
@Suite struct StoreTests {
    private let directory: String
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        directory = "/tmp/swiftbox-store-\(try Kernel.randomBytes(8).map { String($0, radix: 16) }.joined())"
        try File.makeDirectory(directory, mode: 0o700)
    }

    /// Closes nothing: SQLite has its files open until the store is gone.
    private func remove() throws {
        let open = try File.open(directory, FileFlags.readOnly | FileFlags.directory)
        for name in try File.list(open.raw) { try File.remove("\(directory)/\(name)") }
        try File.remove(directory, directory: true)
    }

    private func open() throws -> BoxStore { try BoxStore(path: directory + "/x.db", logger: logger) }

    private func row(_ id: String, _ name: String) -> BoxRow {
        var row = BoxRow(id: id, name: name, created: Int64(id.count), wanted: "{}", state: "created")
        row.started = "2026-01-01T00:00:00.000000000Z"
        row.exitCode = 137
        row.oomKilled = true
        row.stoppedByUser = true
        row.restartCount = 4
        row.error = "e"
        row.reason = "r"
        row.pid = 12
        return row
    }

    @Test func whatWasSavedIsThereAfterwards() throws {
        defer { #expect(throws: Never.self) { try remove() } }
        var store = try open()
        #expect(store.wasRebuilt == "there was none")
        try store.save(row("a", "one"))
        try store.save(row("bb", "two"))
        var changed = row("a", "other")
        changed.state = "running"
        try store.save(changed)
        try store.save(ImageRow(id: "i", document: "{}"))
        try store.tag(TagRow(reference: "x:1", imageID: "i"))
        try store.setFact("boot", "1")
        try store.close()
        store = try open()
        #expect(store.wasRebuilt == nil)
        #expect(try store.boxes() == [changed, row("bb", "two")])
        #expect(try store.tags() == [TagRow(reference: "x:1", imageID: "i")])
        #expect(try store.fact("boot") == "1")
        try store.removeImage("i")
        #expect(try store.tags().isEmpty)
        try store.removeBox("a")
        #expect(try store.boxes().map(\.id) == ["bb"])
        try store.close()
    }

    @Test func aNameIsOneBoxs() throws {
        defer { #expect(throws: Never.self) { try remove() } }
        let store = try open()
        try store.save(row("a", "one"))
        let error = #expect(throws: StoreError.self) { try store.save(row("b", "one")) }
        #expect(error?.kind == .duplicate)
        try store.close()
    }

    @Test(arguments: ["this is no database, and longer than the sixteen bytes of a header", ""])
    func damageIsMovedAside(text: String) throws {
        defer { #expect(throws: Never.self) { try remove() } }
        let file = try File.open(directory + "/x.db", FileFlags.create | FileFlags.writeOnly, mode: 0o600)
        try File.write(Array(text.utf8), to: file.raw)
        try file.close()
        let store = try open()
        try store.save(row("a", "one"))
        // An empty file is an empty database to SQLite.
        #expect((store.wasRebuilt != nil) == !text.isEmpty)
        let open = try File.open(directory, FileFlags.readOnly | FileFlags.directory)
        #expect(try File.list(open.raw).contains { $0.contains(".damaged-") } == !text.isEmpty)
        try store.close()
    }

    @Test func pagesThatMakeNoSenseAreFound() throws {
        defer { #expect(throws: Never.self) { try remove() } }
        let first = try open()
        for number in 0..<200 { try first.save(row("\(number)", "box\(number)")) }
        try first.close()
        let file = try File.open(directory + "/x.db", FileFlags.writeOnly)
        // Behind the first page, which has the header and the schema.
        try File.write(
            try File.contents(of: directory + "/x.db").prefix(4096) + Array(repeating: 0xa5, count: 16384), to: file.raw
        )
        try file.close()
        let second = try open()
        #expect(second.wasRebuilt != nil)
        #expect(try second.boxes().isEmpty)
        try second.close()
    }
}
