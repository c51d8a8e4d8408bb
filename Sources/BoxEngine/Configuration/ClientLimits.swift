/// How much of the daemon its clients may take up.
public struct ClientLimits: Equatable, Sendable {
    /// Connections at a time; one more is closed at once.
    public var connections = 1024
    /// Requests being answered at a time, without those that stream; one more gets 503.
    public var requests = 256
    /// Attachments, logs that are followed, waits, events and statistics at a time.
    public var streams = 512
    /// Archives that are read or written at a time: each is a process or two.
    public var archives = 32
    /// Bytes of a body of JSON.
    public var document = 4 << 20
    /// Seconds that a client may take nothing of what waits for it, or send nothing of what it began; 0 is for ever.
    public var patience = 600

    public init() {}
}
