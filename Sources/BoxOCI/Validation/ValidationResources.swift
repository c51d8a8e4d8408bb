internal import BoxDocument

// 0 is "not set" wherever engines send it so.

extension Resources {
    func validate() throws(BoxError) {
        try memory?.validate()
        try cpu?.validate()
        if let pids { try requireAtLeast(-1, pids.limit, "linux.resources.pids.limit") }
        try blockIO?.validate()
        try validateHugepages()
        for (index, rule) in devices.enumerated() { try rule.validate("linux.resources.devices[\(index)]") }
        try validateUnified()
        try refuseOld(network?.classID ?? 0 != 0, "linux.resources.network.classID")
        try refuseOld(network?.priorities.isEmpty == false, "linux.resources.network.priorities")
    }

    private func validateHugepages() throws(BoxError) {
        var seen: [String: Int] = [:]
        for (index, limit) in hugepageLimits.enumerated() {
            let field = "linux.resources.hugepageLimits[\(index)].pageSize"
            if !isPageSize(limit.pageSize) {
                throw invalid(field, "must be a size such as 2MB, found \(JSON.quoted(limit.pageSize))")
            }
            if let first = seen.updateValue(index, forKey: limit.pageSize) {
                throw invalid(field, "\(limit.pageSize) stands already at linux.resources.hugepageLimits[\(first)]")
            }
        }
    }

    private func isPageSize(_ text: String) -> Bool {
        let digits = text.utf8.dropLast(2)
        guard let first = digits.first, first != UInt8(ascii: "0") else { return false }
        return digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            && ["KB", "MB", "GB"].contains(text.suffix(2))
    }

    private func validateUnified() throws(BoxError) {
        try refuseDuplicates(unified, in: "linux.resources.unified")
        for pair in unified {
            if pair.name.utf8.contains(UInt8(ascii: "/")) || pair.name == "." || pair.name == ".." {
                throw invalid(
                    "linux.resources.unified.\(pair.name)",
                    "must be the plain name of a cgroup file, such as memory.high")
            }
            try refuseNul(pair.name, "linux.resources.unified")
            try refuseNul(pair.value, "linux.resources.unified.\(pair.name)")
        }
    }
}

/// What cgroup v2 has no file for is refused by name when it says something.
private func refuseOld(_ says: Bool, _ field: @autoclosure () -> String) throws(BoxError) {
    if !says { return }
    throw BoxError(
        .unsupported, "exists only in cgroup v1, and boxes run under cgroup v2", field: field(), remedy: "leave it out")
}

extension Resources.Memory {
    fileprivate func validate() throws(BoxError) {
        let field = "linux.resources.memory"
        try requireAtLeast(-1, limit, "\(field).limit")
        try requireAtLeast(-1, reservation, "\(field).reservation")
        try requireAtLeast(-1, swap, "\(field).swap")
        if let swap, swap > 0 {
            guard let limit, limit > 0 else {
                throw invalid(
                    "\(field).swap", "counts memory plus swap, so it needs \(field).limit",
                    remedy: "set \(field).limit, or leave out the swap limit")
            }
            if swap < limit {
                throw invalid(
                    "\(field).swap", "counts memory plus swap: must be at least the limit \(limit), found \(swap)")
            }
        }
        try refuseOld(kernel ?? 0 > 0, "\(field).kernel")
        try refuseOld(kernelTCP ?? 0 > 0, "\(field).kernelTCP")
        try refuseOld(swappiness ?? 0 != 0, "\(field).swappiness")
        try refuseOld(disableOOMKiller ?? false, "\(field).disableOOMKiller")
        try refuseOld(useHierarchy ?? false, "\(field).useHierarchy")
    }
}

extension Resources.CPU {
    fileprivate func validate() throws(BoxError) {
        let field = "linux.resources.cpu"
        if let period, period != 0 { try require(period, in: 1000...1_000_000, "\(field).period") }
        if let quota, quota != 0 && quota != -1 && quota < 1000 {
            throw invalid("\(field).quota", "must be -1 or at least 1000 microseconds, found \(quota)")
        }
        if let quota, quota > 0, let burst, burst > UInt64(quota) {
            throw invalid("\(field).burst", "must not be above the quota \(quota), found \(burst)")
        }
        if let idle { try require(idle, in: 0...1, "\(field).idle") }
        try requireList(cpus, "\(field).cpus")
        try requireList(mems, "\(field).mems")
        try refuseOld(realtimeRuntime ?? 0 != 0, "\(field).realtimeRuntime")
        try refuseOld(realtimePeriod ?? 0 != 0, "\(field).realtimePeriod")
    }
}

extension Resources.BlockIO {
    fileprivate func validate() throws(BoxError) {
        let field = "linux.resources.blockIO"
        try validate(weight: weight, "\(field).weight")
        try refuseOld(leafWeight ?? 0 != 0, "\(field).leafWeight")
        for (index, device) in weightDevice.enumerated() {
            let entry = "\(field).weightDevice[\(index)]"
            try requireAtLeast(0, device.major, "\(entry).major")
            try requireAtLeast(0, device.minor, "\(entry).minor")
            try validate(weight: device.weight, "\(entry).weight")
            try refuseOld(device.leafWeight ?? 0 != 0, "\(entry).leafWeight")
        }
        try validate(throttleReadBpsDevice, "\(field).throttleReadBpsDevice")
        try validate(throttleWriteBpsDevice, "\(field).throttleWriteBpsDevice")
        try validate(throttleReadIOPSDevice, "\(field).throttleReadIOPSDevice")
        try validate(throttleWriteIOPSDevice, "\(field).throttleWriteIOPSDevice")
    }

    private func validate(weight: UInt16?, _ field: String) throws(BoxError) {
        if let weight, weight != 0 { try require(weight, in: 10...1000, field) }
    }

    private func validate(_ devices: [Resources.ThrottleDevice], _ field: String) throws(BoxError) {
        for (index, device) in devices.enumerated() {
            try requireAtLeast(0, device.major, "\(field)[\(index)].major")
            try requireAtLeast(0, device.minor, "\(field)[\(index)].minor")
        }
    }
}

extension Resources.DeviceRule {
    fileprivate func validate(_ field: String) throws(BoxError) {
        if let type, !["a", "b", "c"].contains(type) {
            throw invalid("\(field).type", "must be one of a, b, c, found \(JSON.quoted(type))")
        }
        if let access, !access.utf8.allSatisfy("rwm".utf8.contains) {
            throw invalid("\(field).access", "must be made of r, w and m, found \(JSON.quoted(access))")
        }
        // Older engines write -1 for any.
        try requireAtLeast(-1, major, "\(field).major")
        try requireAtLeast(-1, minor, "\(field).minor")
    }
}
