/// What `doctor` says of one thing.
public struct Finding: Equatable, Sendable {
    public enum Status: String, Sendable {
        /// As it should be.
        case ok
        /// Boxes run, and something of them will not work.
        case warn
        /// Boxes do not run.
        case fail
    }

    /// Stable, for programs: `cgroup.controllers`.
    public var id: String
    public var status: Status
    /// What was found.
    public var found: String
    /// What will not work.
    public var affects: String?
    /// What to do about it.
    public var remedy: String?

    public init(_ id: String, _ status: Status, _ found: String, affects: String? = nil, remedy: String? = nil) {
        self.id = id
        self.status = status
        self.found = found
        self.affects = affects
        self.remedy = remedy
    }
}
