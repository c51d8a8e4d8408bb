internal import BoxDocument

extension Process {
    /// The part of `Spec.validate()` that concerns one process; fields begin with `process.`.
    public func validate() throws(BoxError) {
        try requireAbsolute(cwd, "process.cwd")
        if args.isEmpty { throw invalid("process.args", "names no command to run") }
        if args[0].isEmpty { throw invalid("process.args[0]", "is empty: it names the command to run") }
        for (index, argument) in args.enumerated() { try refuseNul(argument, "process.args[\(index)]") }
        try validateEnvironment(env, "process.env")
        try user.validate()
        try capabilities?.validate()
        try validateRlimits()
        if let oomScoreAdj { try require(oomScoreAdj, in: -1000...1000, "process.oomScoreAdj") }
        try scheduler?.validate()
        if let ioPriority { try require(ioPriority.priority, in: 0...7, "process.ioPriority.priority") }
        try requireList(execCPUAffinity?.initial, "process.execCPUAffinity.initial")
        try requireList(execCPUAffinity?.final, "process.execCPUAffinity.final")
    }

    private static let rlimitNames: Set<String> = [
        "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_LOCKS", "RLIMIT_MEMLOCK",
        "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_RSS", "RLIMIT_RTPRIO",
        "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK",
    ]

    private func validateRlimits() throws(BoxError) {
        for (index, limit) in rlimits.enumerated() {
            if !Self.rlimitNames.contains(limit.type) {
                throw invalid(
                    "process.rlimits[\(index)].type", "is no resource limit of Linux, found \(JSON.quoted(limit.type))")
            }
            if let first = rlimits[..<index].firstIndex(where: { $0.type == limit.type }) {
                throw invalid(
                    "process.rlimits[\(index)].type", "\(limit.type) stands already at process.rlimits[\(first)]")
            }
            if limit.soft > limit.hard {
                throw invalid(
                    "process.rlimits[\(index)].soft",
                    "must not be above the hard limit \(limit.hard), found \(limit.soft)")
            }
        }
    }
}

extension User {
    fileprivate func validate() throws(BoxError) {
        try requireRealID(uid, "process.user.uid")
        try requireRealID(gid, "process.user.gid")
        for (index, gid) in additionalGids.enumerated() {
            try requireRealID(gid, "process.user.additionalGids[\(index)]")
        }
        if let umask { try require(umask, in: 0...0o777, "process.user.umask") }
    }
}

/// For setresuid(2) and chown(2) -1 means "leave as it is": root would stay root.
func requireRealID(_ id: UInt32?, _ field: @autoclosure () -> String) throws(BoxError) {
    if id == UInt32.max { throw invalid(field(), "must not be 4294967295: the kernel has no such id") }
}

extension CapabilitySets {
    fileprivate func validate() throws(BoxError) {
        try validate(bounding, "bounding")
        try validate(effective, "effective")
        try validate(permitted, "permitted")
        try validate(inheritable, "inheritable")
        try validate(ambient, "ambient")
    }

    private func validate(_ names: [String], _ set: String) throws(BoxError) {
        for (index, name) in names.enumerated() where !isWellFormed(name) {
            throw invalid(
                "process.capabilities.\(set)[\(index)]",
                "must be a name such as CAP_NET_BIND_SERVICE, found \(JSON.quoted(name))")
        }
    }

    private func isWellFormed(_ name: String) -> Bool {
        name.utf8.starts(with: "CAP_".utf8) && name.utf8.count > 4
            && name.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || isLetterOrDigit($0) && !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0)
            }
    }
}

extension Scheduler {
    /// Zero is "not set", as Go's encoder cannot tell the two apart.
    fileprivate func validate() throws(BoxError) {
        if let nice { try require(nice, in: -20...19, "process.scheduler.nice") }
        let realtime = policy == "SCHED_FIFO" || policy == "SCHED_RR"
        if realtime {
            try require(priority ?? 0, in: 1...99, "process.scheduler.priority")
        } else if let priority, priority != 0 {
            throw invalid("process.scheduler.priority", "needs SCHED_FIFO or SCHED_RR, found \(policy)")
        }
        let deadlines = [("runtime", runtime), ("deadline", deadline), ("period", period)]
        for (name, value) in deadlines where value ?? 0 != 0 && policy != "SCHED_DEADLINE" {
            throw invalid("process.scheduler.\(name)", "needs SCHED_DEADLINE, found \(policy)")
        }
    }
}
