internal import BoxSystem
internal import Foundation

/// A swiftboxd with everything of its own below the bed's directory. For the test's own thread only.
public final class TestDaemon {
    public let root: String
    public let run: String
    private let bed: Bed
    private let configuration: String
    private var process: Running?

    /// Starts it, and returns when it answers.
    public init(in bed: Bed, configuration: String = "") throws {
        self.bed = bed
        root = bed.directory + "/root"
        run = bed.directory + "/run"
        self.configuration = bed.directory + "/swiftboxd.yaml"
        try bed.write(configuration, to: self.configuration)
        try start()
    }

    /// Runs `body` with one that has this configuration, and ends it whatever came of it.
    public static func serving(_ configuration: String, _ body: (Bed, TestDaemon) throws -> Void) throws {
        let bed = try Bed.here
        let daemon = try TestDaemon(in: bed, configuration: configuration)
        do {
            try body(bed, daemon)
        } catch {
            try daemon.end()
            throw error
        }
        try daemon.end()
    }

    public var socket: String { run + "/swiftbox.sock" }
    public var pid: CInt { process?.pid ?? 0 }
    /// What it logged since it was last started.
    public var log: String { process?.errors ?? "" }

    public func start() throws {
        try launch()
        guard poll(20, until: { answers }) else { throw BedError("swiftboxd does not answer:\n\(log)") }
    }

    private func launch() throws {
        process = try Command([
            try Bed.binary("swiftboxd"), "--config", configuration, "--root", root, "--run", run, "--log-level",
            "debug",
        ]).start(in: bed)
    }

    /// Starts it, and kills it so many microseconds later, whatever it is about.
    public func killOnTheWayUp(after microseconds: UInt32) throws {
        try launch()
        usleep(microseconds)
        try kill()
    }

    private var answers: Bool {
        do { return try request("GET", "/_ping").status == 200 } catch { return false }
    }

    /// SIGKILL: the boxes must not notice.
    public func kill() throws {
        process?.signal(9)
        try process?.wait()
        process = nil
    }

    /// SIGTERM, as systemd stops it; its exit status.
    @discardableResult
    public func stop() throws -> Int {
        process?.signal(15)
        defer { process = nil }
        return try process?.wait().status ?? 0
    }

    public func signal(_ number: CInt) { process?.signal(number) }

    /// Removes every box and stops the daemon: nothing is left running, in a moment.
    public func end() throws {
        if process == nil { try start() }
        for box in try request("GET", "/containers/json?all=1").array {
            try request("DELETE", "/containers/\(box["Id"] as? String ?? "")?force=1")
        }
        try stop()
    }

    /// The pids of its monitors, boxes' and prepared ones.
    public func monitors() throws -> [CInt] {
        try bed.command("pgrep", "-f", "--", "monitor --directory \(run)/monitor/").output.split(separator: "\n")
            .compactMap { CInt($0) }
    }

    /// `swiftbox`, told of this daemon.
    public func swiftbox(_ words: [String], input: String = "", on terminal: Terminal? = nil) throws -> Running {
        try Command([try Bed.binary("swiftbox")] + words, environment: ["SWIFTBOX_HOST": "unix://\(socket)"])
            .start(in: bed, input: input, on: terminal)
    }

    // MARK: The API

    /// An answer of the API.
    public struct Answer: CustomStringConvertible {
        public var status: Int
        public var body: [UInt8]

        public var text: String { String(decoding: body, as: UTF8.self) }
        public var description: String { "\(status) \(text)" }
        public var object: [String: Any] { json as? [String: Any] ?? [:] }
        public var array: [[String: Any]] { json as? [[String: Any]] ?? [] }
        private var json: Any? {
            do { return try JSONSerialization.jsonObject(with: Data(body)) } catch { return nil }
        }
    }

    /// One request on a connection of its own, to the answer's end.
    @discardableResult
    public func request(_ method: String, _ path: String, _ body: String = "") throws -> Answer {
        let connection = try UnixSocket.connect(socket, .stream)
        let head =
            "\(method) /v1.43\(path) HTTP/1.1\r\nHost: swiftbox\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try File.write(Array((head + body).utf8), to: connection.raw)
        return try Answer(File.readAll(connection.raw))
    }

    /// The id of a new box, started.
    public func startBox(_ wanted: String, name: String) throws -> String {
        let made = try request("POST", "/containers/create?name=\(name)", wanted)
        guard made.status == 201, let id = made.object["Id"] as? String else { throw BedError("create: \(made)") }
        let started = try request("POST", "/containers/\(id)/start")
        guard started.status == 204 else { throw BedError("start: \(started)") }
        return id
    }

    /// What inspect says below `State`.
    public func state(_ box: String) throws -> [String: Any] {
        try request("GET", "/containers/\(box)/json").object["State"] as? [String: Any] ?? [:]
    }
}

extension TestDaemon.Answer {
    init(_ bytes: [UInt8]) throws {
        let end = Array("\r\n\r\n".utf8)
        guard let split = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else {
            throw BedError("no HTTP: \(String(decoding: bytes, as: UTF8.self))")
        }
        let head = String(decoding: bytes[..<split], as: UTF8.self)
        let words = head.split(separator: " ", maxSplits: 2)
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        let rest = bytes[(split + 4)...]
        body = head.lowercased().contains("transfer-encoding: chunked") ? Self.unchunked(rest) : Array(rest)
    }

    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = bytes
        var data: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
            let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16) ?? 0
            if size == 0 { break }
            data.append(contentsOf: rest[(end + 2)...].prefix(size))
            rest = rest[(end + 2)...].dropFirst(size + 2)
        }
        return data
    }
}
