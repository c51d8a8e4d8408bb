/// Docker's health check: a command in the box, again and again.
public struct HealthCheck: Equatable, Sendable {
    /// What is done with a box that has become unhealthy.
    public enum OnFailure: String, Sendable {
        case none, kill, restart, stop
    }

    /// Docker's form: `["NONE"]`, `["CMD", program, …]`, `["CMD-SHELL", line]`.
    public var test: [String]
    /// Nanoseconds; 0 is the default: 30 s, 30 s, 0 s.
    public var interval: Int64
    public var timeout: Int64
    public var startPeriod: Int64
    /// How many failures in a row make it unhealthy; 0 is the default, 3.
    public var retries: Int
    public var onFailure: OnFailure

    public init(
        test: [String], interval: Int64 = 0, timeout: Int64 = 0, startPeriod: Int64 = 0, retries: Int = 0,
        onFailure: OnFailure = .none
    ) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.retries = retries
        self.onFailure = onFailure
    }
}

/// What became of a box's health checks.
public struct HealthView: Equatable, Sendable {
    public enum Status: String, Sendable {
        case none, starting, healthy, unhealthy
    }

    /// One run of the check.
    public struct Probe: Equatable, Sendable {
        /// RFC 3339 with nanoseconds, UTC.
        public var start: String
        public var end: String
        /// 0 is healthy; -1 for one that did not end in time.
        public var exitCode: Int
        /// At most 4096 bytes of what it printed.
        public var output: String
    }

    public var status: Status
    public var failingStreak: Int
    /// The last five.
    public var log: [Probe]
}
