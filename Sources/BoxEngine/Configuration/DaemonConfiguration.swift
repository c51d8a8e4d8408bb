internal import BoxDocument
public import BoxOCI
internal import BoxSecurity
internal import BoxSpec
internal import BoxSystem
internal import BoxYAML

/// What swiftboxd.yaml says. `configs/swiftboxd.yaml` has every key with its default.
public struct DaemonConfiguration: Equatable, Sendable {
    public var engine = EngineConfiguration()
    /// nil is `swiftbox.sock` below the run root.
    public var socket: String?
    /// Who may use the socket beside root.
    public var group = "swiftbox"
    /// `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`.
    public var logLevel = "info"
    /// `127.0.0.1:PORT` or `[::1]:PORT`; nil serves metrics on the socket alone.
    public var metricsAddress: String?
    public var clients = ClientLimits()

    public init() {}

    /// Where the API is.
    public var socketPath: String { socket ?? engine.run + "/swiftbox.sock" }

    /// The keys that are others than those a daemon was started with, and that it cannot change while it runs.
    public func changesForNextStart(from old: DaemonConfiguration) -> [String] {
        [
            ("root", engine.root != old.engine.root), ("run", engine.run != old.engine.run),
            ("runtime", engine.runtime != old.engine.runtime), ("socket", socketPath != old.socketPath),
            ("group", group != old.group), ("metrics_address", metricsAddress != old.metricsAddress),
            ("limits", clients != old.clients),
        ].filter(\.1).map(\.0)
    }

    /// - Throws: `.notFound` when there is no such file; otherwise with file, line and column
    public static func read(_ path: String) throws(BoxError) -> DaemonConfiguration {
        let bytes = try explaining({
            BoxError($0 == .noSuchFileOrDirectory ? .notFound : .kernel, "cannot read \(path)", errno: $0)
        }) { () throws(Errno) in try File.contents(of: path) }
        do {
            return try DaemonConfiguration(yaml: bytes)
        } catch {
            var located = error
            located.file = path
            throw located
        }
    }

    public init(yaml: [UInt8]) throws(BoxError) {
        let document: Node
        do {
            document = try YAML.parse(yaml)
        } catch {
            throw BoxError(.invalidSpec, error.message, position: error.position)
        }
        if case .null = document.value { return }
        for field in try Field(document).members() { try take(field) }
    }

    private mutating func take(_ field: Field) throws(BoxError) {
        switch field.name {
        case "root": engine.root = try field.path()
        case "run": engine.run = try field.path()
        case "runtime": engine.runtime = try field.path()
        case "socket": socket = try field.path()
        case "group": group = try field.string()
        case "log_level": logLevel = try field.name(among: Self.logLevels)
        case "prepared_monitors": engine.preparedMonitors = try field.integer(from: 0, to: 64)
        case "log_driver": engine.logDriver = try field.name(among: ["json-file", "journald", "none"])
        case "log_max_size":
            let text = try field.size()
            guard let size = LogLimits.number(text), size == -1 || size >= 4096 else {
                throw field.invalid("must be a size of 4k or more, or -1 for no bound, found \(text)")
            }
            engine.logMaxSize = size
        case "log_max_files": engine.logMaxFiles = try field.integer(from: 1, to: 100)
        case "stop_timeout": engine.stopTimeout = try field.integer(from: 0, to: 86_400)
        case "metrics_address": metricsAddress = try field.loopback()
        case "limits": for key in try field.members() { try takeLimit(key) }
        case "policy": for key in try field.members() { try engine.policy.take(key) }
        default: throw field.unknown(among: Self.keys)
        }
    }

    private static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    private static let keys = [
        "root", "run", "runtime", "socket", "group", "log_level", "prepared_monitors", "log_driver", "log_max_size",
        "log_max_files", "stop_timeout", "metrics_address", "limits", "policy",
    ]

