public import BoxOCI

/// What set_mempolicy(2) takes.
public struct MemoryPolicyAttributes: Equatable, Sendable {
    /// MPOL_* and MPOL_F_*
    public var mode: CInt
    /// A bit a node.
    public var nodes: [UInt64]
}

/// Where on the machine a process runs and has its memory: names and lists → the kernel's numbers and masks. Pure.
extension ProcessAttributes {
    private static let modes = [
        "MPOL_DEFAULT", "MPOL_PREFERRED", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED_MANY",
        "MPOL_WEIGHTED_INTERLEAVE",
    ]
    private static let modeFlags: [String: CInt] = [
        "MPOL_F_STATIC_NODES": 1 << 15, "MPOL_F_RELATIVE_NODES": 1 << 14, "MPOL_F_NUMA_BALANCING": 1 << 13,
    ]
    /// Beyond what any kernel is built for (CONFIG_NODES_SHIFT, CONFIG_NR_CPUS).
    private static let mostNodes: UInt32 = 1024
    private static let mostProcessors: UInt32 = 8192

    /// `linux.memoryPolicy`.
    public static func memoryPolicy(_ policy: MemoryPolicy) throws(BoxError) -> MemoryPolicyAttributes {
        guard let mode = modes.firstIndex(of: policy.mode) else {
            throw BoxError(
                .invalidSpec, "\"\(policy.mode)\" is no memory policy", field: "linux.memoryPolicy.mode",
                remedy: "one of \(modes.joined(separator: ", "))")
        }
        var result = MemoryPolicyAttributes(mode: CInt(mode), nodes: [])
        for (index, name) in policy.flags.enumerated() {
            guard let flag = modeFlags[name] else {
                throw BoxError(
                    .invalidSpec, "\"\(name)\" is no flag of a memory policy",
                    field: "linux.memoryPolicy.flags[\(index)]")
            }
            result.mode |= flag
        }
        result.nodes = try mask(policy.nodes, below: mostNodes, field: "linux.memoryPolicy.nodes")
        let takesNone = ["MPOL_DEFAULT", "MPOL_LOCAL"].contains(policy.mode)
        if takesNone && !result.nodes.isEmpty {
            throw BoxError(.invalidSpec, "\(policy.mode) takes no nodes", field: "linux.memoryPolicy.nodes")
        }
        if !takesNone && policy.mode != "MPOL_PREFERRED" && result.nodes.isEmpty {
            throw BoxError(.invalidSpec, "\(policy.mode) needs nodes", field: "linux.memoryPolicy.nodes")
        }
        return result
    }

    /// One of `process.execCPUAffinity`, as sched_setaffinity(2) takes it; nil where nothing is said.
    public static func processors(_ list: String?, field: String) throws(BoxError) -> [UInt64]? {
        let mask = try mask(list ?? "", below: mostProcessors, field: field)
        return mask.isEmpty ? nil : mask
    }

    /// `0-3,5`, a bit each.
    private static func mask(_ list: String, below limit: UInt32, field: String) throws(BoxError) -> [UInt64] {
        var mask: [UInt64] = []
        for range in list.split(separator: ",") {
            let ends = range.split(separator: "-").compactMap { end in UInt32(end.filter { $0 != " " }) }
            guard let first = ends.first, let last = ends.last, first <= last, last < limit else {
                throw BoxError(
                    .invalidSpec, "must be a list such as 0-3,5 of numbers below \(limit)", field: field, found: list)
            }
            for number in first...last {
                while mask.count <= Int(number / 64) { mask.append(0) }
                mask[Int(number / 64)] |= 1 << UInt64(number % 64)
            }
        }
        return mask
    }
}
