internal import BoxOCI

extension RunOptions {
    /// `--cpus` and its relatives → `linux.resources.cpu`; what OCI has no field for goes to `unified`.
    func applyCPU(to spec: inout Spec) throws(BoxError) {
        var cpu = Resources.CPU()
        try applyBandwidth(to: &cpu, &spec)
        try applyWeight(to: &cpu, &spec)
        if let cpusetCPUs {
            cpu.cpus = try CPUList.check(cpusetCPUs, flag: "--cpuset-cpus")
            spec.record("--cpuset-cpus \(cpusetCPUs)", "linux.resources.cpu.cpus")
        }
        if let cpusetMems {
            cpu.mems = try CPUList.check(cpusetMems, flag: "--cpuset-mems")
            spec.record("--cpuset-mems \(cpusetMems)", "linux.resources.cpu.mems")
        }
        if cpu != Resources.CPU() { spec.linux.resources.cpu = cpu }
    }

    /// cpu.max counts microseconds of CPU time in a period of 1 ms to 1 s.
    private func applyBandwidth(to cpu: inout Resources.CPU, _ spec: inout Spec) throws(BoxError) {
        if let cpus {
            if cpuQuota != nil { throw conflict("--cpus", with: "--cpu-quota", "both set the quota") }
            if cpuPeriod != nil { throw conflict("--cpus", with: "--cpu-period", "it brings a period of 100ms") }
            cpu.quota = try CPUList.quota(cpus)
            cpu.period = CPUList.period
            spec.record("--cpus \(cpus)", "linux.resources.cpu.quota")
            spec.record("--cpus \(cpus)", "linux.resources.cpu.period")
        }
        if let cpuQuota {
            let quota =
                cpuQuota == "-1" ? -1 : Int64(clamping: try Durations.microseconds(cpuQuota, flag: "--cpu-quota"))
            guard quota == -1 || quota >= 1000 else {
                throw refusal("--cpu-quota", cpuQuota, "must be -1 (unlimited) or at least 1000 microseconds")
            }
            cpu.quota = quota
            spec.record("--cpu-quota \(cpuQuota)", "linux.resources.cpu.quota")
        }
        if let cpuPeriod {
            let period = try Durations.microseconds(cpuPeriod, flag: "--cpu-period")
            guard (1000...1_000_000).contains(period) else {
                throw refusal("--cpu-period", cpuPeriod, "must lie between 1000 and 1000000 microseconds")
            }
            cpu.period = period
            spec.record("--cpu-period \(cpuPeriod)", "linux.resources.cpu.period")
        }
        if let cpuBurst {
            let burst = try Durations.microseconds(cpuBurst, flag: "--cpu-burst")
            guard let quota = cpu.quota, quota > 0, burst <= UInt64(quota) else {
                throw refusal(
                    "--cpu-burst", cpuBurst,
                    "must not exceed the quota\(cpu.quota.map { " of \($0) microseconds" } ?? "")",
                    remedy: "give --cpus or --cpu-quota with it")
            }
            cpu.burst = burst
            spec.record("--cpu-burst \(cpuBurst)", "linux.resources.cpu.burst")
        }
    }

    private func applyWeight(to cpu: inout Resources.CPU, _ spec: inout Spec) throws(BoxError) {
        if let cpuShares {
            if cpuWeight != nil { throw conflict("--cpu-shares", with: "--cpu-weight", "both set cpu.weight") }
            guard let shares = Number.unsigned(cpuShares), (2...262_144).contains(shares) else {
                throw refusal("--cpu-shares", cpuShares, "must be a whole number between 2 and 262144")
            }
            cpu.shares = shares
            spec.record("--cpu-shares \(cpuShares)", "linux.resources.cpu.shares")
        }
        if let cpuWeight {
            guard let weight = Number.unsigned(cpuWeight), (1...10000).contains(weight) else {
                throw refusal("--cpu-weight", cpuWeight, "must be a whole number between 1 and 10000")
            }
            spec.setUnified("cpu.weight", "\(weight)", "--cpu-weight \(cpuWeight)")
        }
        if cpuIdle {
            let weightFlag = cpuShares != nil ? "--cpu-shares" : cpuWeight != nil ? "--cpu-weight" : nil
            if let weightFlag { throw conflict("--cpu-idle", with: weightFlag, "an idle box has no weight") }
            cpu.idle = 1
            spec.record("--cpu-idle", "linux.resources.cpu.idle")
        }
    }
}

/// The arithmetic of `--cpus` and the syntax of CPU lists.
enum CPUList {
    /// Microseconds: what the kernel uses by default.
    static let period: UInt64 = 100_000

    /// `1.5` → 150000 microseconds in each period.
    static func quota(_ text: String) throws(BoxError) -> Int64 {
        guard let number = DecimalNumber(text), let quota = number.times(period), (1000...819_200_000).contains(quota)
        else {
            throw refusal("--cpus", text, "must be a number of processors between 0.01 and 8192, such as 1.5")
        }
        return Int64(quota)
    }

    /// `0-3,5` as the kernel reads it: numbers and rising ranges.
    static func check(_ text: String, flag: String) throws(BoxError) -> String {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Number.unsigned($0) }
            guard let first = ends[0], ends.count <= 2, let last = ends[ends.count - 1], first <= last, last <= 65535
            else { throw refusal(flag, text, "is not a list such as 0-3,5") }
        }
        return text
    }
}
