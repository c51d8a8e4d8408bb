/// Everything that is told about a box: what the API prints.
public struct BoxView: Equatable, Sendable {
    public enum State: String, Sendable {
        case created, running, paused, restarting, removing, exited, dead
    }

    /// 64 lower-case hexadecimal digits.
    public var id: String
    public var name: String
    public var wanted: WantedBox
    public var state: State
    /// Of the box's process 1 in the host's pid namespace; 0 when it does not run.
    public var pid: Int32
    /// RFC 3339 with nanoseconds, UTC; nil for what has not happened.
    public var created: String
    public var started: String?
    public var finished: String?
    /// Seconds since the epoch, of `created`.
    public var createdSeconds: Int64
    public var exitCode: Int32
    public var oomKilled: Bool
    /// Why it could not be started, or how it ended: "" where there is nothing to say.
    public var error: String
    /// The exit report's status: `exited`, `signaled`, `timeout`, `oom`, …; "" before the first end.
    public var reason: String
    public var health: HealthView?
    public var restartCount: Int
    /// `sha256:…`, or `host`, or "".
    public var imageID: String
    /// What runs, entrypoint and command, the image's where none were given.
    public var path: String
    public var arguments: [String]
    /// Of the process: with the image's in front.
    public var environment: [String]
    public var workingDirectory: String
    public var user: String
    public var hostname: String
    public var logPath: String
    public var bundlePath: String
    /// Bytes in the box's own layer; nil where it was not asked for.
    public var sizeRW: Int64?
    /// The same with its image's.
    public var sizeRoot: Int64?
    /// Ids of exec sessions that run.
    public var execIDs: [String]
}

/// What `wait` waits for.
public enum WaitCondition: String, Sendable {
    case notRunning = "not-running"
    case nextExit = "next-exit"
    case removed
}

/// What may be changed of a box, running or not. nil is left as it is.
public struct BoxChanges: Equatable, Sendable {
    /// Limits as they are typed behind `run`'s flags, by flag name without dashes: `memory`, `cpus`, `pids-limit`.
    public var limits: [String: String]
    public var restart: RestartPolicy?

    public init(limits: [String: String] = [:], restart: RestartPolicy? = nil) {
        self.limits = limits
        self.restart = restart
    }
}

/// `top`: a table.
public struct ProcessTableView: Equatable, Sendable {
    public var titles: [String]
    public var processes: [[String]]
}
