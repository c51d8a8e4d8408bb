internal import BoxOCI

extension RunOptions {
    /// `--device-…` and `--io-weight` → `linux.resources.blockIO` and `io.weight`.
    func applyBlockIO(to spec: inout Spec, _ context: SpecContext) throws(BoxError) {
        var limits = Resources.BlockIO()
        limits.throttleReadBpsDevice = try throttles(deviceReadBps, "--device-read-bps", context)
        limits.throttleWriteBpsDevice = try throttles(deviceWriteBps, "--device-write-bps", context)
        limits.throttleReadIOPSDevice = try throttles(deviceReadIOPS, "--device-read-iops", context)
        limits.throttleWriteIOPSDevice = try throttles(deviceWriteIOPS, "--device-write-iops", context)
        let given = [
            ("--device-read-bps", deviceReadBps, "throttleReadBpsDevice"),
            ("--device-write-bps", deviceWriteBps, "throttleWriteBpsDevice"),
            ("--device-read-iops", deviceReadIOPS, "throttleReadIOPSDevice"),
            ("--device-write-iops", deviceWriteIOPS, "throttleWriteIOPSDevice"),
        ]
        for (flag, texts, field) in given {
            for (index, text) in texts.enumerated() {
                spec.record("\(flag) \(text)", "linux.resources.blockIO.\(field)[\(index)]")
            }
        }
        if limits != Resources.BlockIO() { spec.linux.resources.blockIO = limits }
        if let ioWeight {
            guard let weight = Number.unsigned(ioWeight), (1...10000).contains(weight) else {
                throw refusal("--io-weight", ioWeight, "must be a whole number between 1 and 10000")
            }
            spec.setUnified("io.weight", "default \(weight)", "--io-weight \(ioWeight)")
        }
    }

    /// `PATH:RATE`, the rate in bytes (a size) or operations a second.
    private func throttles(
        _ texts: [String], _ flag: String, _ context: SpecContext
    ) throws(BoxError) -> [Resources.ThrottleDevice] {
        var devices: [Resources.ThrottleDevice] = []
        for text in texts {
            guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else {
                throw refusal(flag, text, "must be PATH:RATE, such as /dev/vda:10m")
            }
            let node = try context.resolveDevice(context.absolute(String(text[..<colon])), flag)
            guard node.kind == .block else {
                throw refusal(flag, text, "is a character device, and only block devices have io limits")
            }
            let rateText = String(text[text.index(after: colon)...])
            let rate = flag.hasSuffix("bps") ? Size.parse(rateText) : Number.unsigned(rateText)
            guard let rate, rate > 0 else {
                let unit = flag.hasSuffix("bps") ? "bytes, such as 10m," : "operations"
                throw refusal(flag, text, "the rate must be a number of \(unit) a second, at least 1")
            }
            if devices.contains(where: { $0.major == Int64(node.major) && $0.minor == Int64(node.minor) }) {
                throw refusal(flag, text, "the device has been given a rate already")
            }
            devices.append(.init(major: Int64(node.major), minor: Int64(node.minor), rate: rate))
        }
        return devices
    }
}
