/// What a person can ask of swiftbox and OCI has no word for: the key `swiftbox` of config.json.
/// Other runtimes ignore it, as the specification has them do with unknown keys.
public struct BoxExtension: Equatable, Sendable {
    /// Where the root file system comes from when it is not `root.path` as it stands.
    public var rootfs: RootSource?
    /// `--userns auto`: a free block of ids is taken when the box is planned.
    public var autoUserNamespace = false
    /// `--best-effort`: what the host cannot apply is a warning, not an error.
    public var bestEffort = false
    /// Fields that nobody named and that swiftbox set itself; where the host cannot apply one,
    /// the box runs without it and one warning says so. `linux.resources.pids.limit`.
    public var defaults: [String] = []
    /// Field → what was typed for it, so that an error says it so: `linux.resources.pids.limit` → `--pids-limit 64`.
    /// A default of ours stands there as it would be typed.
    public var flags: [Pair] = []
    /// `--init`: swiftbox stays as process 1, reaps orphans and forwards signals.
    public var initProcess = false
    /// Bytes that the throw-away upper directory of an overlay may hold.
    public var scratchSize: UInt64?
    /// Milliseconds of wall clock after which the box is told to end.
    public var timeout: UInt64?
    /// Milliseconds of processor time, of all its processes together.
    public var cpuTimeout: UInt64?
    /// Milliseconds between being told to end and being killed; nil for 10 s.
    public var stopTimeout: UInt64?
    /// The runtime counts the system calls that the filter refuses.
    public var logDenials = false
    /// The box's cgroup counts all that the host can count, whether or not it is limited.
    public var accounting = false
    /// Who makes the box's cgroup; nil for swiftbox itself.
    public var cgroupManager: CgroupManager?
    /// What is fetched from the box when it has ended.
    public var copyOut: [CopyOut] = []
    /// Directories of the host, free of links, below which every bind's source must lie when it is taken, wherever links
    /// lead by then; nil is anywhere.
    public var hostPaths: [String]?
    /// Bytes that all of `copyOut` may come to; nil for the default, 1 GiB.
    public var copyOutLimit: UInt64?

    public init() {}
}

/// Who makes a box's cgroup: swiftbox in the cgroup file system, systemd on its behalf, or nobody.
public enum CgroupManager: String, Sendable, CaseIterable {
    case cgroupfs, systemd, disabled
}

extension BoxExtension {
    /// What was typed for a field, or for the nearest thing that holds it: `mounts[3]` for `mounts[3].source`.
    public func flag(for field: String) -> String? {
        let candidates = flags.filter { pair in
            guard field.hasPrefix(pair.name) else { return false }
            let next = field.dropFirst(pair.name.count).first
            return next == nil || next == "." || next == "["
        }
        return candidates.max { $0.name.utf8.count < $1.name.utf8.count }?.value
    }

    /// The error in the words of who typed the flag.
    public func namingFlag(_ error: BoxError) -> BoxError {
        guard let field = error.field, let flag = flag(for: field) else { return error }
        var named = error
        named.field = flag
        return named
    }
}

/// The layers of the overlay that a box runs on.
public struct RootSource: Equatable, Sendable {
    public enum Base: Equatable, Sendable {
        /// The host's own root, secrets hidden.
        case host
        /// Directories, topmost first; absolute paths.
        case layers([String])
    }

    public var base: Base
    /// Absolute directory that keeps the changes; nil throws them away.
    public var upper: String?
    /// For `host`: paths hidden beside those that swiftbox always hides.
    public var hide: [String] = []
    /// As `BoxExtension.hostPaths`, for the layers.
    public var hostPaths: [String]?

    public init(_ base: Base, upper: String? = nil) {
        self.base = base
        self.upper = upper
    }
}
