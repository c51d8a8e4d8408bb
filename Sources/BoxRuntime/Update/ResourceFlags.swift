internal import BoxDocument
public import BoxOCI
internal import BoxSystem

/// The flags of `update` that stand for one field of `linux.resources` each, collected one by one.
public struct ResourceFlags {
    private enum Kind { case number, size, text }

    private static let fields: [String: (path: String, kind: Kind)] = [
        "--blkio-weight": ("blockIO.weight", .number),
        "--cpu-period": ("cpu.period", .number), "--cpu-quota": ("cpu.quota", .number),
        "--cpu-burst": ("cpu.burst", .number), "--cpu-share": ("cpu.shares", .number),
        "--cpu-rt-period": ("cpu.realtimePeriod", .number), "--cpu-rt-runtime": ("cpu.realtimeRuntime", .number),
        "--cpu-idle": ("cpu.idle", .number),
        "--cpuset-cpus": ("cpu.cpus", .text), "--cpuset-mems": ("cpu.mems", .text),
        "--memory": ("memory.limit", .size), "--memory-reservation": ("memory.reservation", .size),
        "--memory-swap": ("memory.swap", .size),
        "--kernel-memory": ("memory.kernel", .size), "--kernel-memory-tcp": ("memory.kernelTCP", .size),
        "--pids-limit": ("pids.limit", .number),
    ]
    private static let ioLists = [
        "rbps": "throttleReadBpsDevice", "wbps": "throttleWriteBpsDevice", "riops": "throttleReadIOPSDevice",
        "wiops": "throttleWriteIOPSDevice",
    ]

    private var collected: [(path: String, value: Node, flag: String)] = []

    public init() {}

    public var isEmpty: Bool { collected.isEmpty }

    public static func knows(_ flag: String) -> Bool { fields[flag] != nil || flag == "--io-max" }

    /// `.invalidSpec` naming the flag for a value that is none.
    public mutating func take(_ flag: String, _ value: String) throws(BoxError) {
        if flag == "--io-max" { return try takeRates(value) }
        guard let (path, kind) = Self.fields[flag] else { return }
        let node: Node
        switch kind {
        case .text: node = Node(.string(value))
        case .number:
            guard let number = Self.number(value) else { throw invalid(flag, value, "is no whole number") }
            node = number
        case .size:
            guard let bytes = value == "-1" ? -1 : Self.bytes(value) else {
                throw invalid(flag, value, "is no size", remedy: "-1 for no limit, or a size such as 512m or 1.5g")
            }
            node = Node(.integer(bytes))
        }
        collected.append((path, node, "\(flag) \(value)"))
    }

    public func change() throws(BoxError) -> ResourceChange { try ResourceChange(collected) }

    /// `DEVICE:rbps=1m,wiops=100`; `max` takes a limit away. The device by its node or as MAJOR:MINOR.
    private mutating func takeRates(_ text: String) throws(BoxError) {
        let flag = "--io-max"
        guard let sign = text.firstIndex(of: "="), let colon = text[..<sign].lastIndex(of: ":") else {
            throw invalid(
                flag, text, "is not DEVICE:KEY=RATE,…", remedy: "such as /dev/vda:rbps=10m,wiops=500 or 254:0:wbps=max")
        }
        let device = try Self.device(String(text[..<colon]))
        for entry in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let list = Self.ioLists[parts[0]] else {
                throw invalid(
                    flag, String(entry), "is not KEY=RATE", remedy: "the keys are rbps, wbps, riops and wiops")
            }
            let isBytes = parts[0].hasSuffix("bps")
            guard
                let rate = parts[1] == "max"
                    ? 0 : (isBytes ? Self.bytes(parts[1]) : Int64(parts[1])).flatMap({ $0 > 0 ? $0 : nil })
            else { throw invalid(flag, String(entry), "has no rate above zero", remedy: "max is no limit") }
            let one = Node(
                .object([
                    Member("major", Node(.integer(Int64(device.major)))),
                    Member("minor", Node(.integer(Int64(device.minor)))), Member("rate", Node(.integer(rate))),
                ]))
            collected.append(("blockIO.\(list)", Node(.array([one])), "\(flag) \(text)"))
        }
    }

    private static func device(_ text: String) throws(BoxError) -> DeviceNumber {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
        if numbers.count == 2, let major = UInt32(numbers[0]), let minor = UInt32(numbers[1]) {
            return DeviceNumber(major: major, minor: minor)
        }
        let status = try explaining({
            BoxError(.notFound, "cannot find the device \(text)", field: "--io-max", errno: $0)
        }) { () throws(Errno) in try File.status(text, follow: true) }
        if status.kind != .block {
            throw BoxError(.invalidSpec, "\(text) is no block device", field: "--io-max")
        }
        return status.represents
    }

    /// Digits, and a sign for -1.
    private static func number(_ text: String) -> Node? {
        if text == "-1" { return Node(.integer(-1)) }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int64(text).map { Node(.integer($0)) } ?? UInt64(text).map { Node(.unsigned($0)) }
    }

    /// Powers of 1024, as Docker's sizes: `512m`, `1.5g`, `64KiB`, `4096`.
    static func bytes(_ text: String) -> Int64? {
        let text = text.lowercased()
        let digits = text.prefix { $0.isNumber || $0 == "." }
        var unit = text.dropFirst(digits.count)
        if unit.count > 1 {
            guard unit.hasSuffix("b") else { return nil }
            unit = unit.dropLast()
            if unit.count == 2 && unit.hasSuffix("i") { unit = unit.dropLast() }
        }
        let shifts: [Substring: Int64] = ["": 0, "b": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50]
        guard let shift = shifts[unit] else { return nil }
        return Decimal(digits)?.times(1 << shift)
    }

    private func invalid(_ flag: String, _ value: String, _ message: String, remedy: String? = nil) -> BoxError {
        BoxError(.invalidSpec, "\(JSON.quoted(value)) \(message)", field: flag, remedy: remedy)
    }
}
