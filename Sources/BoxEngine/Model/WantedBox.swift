public import BoxDocument
public import BoxSpec

/// What is asked for: a create request's body or a spec file, before anything is compiled. Stored as box.json.
/// A value type; safe on any thread.
public struct WantedBox: Equatable, Sendable {
    /// All that the spec compiler knows. `name`, `report`, `log`, `quiet`, `interactive`, `env-file` and `copy-out` are
    /// not of its business here and are refused or moved to the properties below. `entrypoint` nil is the image's;
    /// `command` empty is the image's where the entrypoint is the image's too.
    public var options = RunOptions()
    /// An image's reference or id; nil or "" where `options.rootfs` or `options.bundle` says what the root is; `host`
    /// is the host's own root.
    public var image: String?
    /// Docker's `Entrypoint: [""]`: none, whatever the image says.
    public var clearsEntrypoint = false
    public var labels: [String: String] = [:]
    public var restart: RestartPolicy = .no
    /// nil is none.
    public var healthCheck: HealthCheck?
    /// `json-file`, `journald`, `none`; nil is the configuration's.
    public var logDriver: String?
    /// `max-size`, `max-file`.
    public var logOptions: [String: String] = [:]
    public var autoRemove = false
    public var openStdin = false
    public var stdinOnce = false
    public var attachStdin = false
    public var attachStdout = false
    public var attachStderr = false
    /// Seconds between the stop signal and SIGKILL; nil is 10.
    public var stopTimeout: Int?
    /// The size that a terminal has from the start; columns, rows.
    public var terminalSize: TerminalSize?
    /// The create body as it was sent, so that inspect can echo `Config` and `HostConfig`.
    public var docker: Node?

    public init() {}
}

public struct TerminalSize: Equatable, Sendable {
    public var columns: UInt16
    public var rows: UInt16

    public init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }
}
