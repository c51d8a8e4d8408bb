internal import BoxOCI

/// Durations as people type them: `90s`, `1m30s`, `1.5h`, `250ms`.
enum Durations {
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    /// Microseconds. A number without a unit counts microseconds, as engines have it for CPU periods.
    static func microseconds(_ text: String, flag: String) throws(BoxError) -> UInt64 {
        if let plain = Number.unsigned(text) { return plain }
        guard let nanoseconds = parse(text) else {
            throw refusal(
                flag, text, "is not a duration",
                remedy: "microseconds, or a number and one of ns, us, ms, s, m, h, such as 50ms")
        }
        return nanoseconds / 1000
    }

    /// Milliseconds. A number without a unit counts seconds, as timeout(1) has it.
    static func milliseconds(_ text: String, atLeast least: UInt64, flag: String) throws(BoxError) -> UInt64 {
        let seconds = DecimalNumber(text[...]).flatMap { $0.times(1000) }
        guard let value = seconds ?? parse(text).map({ $0 / 1_000_000 }), value <= 1 << 50 else {
            throw refusal(
                flag, text, "is not a duration",
                remedy: "seconds, or a number and one of ms, s, m, h, such as 90s or 1m30s")
        }
        if value < least { throw refusal(flag, text, "must be at least \(least) ms") }
        return value
    }

    /// Nanoseconds; nil for what is no duration or beyond Int64.
    static func parse(_ text: String) -> UInt64? {
        var rest = text[...]
        var total: UInt64 = 0
        if rest.isEmpty { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
            rest = rest.dropFirst(name.count)
            guard let unit = units.first(where: { $0.name == name }), let number = DecimalNumber(digits),
                let part = number.times(unit.nanoseconds)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow || sum > UInt64(Int64.max) { return nil }
            total = sum
        }
        return total
    }
}
