internal import BoxOCI

/// Block io, huge pages, rdma and files by name.
extension SettingsCompiler {
    mutating func add(_ blockIO: Resources.BlockIO) throws(BoxError) {
        let fields = "linux.resources.blockIO"
        if let weight = blockIO.weight, weight != 0 {
            let field = "\(fields).weight"
            let value = "default \(try ioWeight(weight, field))"
            try add("io.weight", value, field, controller: "io", converted: true)
        }
        for (index, device) in blockIO.weightDevice.enumerated() {
            let field = "\(fields).weightDevice[\(index)]"
            guard let weight = device.weight, weight != 0 || clears("\(field).weight") else { continue }
            let number = try deviceNumber(device.major, device.minor, field)
            let value = "\(number) \(weight == 0 ? "default" : "\(try ioWeight(weight, "\(field).weight"))")"
            try add("io.weight", value, "\(field).weight", controller: "io", converted: true)
        }
        try addThrottling(blockIO, fields)
    }

    /// 10 to 1,000 as OCI has it, onto io.weight's 1 to 10,000.
    private func ioWeight(_ weight: UInt16, _ field: String) throws(BoxError) -> Int {
        if !(10...1000).contains(weight) { throw invalid(field, "must be between 10 and 1000", found: "\(weight)") }
        return 1 + (Int(weight) - 10) * 9999 / 990
    }

    private func deviceNumber(_ major: Int64, _ minor: Int64, _ field: String) throws(BoxError) -> String {
        for (part, value, most) in [("major", major, 4095), ("minor", minor, 1_048_575)] as [(String, Int64, Int64)] {
            if !(0...most).contains(value) {
                throw invalid("\(field).\(part)", "must be between 0 and \(most)", found: "\(value)")
            }
        }
        return "\(major):\(minor)"
    }

    /// One line a device, whatever lists it stands in.
    private mutating func addThrottling(_ blockIO: Resources.BlockIO, _ fields: String) throws(BoxError) {
        let lists = [
            ("throttleReadBpsDevice", "rbps", blockIO.throttleReadBpsDevice),
            ("throttleWriteBpsDevice", "wbps", blockIO.throttleWriteBpsDevice),
            ("throttleReadIOPSDevice", "riops", blockIO.throttleReadIOPSDevice),
            ("throttleWriteIOPSDevice", "wiops", blockIO.throttleWriteIOPSDevice),
        ]
        var lines: [(device: String, limits: String, field: String)] = []
        for (list, key, devices) in lists {
            var seen: [String] = []
            for (index, device) in devices.enumerated() {
                let field = "\(fields).\(list)[\(index)]"
                if device.rate == 0 && !clears("\(field).rate") { continue }
                let limit = "\(key)=\(device.rate == 0 ? "max" : "\(device.rate)")"
                let number = try deviceNumber(device.major, device.minor, field)
                if seen.contains(number) { throw invalid(field, "names a device twice", found: number) }
                seen.append(number)
                if let at = lines.firstIndex(where: { $0.device == number }) {
                    lines[at].limits += " " + limit
                } else {
                    lines.append((number, limit, "\(field).rate"))
                }
            }
        }
        for line in lines {
            try add("io.max", "\(line.device) \(line.limits)", line.field, controller: "io", converted: true)
        }
    }

    mutating func add(_ hugepages: Resources.HugepageLimit, _ index: Int) throws(BoxError) {
        let field = "linux.resources.hugepageLimits[\(index)]"
        let size = hugepages.pageSize
        let digits = size.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if digits.isEmpty || !["KB", "MB", "GB"].contains(String(size.dropFirst(digits.count))) {
            throw invalid("\(field).pageSize", "must be a size such as 2MB or 1GB", found: "\"\(size)\"")
        }
        // The first counts pages when they are touched, the second when they are reserved.
        for file in ["hugetlb.\(size).max", "hugetlb.\(size).rsvd.max"] {
            try add(file, "\(hugepages.limit)", "\(field).limit", controller: "hugetlb", converted: true)
        }
    }

    mutating func add(_ rdma: Resources.Rdma) throws(BoxError) {
        // The key of a map in config.json.
        let field = "linux.resources.rdma.\(rdma.device)"
        if rdma.device.isEmpty || rdma.device.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
            throw invalid(
                "linux.resources.rdma", "has a device name with white space or none", found: "\"\(rdma.device)\"")
        }
        var value = rdma.device
        if let handles = rdma.hcaHandles { value += " hca_handle=\(handles)" }
        if let objects = rdma.hcaObjects { value += " hca_object=\(objects)" }
        if value == rdma.device { return }
        try add("rdma.max", value, field, controller: "rdma", converted: true)
    }

    mutating func add(unified pair: Pair) throws(BoxError) {
        let field = "linux.resources.unified.\(pair.name)"
        let parts = pair.name.split(separator: ".", omittingEmptySubsequences: false)
        let wellFormed = pair.name.utf8.allSatisfy(isFileNameByte) && parts.count > 1 && !parts.contains("")
        if !wellFormed {
            throw invalid(
                "linux.resources.unified", "must name a cgroup v2 file such as memory.high", found: "\"\(pair.name)\"")
        }
        let isCore = parts[0] == "cgroup"
        if isCore && !["cgroup.max.depth", "cgroup.max.descendants"].contains(pair.name) {
            throw invalid(field, "cannot be set: swiftbox uses the file itself", found: "\"\(pair.name)\"")
        }
        if pair.value.utf8.contains(0) { throw invalid(field, "must not hold a zero byte", found: pair.name) }
        // The kernel takes one line a write from files such as io.max.
        let lines = pair.value.split(separator: "\n")
        if lines.isEmpty { throw invalid(field, "must have a value", found: "nothing") }
        for line in lines {
            let controller = isCore ? nil : String(parts[0])
            try add(pair.name, String(line), field, controller: controller, converted: true)
        }
    }

    private func isFileNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
