/// One more process in a box.
public struct WantedExec: Equatable, Sendable {
    public var command: [String]
    /// `NAME=VALUE`.
    public var env: [String] = []
    public var workdir: String?
    public var user: String?
    public var tty = false
    public var privileged = false
    public var attachStdin = false
    public var attachStdout = true
    public var attachStderr = true
    public var terminalSize: TerminalSize?
    /// Keys that end an attachment to it and leave it alone; nil is docker's usual.
    public var detachKeys: String?

    public init(command: [String]) { self.command = command }
}

/// What is told about an exec session.
public struct ExecView: Equatable, Sendable {
    public var id: String
    public var boxID: String
    public var wanted: WantedExec
    public var running: Bool
    /// nil before the end.
    public var exitCode: Int32?
    /// 0 before the start.
    public var pid: Int32
}