    private mutating func takeLimit(_ field: Field) throws(BoxError) {
        switch field.name {
        case "connections": clients.connections = try field.integer(from: 8, to: 65536)
        case "requests": clients.requests = try field.integer(from: 1, to: 65536)
        case "streams": clients.streams = try field.integer(from: 1, to: 65536)
        // Each has a thread of the daemon's wait for it.
        case "archives": clients.archives = try field.integer(from: 1, to: 64)
        case "document_size": clients.document = Int(try field.bytes(from: 64 << 10, to: 1 << 30))
        case "client_timeout": clients.patience = try field.integer(from: 0, to: 86_400)
        case "archive_size": engine.archiveSize = try field.bytes(from: 1 << 20, to: 1 << 50)
        case "archive_entries": engine.archiveEntries = try field.integer(from: 1000, to: 1 << 32)
        default: throw field.unknown(among: Self.limits)
        }
    }

    private static let limits = [
        "connections", "requests", "streams", "archives", "document_size", "client_timeout", "archive_size",
        "archive_entries",
    ]
}

extension Policy {
    fileprivate mutating func take(_ field: Field) throws(BoxError) {
        switch field.name {
        case "privileged": privileged = try field.bool()
        case "devices": devices = try field.bool()
        case "unconfined": unconfined = try field.bool()
        case "capabilities":
            if case .string("all") = field.node.value {
                capabilities = nil
            } else {
                capabilities = try field.array { (one) throws(BoxError) in try one.capability() }
            }
        case "seccomp_profiles": seccompProfiles = try field.bool()
        case "host_network": hostNetwork = try field.bool()
        case "host_root": hostRoot = try field.bool()
        case "host_paths":
            if case .string("all") = field.node.value {
                hostPaths = nil
            } else {
                hostPaths = try field.array { (one) throws(BoxError) in try one.path() }
            }
        default:
            throw field.unknown(among: [
                "privileged", "devices", "unconfined", "capabilities", "seccomp_profiles", "host_network",
                "host_root", "host_paths",
            ])
        }
    }
}

extension Field {
    fileprivate func path() throws(BoxError) -> String {
        let text = try string()
        if text.hasPrefix("/") && text.utf8.count > 1 { return text }
        throw invalid("must be an absolute path, found \(JSON.quoted(text))")
    }

    /// Without `CAP_`.
    fileprivate func capability() throws(BoxError) -> String {
        let text = try string()
        if let name = CapabilitySet(name: text)?.names.first { return String(name.dropFirst(4)) }
        throw invalid("is no capability: \(JSON.quoted(text))")
    }

    /// A bare number is one of bytes.
    fileprivate func size() throws(BoxError) -> String {
        if case .integer(let number) = node.value { return String(number) }
        return try string()
    }

    fileprivate func integer(from least: Int, to most: Int) throws(BoxError) -> Int {
        let number: Int = try integer()
        if (least...most).contains(number) { return number }
        throw invalid("must be a number from \(least) to \(most), found \(number)")
    }

    fileprivate func bytes(from least: Int64, to most: Int64) throws(BoxError) -> Int64 {
        let text = try size()
        if let size = LogLimits.number(text), (least...most).contains(size) { return size }
        throw invalid("must be a size from \(least) to \(most) bytes, found \(text)")
    }

    /// Nothing but this host may read what boxes do.
    fileprivate func loopback() throws(BoxError) -> String {
        let text = try string()
        let port = text.split(separator: ":").last.flatMap { UInt16($0) }
        if port != nil && (text.hasPrefix("127.0.0.1:") || text.hasPrefix("[::1]:")) { return text }
        throw invalid("must be 127.0.0.1:PORT or [::1]:PORT, found \(JSON.quoted(text))")
    }

    fileprivate func unknown(among keys: [String]) -> BoxError {
        let near = NearestKey.find(name, among: keys)
        var error = invalid("is no key of swiftboxd.yaml")
        error.remedy = near.map { "did you mean \($0)?" }
        return error
    }
}
