internal import BoxOCI
internal import Glibc

/// Memory, cpu and pids.
extension SettingsCompiler {
    /// -1 is unlimited; below that is nonsense.
    private func limitText(_ limit: Int64, _ field: String) throws(BoxError) -> String {
        if limit < -1 { throw invalid(field, "must be -1 (unlimited) or more", found: "\(limit)") }
        return limit == -1 ? "max" : "\(limit)"
    }

    mutating func add(_ memory: Resources.Memory, groupKill: Bool) throws(BoxError) {
        let fields = "linux.resources.memory"
        let limit = memory.limit ?? 0
        if limit != 0 {
            let field = "\(fields).limit"
            let applied = try add("memory.max", try limitText(limit, field), field, controller: "memory")
            if applied && limit > 0 && groupKill {
                // One OOM kill takes the whole box: a box that lost a random process is worse than none.
                try add("memory.oom.group", "1", field, controller: "memory", converted: true)
            }
        }
        if let swap = memory.swap, swap != 0 {
            let field = "\(fields).swap"
            let value = try swapText(swap, limit: limit, field)
            try add("memory.swap.max", value, field, controller: "memory", converted: true)
        }
        if let reservation = memory.reservation, reservation != 0 {
            let field = "\(fields).reservation"
            try add("memory.low", try limitText(reservation, field), field, controller: "memory")
        }
    }

    /// OCI counts memory and swap together, cgroup v2 swap alone.
    private func swapText(_ swap: Int64, limit: Int64, _ field: String) throws(BoxError) -> String {
        if swap <= -1 { return try limitText(swap, field) }
        if limit <= 0 {
            throw invalid(field, "counts memory and swap together and needs a memory limit", found: "no memory limit")
        }
        if swap < limit {
            throw invalid(
                field, "counts memory and swap together and cannot be less than the memory limit",
                found: "\(swap) with a memory limit of \(limit)")
        }
        return "\(swap - limit)"
    }

    mutating func add(_ cpu: Resources.CPU) throws(BoxError) {
        let fields = "linux.resources.cpu"
        let idle = cpu.idle ?? 0
        if idle != 0 && idle != 1 { throw invalid("\(fields).idle", "must be 0 or 1", found: "\(idle)") }
        // An idle group refuses a weight: so this way round, and the other way round below.
        if idle == 0 && clears("\(fields).idle") { try add("cpu.idle", "0", "\(fields).idle", controller: "cpu") }
        if let shares = cpu.shares, shares != 0 {
            let weight = cpuWeight(shares: shares)
            try add("cpu.weight", "\(weight)", "\(fields).shares", controller: "cpu", converted: true)
        }
        if idle == 1 { try add("cpu.idle", "1", "\(fields).idle", controller: "cpu") }
        try addBandwidth(cpu, fields)
        for (list, file, field) in [(cpu.cpus, "cpuset.cpus", "cpus"), (cpu.mems, "cpuset.mems", "mems")] {
            guard let list, !list.isEmpty else { continue }
            if !isNumberList(list) {
                throw invalid("\(fields).\(field)", "must be a list such as 0-3,5", found: "\"\(list)\"")
            }
            try add(file, list, "\(fields).\(field)", controller: "cpuset")
        }
    }

    /// Microseconds. The kernel's bounds: quota from 1 ms, period 1 ms to 1 s, burst up to the quota.
    private mutating func addBandwidth(_ cpu: Resources.CPU, _ fields: String) throws(BoxError) {
        let quota = cpu.quota ?? 0
        let period = cpu.period ?? 0
        if period != 0 && !(1000...1_000_000).contains(period) {
            throw invalid("\(fields).period", "must be between 1000 and 1000000 microseconds", found: "\(period)")
        }
        if quota != 0 && quota != -1 && quota < 1000 {
            throw invalid("\(fields).quota", "must be -1 (unlimited) or at least 1000 microseconds", found: "\(quota)")
        }
        if quota != 0 || period != 0 {
            let value = "\(quota > 0 ? "\(quota)" : "max") \(period == 0 ? 100_000 : period)"
            let field = quota != 0 ? "\(fields).quota" : "\(fields).period"
            try add("cpu.max", value, field, controller: "cpu", converted: true)
        }
        if let burst = cpu.burst, burst != 0 || clears("\(fields).burst") {
            if quota > 0 && burst > UInt64(quota) {
                throw invalid(
                    "\(fields).burst", "cannot be more than the quota", found: "\(burst) with a quota of \(quota)")
            }
            // After cpu.max, whose quota bounds it.
            try add("cpu.max.burst", "\(burst)", "\(fields).burst", controller: "cpu")
        }
    }

    mutating func add(_ pids: Resources.Pids) throws(BoxError) {
        let field = "linux.resources.pids.limit"
        if pids.limit == 0 { return }
        // PID_MAX_LIMIT of a 64-bit kernel: pids.max takes no more.
        if pids.limit > 4_194_304 {
            throw invalid(field, "must be at most 4194304, or -1 for unlimited", found: "\(pids.limit)")
        }
        try add("pids.max", try limitText(pids.limit, field), field, controller: "pids")
    }
}

/// cgroup v1's cpu.shares (2 to 262,144, default 1,024) as cpu.weight (1 to 10,000, default 100), so that the three
/// named values of each meet. Out of range is clamped, as cgroup v1 did.
func cpuWeight(shares: UInt64) -> Int {
    let exponent = log2(Double(min(max(shares, 2), 262_144)))
    let weight = pow(10, (exponent * exponent + 125 * exponent) / 612 - 7.0 / 34.0)
    // The exact values must not fall to the next number by a rounding error of the last bit.
    return min(max(Int((weight - 1e-6).rounded(.up)), 1), 10_000)
}

/// The kernel's list of cpus or nodes: `0-3,5`.
func isNumberList(_ text: String) -> Bool {
    text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { item in
        let ends = item.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(number)
        guard let first = ends[0] else { return false }
        if ends.count == 1 { return true }
        guard let last = ends[1] else { return false }
        return first <= last
    }
}

/// Digits only: no sign, no space.
private func number(_ text: Substring) -> UInt16? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt16(text) : nil
}
