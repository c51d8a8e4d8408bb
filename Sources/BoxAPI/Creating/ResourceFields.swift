internal import BoxDocument
internal import BoxEngine

/// Limits, as `HostConfig` and the body of an update have them.
extension CreateBody {
    static let resources: [String: Take] = limits.merging(notHere) { $1 }

    private static let limits: [String: Take] = [
        "Memory": { (b, f) throws(APIError) in b.wanted.options.memory = try CreateBody.number(f) },
        "MemorySwap": { (b, f) throws(APIError) in b.wanted.options.memorySwap = try CreateBody.number(f) },
        "MemoryReservation": { (b, f) throws(APIError) in
            b.wanted.options.memoryReservation = try CreateBody.number(f)
        },
        // -1 is the host's own, as docker's command line sends it always.
        "MemorySwappiness": { (_, f) throws(APIError) in
            if try f.integer() != -1 { throw f.unsupported("cgroup v2 has no swappiness of its own") }
        },
        "NanoCpus": { (b, f) throws(APIError) in b.wanted.options.cpus = CreateBody.billionths(try f.integer()) },
        "CpuShares": { (b, f) throws(APIError) in b.wanted.options.cpuShares = try CreateBody.number(f) },
        "CpuPeriod": { (b, f) throws(APIError) in b.wanted.options.cpuPeriod = try CreateBody.number(f) },
        "CpuQuota": { (b, f) throws(APIError) in b.wanted.options.cpuQuota = try CreateBody.number(f) },
        "CpusetCpus": { (b, f) throws(APIError) in b.wanted.options.cpusetCPUs = try f.string() },
        "CpusetMems": { (b, f) throws(APIError) in b.wanted.options.cpusetMems = try f.string() },
        "PidsLimit": { (b, f) throws(APIError) in b.wanted.options.pidsLimit = try CreateBody.number(f) },
        "OomScoreAdj": { (b, f) throws(APIError) in b.wanted.options.oomScoreAdj = try CreateBody.number(f) },
        "BlkioWeight": { (b, f) throws(APIError) in b.wanted.options.ioWeight = try CreateBody.ioWeight(f) },
        "BlkioDeviceReadBps": { (b, f) throws(APIError) in
            b.wanted.options.deviceReadBps = try CreateBody.throttles(f)
        },
        "BlkioDeviceWriteBps": { (b, f) throws(APIError) in
            b.wanted.options.deviceWriteBps = try CreateBody.throttles(f)
        },
        "BlkioDeviceReadIOps": { (b, f) throws(APIError) in
            b.wanted.options.deviceReadIOPS = try CreateBody.throttles(f)
        },
        "BlkioDeviceWriteIOps": { (b, f) throws(APIError) in
            b.wanted.options.deviceWriteIOPS = try CreateBody.throttles(f)
        },
        "Ulimits": { (b, f) throws(APIError) in
            b.wanted.options.ulimits = try CreateBody.elements(f) { (one) throws(APIError) in
                let name = try one.member("Name")?.string() ?? ""
                return "\(name)=\(try one.member("Soft")?.integer() ?? 0):\(try one.member("Hard")?.integer() ?? 0)"
            }
        },
        "Devices": { (b, f) throws(APIError) in
            b.wanted.options.devices = try CreateBody.elements(f) { (one) throws(APIError) in
                let keys = ["PathOnHost", "PathInContainer", "CgroupPermissions"]
                var words: [String] = []
                for key in keys { words.append(try one.member(key)?.string() ?? "") }
                while words.last == "" { words.removeLast() }
                return words.joined(separator: ":")
            }
        },
    ]

    private static let notHere: [String: Take] =
        refuse(
            ["DeviceCgroupRules", "DeviceRequests", "BlkioWeightDevice", "CgroupParent"],
            "is not available in this version of swiftbox"
        )
        .merging(refuse(["KernelMemory", "KernelMemoryTCP", "OomKillDisable"], "cgroup v2 has no such limit")) { $1 }
        .merging(refuse(["CpuRealtimePeriod", "CpuRealtimeRuntime"], "real-time CPU time is not available")) { $1 }
        .merging(refuse(["CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"], "is of Windows")) { $1 }

    private static func number(_ field: Asked) throws(APIError) -> String { String(try field.integer()) }

    /// `1.5` for 1500000000.
    static func billionths(_ number: Int64) -> String {
        let fraction = String(number.magnitude % 1_000_000_000)
        var text = "\(number / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// From blkio.weight's 10 to 1000 to io.weight's 1 to 10000, as every runtime converts it.
    private static func ioWeight(_ field: Asked) throws(APIError) -> String {
        let weight = try field.integer()
        guard (10...1000).contains(weight) else { throw field.invalid("must be between 10 and 1000") }
        return String(1 + (weight - 10) * 9999 / 990)
    }

    private static func throttles(_ field: Asked) throws(APIError) -> [String] {
        try elements(field) { (one) throws(APIError) in
            "\(try one.member("Path")?.string() ?? ""):\(try one.member("Rate")?.integer() ?? 0)"
        }
    }

    private static func elements(
        _ field: Asked, _ text: (Asked) throws(APIError) -> String
    ) throws(APIError) -> [String] {
        var result: [String] = []
        for one in try field.elements() { result.append(try text(one)) }
        return result
    }

    // MARK: Updates

    /// The body of `POST /containers/{}/update`.
    static func changes(_ document: Node) throws(APIError) -> BoxChanges {
        var body = CreateBody()
        var changes = BoxChanges()
        for field in try Asked("", document).members() where !field.node.isNothing {
            if field.name == "RestartPolicy" {
                if field.node["Name"]?.isNothing == false { changes.restart = try restart(field) }
                continue
            }
            guard let take = resources[field.name] else { throw field.unsupported("cannot be changed") }
            try take(&body, field)
        }
        for member in body.wanted.options.document.members {
            guard let text = member.node.text else {
                throw .unsupported("\(member.key) cannot be changed by an update in this version of swiftbox")
            }
            changes.limits[member.key] = text
        }
        return changes
    }
}
