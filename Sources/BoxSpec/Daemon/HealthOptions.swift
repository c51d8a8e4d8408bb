internal import BoxDocument
internal import BoxOCI

extension DaemonOptions {
    /// Docker's struct with times in nanoseconds, and what is done with a box that fails; nil where nothing was asked.
    func healthCheck() throws(BoxError) -> Node? {
        let times = [
            ("--health-interval", "interval", healthInterval), ("--health-timeout", "timeout", healthTimeout),
            ("--health-start-period", "start_period", healthStartPeriod),
        ]
        let others =
            times.map { ($0.0, $0.2) } + [
                ("--health-retries", healthRetries), ("--health-on-failure", healthOnFailure),
            ]
        let hasTest = healthCommand != nil || !healthTest.isEmpty
        if noHealthcheck {
            if hasTest { throw conflict("--no-healthcheck", with: "--health-cmd", "one says no, the other how") }
            return Node(.object([Member("test", Node(.array([Node(.string("NONE"))])))]))
        }
        if let (flag, _) = others.first(where: { $0.1 != nil }), !hasTest {
            throw BoxError(.invalidSpec, "\(flag) says nothing without --health-cmd", field: flag)
        }
        guard hasTest else { return nil }
        var members = [Member("test", Node(.array(try test().map { Node(.string($0)) })))]
        for (flag, key, text) in times {
            guard let text else { continue }
            let least: UInt64 = key == "start_period" ? 0 : 1
            let milliseconds = try Durations.milliseconds(text, atLeast: least, flag: flag)
            guard milliseconds < UInt64(Int64.max / 1_000_000) else { throw refusal(flag, text, "is too long") }
            members.append(Member(key, Node(.integer(Int64(milliseconds) * 1_000_000))))
        }
        if let healthRetries {
            guard let count = Number.unsigned(healthRetries), (1...10_000).contains(count) else {
                throw refusal("--health-retries", healthRetries, "must be a number from 1 to 10000")
            }
            members.append(Member("retries", Node(.integer(Int64(count)))))
        }
        if let healthOnFailure {
            guard ["none", "kill", "restart", "stop"].contains(healthOnFailure) else {
                throw refusal(
                    "--health-on-failure", healthOnFailure, "is not known", remedy: "none, kill, restart or stop")
            }
            members.append(Member("on_failure", Node(.string(healthOnFailure))))
        }
        return Node(.object(members))
    }

    private func test() throws(BoxError) -> [String] {
        if let healthCommand {
            if healthCommand.isEmpty { throw refusal("--health-cmd", "", "is empty") }
            return ["CMD-SHELL", healthCommand]
        }
        guard ["NONE", "CMD", "CMD-SHELL"].contains(healthTest[0]), healthTest[0] == "NONE" || healthTest.count > 1
        else {
            throw refusal(
                "--health-cmd", healthTest[0], "must begin with CMD, CMD-SHELL or NONE, and say what to run")
        }
        return healthTest
    }
}
