internal import BoxDocument
internal import BoxEngine

extension Statistics {
    /// The answer of `GET /containers/{}/stats`. What this host does not count is left out.
    func document(of box: BoxView, before: Statistics?) -> Node {
        var members: [Member] = [
            Member("read", .text(Clock.text(time))),
            Member("preread", .text(before.map { Clock.text($0.time) } ?? Clock.never)),
            Member("pids_stats", pidsDocument), Member("blkio_stats", blockDocument),
            Member("num_procs", .number(0)), Member("storage_stats", .empty), Member("cpu_stats", cpuDocument),
            Member("precpu_stats", before?.cpuDocument ?? Statistics().cpuDocument),
            Member("memory_stats", memoryDocument), Member("name", .text("/" + box.name)),
            Member("id", .text(box.id)),
        ]
        members.append(Member("networks", .empty))
        return Node(.object(members))
    }

    private var pidsDocument: Node {
        var members: [Member] = []
        if let pids { members.append(Member("current", .number(pids))) }
        if let pidsLimit { members.append(Member("limit", .number(pidsLimit))) }
        return Node(.object(members))
    }

    private var cpuDocument: Node {
        .object([
            "cpu_usage": .object([
                "total_usage": .number((cpuUsage ?? 0) * 1000),
                "usage_in_kernelmode": .number((cpuSystem ?? 0) * 1000),
                "usage_in_usermode": .number((cpuUser ?? 0) * 1000),
            ]),
            "system_cpu_usage": .number(hostCPU), "online_cpus": .number(onlineCPUs),
            "throttling_data": .object([
                "periods": .number(cpuPeriods ?? 0), "throttled_periods": .number(cpuThrottledPeriods ?? 0),
                "throttled_time": .number((cpuThrottled ?? 0) * 1000),
            ]),
        ])
    }

    private var memoryDocument: Node {
        guard let memoryUsage else { return .empty }
        var members = [Member("usage", .number(memoryUsage))]
        if let memoryPeak { members.append(Member("max_usage", .number(memoryPeak))) }
        let figures = memoryStat.sorted { $0.key < $1.key }.map { Member($0.key, .number($0.value)) }
        members.append(Member("stats", Node(.object(figures))))
        if let failures = memoryEvents["max"] { members.append(Member("failcnt", .number(failures))) }
        // Without a limit of its own a box may have all of the host's: docker's clients show no percentage of nothing.
        members.append(Member("limit", .number(memoryLimit ?? HostMemory.total)))
        return Node(.object(members))
    }

    private var blockDocument: Node {
        func entries(_ read: KeyPath<Device, UInt64>, _ write: KeyPath<Device, UInt64>) -> Node {
            .list(
                devices.flatMap { device in
                    [("read", device[keyPath: read]), ("write", device[keyPath: write])].map { operation, value in
                        .object([
                            "major": .number(device.major), "minor": .number(device.minor), "op": .text(operation),
                            "value": .number(value),
                        ])
                    }
                })
        }
        return .object([
            "io_service_bytes_recursive": entries(\.readBytes, \.writtenBytes),
            "io_serviced_recursive": entries(\.reads, \.writes), "io_queue_recursive": .null,
            "io_service_time_recursive": .null, "io_wait_time_recursive": .null, "io_merged_recursive": .null,
            "io_time_recursive": .null, "sectors_recursive": .null,
        ])
    }
}
