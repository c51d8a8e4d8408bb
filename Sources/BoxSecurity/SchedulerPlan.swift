public import BoxOCI

extension ProcessAttributes {
    private static let policies: [String: UInt32] = [
        "SCHED_OTHER": 0, "SCHED_FIFO": 1, "SCHED_RR": 2, "SCHED_BATCH": 3, "SCHED_ISO": 4, "SCHED_IDLE": 5,
        "SCHED_DEADLINE": 6,
    ]

    private static let schedulerFlags: [String: UInt64] = [
        "SCHED_FLAG_RESET_ON_FORK": 0x01, "SCHED_FLAG_RECLAIM": 0x02, "SCHED_FLAG_DL_OVERRUN": 0x04,
        "SCHED_FLAG_KEEP_POLICY": 0x08, "SCHED_FLAG_KEEP_PARAMS": 0x10,
    ]

    /// `process.scheduler`; what the policy has no use for is refused, not dropped.
    public static func scheduler(_ scheduler: Scheduler) throws(BoxError) -> SchedulerAttributes {
        guard let policy = policies[scheduler.policy] else {
            throw BoxError(
                .invalidSpec, "\"\(scheduler.policy)\" is no scheduling policy", field: "process.scheduler.policy",
                remedy: "one of \(policies.keys.sorted().joined(separator: ", "))")
        }
        if scheduler.policy == "SCHED_ISO" {
            throw BoxError(
                .unsupported, "Linux reserves SCHED_ISO and does not implement it", field: "process.scheduler.policy")
        }
        var result = SchedulerAttributes(policy: policy)
        result.flags = try flags(scheduler)
        result.nice = try nice(scheduler)
        result.priority = try priority(scheduler)
        try setDeadline(scheduler, in: &result)
        return result
    }

    private static func flags(_ scheduler: Scheduler) throws(BoxError) -> UInt64 {
        var result: UInt64 = 0
        for (index, name) in scheduler.flags.enumerated() {
            let field = "process.scheduler.flags[\(index)]"
            if name.hasPrefix("SCHED_FLAG_UTIL_CLAMP_") {
                throw BoxError(.unsupported, "\(name) needs a value that config.json has no field for", field: field)
            }
            guard let flag = schedulerFlags[name] else {
                throw BoxError(.invalidSpec, "\"\(name)\" is no scheduler flag", field: field)
            }
            result |= flag
        }
        return result
    }

    private static func nice(_ scheduler: Scheduler) throws(BoxError) -> Int32 {
        let nice = scheduler.nice ?? 0
        if nice != 0 && scheduler.policy != "SCHED_OTHER" && scheduler.policy != "SCHED_BATCH" {
            throw BoxError(.invalidSpec, "\(scheduler.policy) has no nice value", field: "process.scheduler.nice")
        }
        guard -20...19 ~= nice else {
            throw BoxError(.invalidSpec, "\(nice) is not between -20 and 19", field: "process.scheduler.nice")
        }
        return nice
    }

    private static func priority(_ scheduler: Scheduler) throws(BoxError) -> UInt32 {
        let field = "process.scheduler.priority"
        let priority = scheduler.priority ?? 0
        guard scheduler.policy == "SCHED_FIFO" || scheduler.policy == "SCHED_RR" else {
            if priority == 0 { return 0 }
            throw BoxError(.invalidSpec, "\(scheduler.policy) has no priority", field: field)
        }
        guard 1...99 ~= priority else {
            throw BoxError(.invalidSpec, "\(priority) is not between 1 and 99", field: field)
        }
        return UInt32(priority)
    }

    private static func setDeadline(
        _ scheduler: Scheduler, in result: inout SchedulerAttributes
    ) throws(BoxError) {
        result.runtime = scheduler.runtime ?? 0
        result.deadline = scheduler.deadline ?? 0
        result.period = scheduler.period ?? 0
        guard scheduler.policy == "SCHED_DEADLINE" else {
            if result.runtime | result.deadline | result.period == 0 { return }
            let name = result.runtime != 0 ? "runtime" : result.deadline != 0 ? "deadline" : "period"
            throw BoxError(
                .invalidSpec, "only SCHED_DEADLINE has a \(name)", field: "process.scheduler.\(name)")
        }
        // sched(7): 1024 ns ≤ runtime ≤ deadline ≤ period, and a period of 0 stands for the deadline.
        if result.runtime < 1024 {
            throw BoxError(
                .invalidSpec, "\(result.runtime) ns is below the kernel's least, 1024",
                field: "process.scheduler.runtime")
        }
        if result.deadline < result.runtime {
            throw BoxError(.invalidSpec, "is shorter than the runtime", field: "process.scheduler.deadline")
        }
        if result.period != 0 && result.period < result.deadline {
            throw BoxError(.invalidSpec, "is shorter than the deadline", field: "process.scheduler.period")
        }
    }
}
