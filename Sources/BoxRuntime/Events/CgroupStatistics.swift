internal import BoxCgroup
internal import BoxDocument

/// The figures of a cgroup in the shape of runc's `events`, which engines read: cgroup v1's names and units, zeros left
/// out where runc leaves them out. No figure is made up: what cgroup v2 does not count is 0 or absent.
struct CgroupStatistics {
    /// What is read beside the files of `CgroupUsage` itself.
    static let files = [
        "memory.current", "memory.swap.current", "memory.swap.max", "memory.swap.events", "pids.current",
        "cpuset.cpus.effective", "cpuset.mems.effective",
    ]
    private let usage: CgroupUsage

    init(_ usage: CgroupUsage) { self.usage = usage }

    var document: Node {
        Self.object([
            ("cpu", cpu), ("cpuset", cpuset), ("memory", memory), ("pids", pids), ("blkio", blkio),
            ("hugetlb", hugetlb), ("intel_rdt", Self.object([])), ("network_interfaces", Node(.null)),
        ])
    }

    /// Nanoseconds.
    private var cpu: Node {
        func time(_ key: String) -> UInt64 { (usage.value(key, in: "cpu.stat") ?? 0) * 1000 }
        let throttling = Self.object([
            ("periods", unlessZero(usage.value("nr_periods", in: "cpu.stat"))),
            ("throttledPeriods", unlessZero(usage.value("nr_throttled", in: "cpu.stat"))),
            ("throttledTime", unlessZero(time("throttled_usec"))),
        ])
        let times = Self.object([
            ("total", unlessZero(time("usage_usec"))), ("kernel", number(time("system_usec"))),
            ("user", number(time("user_usec"))),
        ])
        return Self.object([("usage", times), ("throttling", throttling), ("psi", pressure("cpu.pressure"))])
    }

    private var cpuset: Node {
        let absent = [
            "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab",
            "memory_pressure", "sched_load_balance", "sched_relax_domain_level",
        ]
        let head = [
            ("cpus", list("cpuset.cpus.effective")), ("cpu_exclusive", number(0)),
            ("mems", list("cpuset.mems.effective")),
        ]
        return Self.object(head + absent.map { ($0, number(0)) })
    }

    /// Bytes. `swap` is memory and swap together, as cgroup v1 counted.
    private var memory: Node {
        let used = usage.number("memory.current") ?? 0
        let limit = limit("memory.max")
        let swapLimit = self.limit("memory.swap.max")
        let total = limit == .max || swapLimit == .max ? UInt64.max : limit + swapLimit
        let counted = usage.values(in: "memory.stat").sorted { $0.key < $1.key }
        let unused = Self.object([("limit", number(0)), ("failcnt", number(0))])
        return Self.object([
            ("cache", unlessZero(usage.value("file", in: "memory.stat"))),
            (
                "usage",
                entry(limit, used, usage.number("memory.peak"), usage.value("max", in: "memory.events"))
            ),
            (
                "swap",
                entry(
                    total, used + (usage.number("memory.swap.current") ?? 0), nil,
                    usage.value("max", in: "memory.swap.events"))
            ),
            ("kernel", unused), ("kernelTCP", unused),
            ("raw", counted.isEmpty ? nil : Self.object(counted.map { ($0.key, number($0.value)) })),
            ("psi", pressure("memory.pressure")),
        ])
    }

    private func entry(_ limit: UInt64, _ used: UInt64, _ peak: UInt64?, _ refused: UInt64?) -> Node {
        Self.object([
            ("limit", number(limit)), ("usage", unlessZero(used)), ("max", unlessZero(peak)),
            ("failcnt", number(refused ?? 0)),
        ])
    }

    /// UInt64.max is unlimited; 0 is a host that does not count.
    private func limit(_ file: String) -> UInt64 {
        guard let text = usage.text(file) else { return 0 }
        return UInt64(text) ?? .max
    }

    private var pids: Node {
        Self.object([
            ("current", unlessZero(usage.number("pids.current"))), ("limit", unlessZero(usage.number("pids.max"))),
        ])
    }

    private var blkio: Node {
        func entries(_ keys: [(key: String, operation: String)]) -> Node? {
            let all = usage.devices.flatMap { device, values in
                keys.compactMap { key, operation -> Node? in
                    guard let value = values.first(where: { $0.name == key })?.value else { return nil }
                    let numbers = device.split(separator: ":").map { UInt64($0) }
                    return Self.object([
                        ("major", unlessZero(numbers.first ?? nil)), ("minor", unlessZero(numbers.last ?? nil)),
                        ("op", Node(.string(operation))), ("value", unlessZero(value)),
                    ])
                }
            }
            return all.isEmpty ? nil : Node(.array(all))
        }
        return Self.object([
            ("ioServiceBytesRecursive", entries([("rbytes", "Read"), ("wbytes", "Write")])),
            ("ioServicedRecursive", entries([("rios", "Read"), ("wios", "Write")])),
            ("psi", pressure("io.pressure")),
        ])
    }

    private var hugetlb: Node {
        let sizes = usage.names.filter { $0.hasPrefix("hugetlb.") && $0.hasSuffix(".current") }.sorted()
        return Self.object(
            sizes.map { file in
                let size = String(file.dropFirst("hugetlb.".count).dropLast(".current".count))
                let refused = usage.value("max", in: "hugetlb.\(size).events") ?? 0
                return (
                    size, Self.object([("usage", unlessZero(usage.number(file))), ("failcnt", number(refused))])
                )
            })
    }

    /// Percent and microseconds.
    private func pressure(_ file: String) -> Node? {
        if usage.text(file) == nil { return nil }
        let lines = ["some", "full"].map { line in
            let values = usage.pressure(line, in: file) ?? []
            let pairs = ["avg10", "avg60", "avg300", "total"].map { key in
                (key, decimal(values.first { $0.name == key }?.value ?? "0"))
            }
            return (line, Self.object(pairs))
        }
        return Self.object(lines)
    }

    /// A list such as `0-3,5` as an array.
    private func list(_ file: String) -> Node? {
        let numbers = (usage.text(file) ?? "").split(separator: ",").flatMap { range -> [UInt64] in
            let ends = range.split(separator: "-").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last, last < 65_536 else { return [] }
            return Array(first...last)
        }
        return numbers.isEmpty ? nil : Node(.array(numbers.map(number)))
    }

    private static func object(_ members: [(String, Node?)]) -> Node {
        Node(.object(members.compactMap { key, node in node.map { Member(key, $0) } }))
    }

    private func number(_ value: UInt64) -> Node {
        Node(Int64(exactly: value).map { .integer($0) } ?? .unsigned(value))
    }

    private func unlessZero(_ value: UInt64?) -> Node? { value == 0 ? nil : value.map(number) }

    /// As Go writes it: `0`, not `0.0`.
    private func decimal(_ text: String) -> Node {
        let value = Double(text) ?? 0
        return Node(Int64(exactly: value).map { .integer($0) } ?? .double(value))
    }
}
