public import NIOCore

/// Which part of a box's log is asked for. Times are nanoseconds since the epoch.
public struct LogOptions: Equatable, Sendable {
    public var stdout: Bool
    public var stderr: Bool
    public var since: Int64?
    public var until: Int64?
    /// So many last lines; nil is all.
    public var tail: Int?
    public var follow: Bool

    public init(
        stdout: Bool = true, stderr: Bool = true, since: Int64? = nil, until: Int64? = nil, tail: Int? = nil,
        follow: Bool = false
    ) {
        self.stdout = stdout
        self.stderr = stderr
        self.since = since
        self.until = until
        self.tail = tail
        self.follow = follow
    }
}

/// A line of the log, or a part of a very long one.
public struct LogRecord: Equatable, Sendable {
    public var source: OutputFrame.Source
    /// With its line end, where it has one.
    public var bytes: ByteBuffer
    /// RFC 3339 with nanoseconds, UTC, as the monitor wrote it.
    public var time: String
}
