public import BoxOCI

/// One setrlimit(2). UInt64.max is RLIM_INFINITY.
public struct ResourceLimit: Equatable, Sendable {
    /// RLIMIT_*, the same on x86_64 and aarch64.
    public var resource: CInt
    public var soft: UInt64
    public var hard: UInt64
}

/// What sched_setattr(2) takes.
public struct SchedulerAttributes: Equatable, Sendable {
    /// SCHED_*
    public var policy: UInt32
    /// SCHED_FLAG_*
    public var flags: UInt64 = 0
    public var nice: Int32 = 0
    public var priority: UInt32 = 0
    /// Nanoseconds, as are `deadline` and `period`.
    public var runtime: UInt64 = 0
    public var deadline: UInt64 = 0
    public var period: UInt64 = 0
}

/// Names of `process` and `linux.personality` → the kernel's numbers. Pure.
public enum ProcessAttributes {
    private static let resources = [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC",
        "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE",
        "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ]

    /// `process.rlimits`, in the order given.
    public static func resourceLimits(_ limits: [Rlimit]) throws(BoxError) -> [ResourceLimit] {
        var result: [ResourceLimit] = []
        for (index, limit) in limits.enumerated() {
            let field = "process.rlimits[\(index)]"
            guard let number = resources.firstIndex(of: limit.type) else {
                throw BoxError(
                    .invalidSpec, "\"\(limit.type)\" is no resource limit", field: "\(field).type",
                    remedy: "one of \(resources.joined(separator: ", "))")
            }
            if limits[..<index].contains(where: { $0.type == limit.type }) {
                throw BoxError(.invalidSpec, "\(limit.type) is there twice", field: "\(field).type")
            }
            if limit.soft > limit.hard {
                throw BoxError(
                    .invalidSpec, "\(limit.type): \(limit.soft) is above the hard limit \(limit.hard)",
                    field: "\(field).soft")
            }
            result.append(ResourceLimit(resource: CInt(number), soft: limit.soft, hard: limit.hard))
        }
        return result
    }

    /// The argument of personality(2).
    public static func personality(_ personality: Personality) throws(BoxError) -> UInt {
        if let flag = personality.flags.first {
            throw BoxError(
                .invalidSpec, "\"\(flag)\": the specification has no flags yet", field: "linux.personality.flags[0]")
        }
        switch personality.domain {
        case "LINUX": return 0
        case "LINUX32": return 8
        default:
            throw BoxError(
                .invalidSpec, "\"\(personality.domain)\" is neither LINUX nor LINUX32",
                field: "linux.personality.domain")
        }
    }

    /// The argument of ioprio_set(2): the class above bit 13, the priority below.
    public static func ioPriority(_ priority: IOPriority) throws(BoxError) -> CInt {
        let classes = ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]
        guard let index = classes.firstIndex(of: priority.class) else {
            throw BoxError(
                .invalidSpec, "\"\(priority.class)\" is no class", field: "process.ioPriority.class",
                remedy: "one of \(classes.joined(separator: ", "))")
        }
        guard 0...7 ~= priority.priority else {
            throw BoxError(
                .invalidSpec, "\(priority.priority) is not between 0 and 7", field: "process.ioPriority.priority")
        }
        return CInt(index + 1) << 13 | priority.priority
    }
}
