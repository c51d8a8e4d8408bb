public import BoxOCI

extension RunOptions {
    /// `--timeout`, `--cpu-timeout`, `--stop-timeout`, and what `--report` counts; good with a bundle too.
    public func applyEnd(to spec: inout Spec) throws(BoxError) {
        if let timeout {
            spec.box.timeout = try Durations.milliseconds(timeout, atLeast: 1, flag: "--timeout")
            spec.record("--timeout \(timeout)", "swiftbox.timeout")
        }
        if let cpuTimeout {
            spec.box.cpuTimeout = try Durations.milliseconds(cpuTimeout, atLeast: 1, flag: "--cpu-timeout")
            spec.record("--cpu-timeout \(cpuTimeout)", "swiftbox.cpuTimeout")
        }
        if let stopTimeout {
            spec.box.stopTimeout = try Durations.milliseconds(stopTimeout, atLeast: 0, flag: "--stop-timeout")
            spec.record("--stop-timeout \(stopTimeout)", "swiftbox.stopTimeout")
        }
        if logDenials {
            if spec.linux.seccomp == nil {
                throw refusal("--log-denials", "", "nothing is denied: the box has no seccomp profile")
            }
            spec.box.logDenials = true
            spec.record("--log-denials", "swiftbox.logDenials")
            let flag = "SECCOMP_FILTER_FLAG_LOG"
            if spec.linux.seccomp?.flags.contains(flag) == false { spec.linux.seccomp?.flags.append(flag) }
        }
        if report != nil { spec.box.accounting = true }
    }
}
