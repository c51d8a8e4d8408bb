import BoxOCI
@testable import BoxSecurity
import Testing

@Suite struct ProcessAttributesTests {
    @Test func limitsAreTheKernelsNumbers() throws {
        let limits = try ProcessAttributes.resourceLimits([
            Rlimit(type: "RLIMIT_NOFILE", soft: 10, hard: 20), Rlimit(type: "RLIMIT_CPU", soft: 1, hard: .max),
            Rlimit(type: "RLIMIT_RTTIME", soft: 3, hard: 3),
        ])
        #expect(
            limits == [
                ResourceLimit(resource: 7, soft: 10, hard: 20), ResourceLimit(resource: 0, soft: 1, hard: .max),
                ResourceLimit(resource: 15, soft: 3, hard: 3),
            ])
    }

    @Test(arguments: [
        ([Rlimit(type: "NOFILE", soft: 1, hard: 1)], "process.rlimits[0].type"),
        (
            [Rlimit(type: "RLIMIT_AS", soft: 1, hard: 1), Rlimit(type: "RLIMIT_AS", soft: 2, hard: 2)],
            "process.rlimits[1].type"
        ),
        ([Rlimit(type: "RLIMIT_AS", soft: 2, hard: 1)], "process.rlimits[0].soft"),
    ])
    func badLimitsNameTheirField(_ limits: [Rlimit], _ field: String) throws {
        let error = try #require(throws: BoxError.self) { _ = try ProcessAttributes.resourceLimits(limits) }
        #expect(error.field == field)
        #expect(error.kind == .invalidSpec)
    }

    @Test func personalities() throws {
        #expect(try ProcessAttributes.personality(Personality(domain: "LINUX")) == 0)
        #expect(try ProcessAttributes.personality(Personality(domain: "LINUX32")) == 8)
        let domain = try #require(throws: BoxError.self) {
            _ = try ProcessAttributes.personality(Personality(domain: "BSD"))
        }
        #expect(domain.field == "linux.personality.domain")
        var flagged = Personality(domain: "LINUX")
        flagged.flags = ["ADDR_NO_RANDOMIZE"]
        let flags = try #require(throws: BoxError.self) { _ = try ProcessAttributes.personality(flagged) }
        #expect(flags.field == "linux.personality.flags[0]")
    }

    @Test func ioPriorities() throws {
        #expect(try ProcessAttributes.ioPriority(IOPriority(class: "IOPRIO_CLASS_RT", priority: 0)) == 0x2000)
        #expect(try ProcessAttributes.ioPriority(IOPriority(class: "IOPRIO_CLASS_BE", priority: 7)) == 0x4007)
        #expect(try ProcessAttributes.ioPriority(IOPriority(class: "IOPRIO_CLASS_IDLE")) == 0x6000)
        for (priority, field) in [
            (IOPriority(class: "IOPRIO_CLASS_BE", priority: 8), "priority"),
            (IOPriority(class: "IOPRIO_CLASS_BE", priority: -1), "priority"), (IOPriority(class: "BE"), "class"),
        ] {
            let error = try #require(throws: BoxError.self) { _ = try ProcessAttributes.ioPriority(priority) }
            #expect(error.field == "process.ioPriority.\(field)")
        }
    }

    @Test func schedulersOfEveryKind() throws {
        var batch = Scheduler(policy: "SCHED_BATCH")
        batch.nice = -20
        batch.flags = ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM"]
        #expect(
            try ProcessAttributes.scheduler(batch) == SchedulerAttributes(policy: 3, flags: 3, nice: -20))
        var fifo = Scheduler(policy: "SCHED_FIFO")
        fifo.priority = 99
        #expect(try ProcessAttributes.scheduler(fifo) == SchedulerAttributes(policy: 1, priority: 99))
        var deadline = Scheduler(policy: "SCHED_DEADLINE")
        (deadline.runtime, deadline.deadline, deadline.period) = (1024, 2000, 3000)
        #expect(
            try ProcessAttributes.scheduler(deadline)
                == SchedulerAttributes(policy: 6, runtime: 1024, deadline: 2000, period: 3000))
    }

    @Test func whatAPolicyHasNoUseForIsRefused() throws {
        let faults: [(String, String, (inout Scheduler) -> Void)] = [
            ("policy", "SCHED_FAIR", { _ in }), ("policy", "SCHED_ISO", { _ in }),
            ("nice", "SCHED_OTHER", { $0.nice = 20 }), ("nice", "SCHED_OTHER", { $0.nice = -21 }),
            (
                "nice", "SCHED_RR",
                {
                    $0.nice = 1; $0.priority = 1
                }
            ),
            ("priority", "SCHED_OTHER", { $0.priority = 1 }), ("priority", "SCHED_FIFO", { _ in }),
            ("priority", "SCHED_FIFO", { $0.priority = 100 }), ("priority", "SCHED_RR", { $0.priority = -1 }),
            ("flags[0]", "SCHED_OTHER", { $0.flags = ["RESET"] }),
            ("flags[0]", "SCHED_OTHER", { $0.flags = ["SCHED_FLAG_UTIL_CLAMP_MIN"] }),
            ("runtime", "SCHED_OTHER", { $0.runtime = 1 }), ("period", "SCHED_IDLE", { $0.period = 1 }),
            (
                "runtime", "SCHED_DEADLINE",
                {
                    $0.runtime = 1023; $0.deadline = 4000
                }
            ),
            (
                "deadline", "SCHED_DEADLINE",
                {
                    $0.runtime = 4000; $0.deadline = 3999
                }
            ),
            (
                "period", "SCHED_DEADLINE",
                {
                    $0.runtime = 4000; $0.deadline = 4000; $0.period = 3999
                }
            ),
        ]
        for (field, policy, change) in faults {
            var scheduler = Scheduler(policy: policy)
            change(&scheduler)
            let error = try #require(throws: BoxError.self, "\(policy) \(field)") {
                _ = try ProcessAttributes.scheduler(scheduler)
            }
            #expect(error.field == "process.scheduler.\(field)")
        }
    }
}
