public import BoxOCI

/// A span of time as Go programs take it on their command lines: `5s`, `1m30s`, `250ms`.
public struct Interval: Equatable, Sendable {
    /// At least 1.
    public let milliseconds: Int64

    /// Of `events`.
    public static let ordinary = Interval(milliseconds: 5000)

    private init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// `.invalidSpec` naming the flag for what is no such span, or none that is above zero.
    public init(_ text: String, flag: String) throws(BoxError) {
        guard let nanoseconds = Self.nanoseconds(text), nanoseconds > 0 else {
            throw BoxError(
                .invalidSpec, "\"\(text)\" is no time above zero", field: flag,
                remedy: "numbers with a unit of h, m, s, ms, us, such as 5s or 1m30s")
        }
        milliseconds = max(1, nanoseconds / 1_000_000)
    }

    private static let units: [(String, Int64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("ms", 1_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
        ("s", 1_000_000_000),
    ]

    private static func nanoseconds(_ text: String) -> Int64? {
        if text == "0" || text.isEmpty { return nil }
        var rest = text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            // The two-letter units come first: `ms` is no minute.
            guard let (name, unit) = units.first(where: { rest.hasPrefix($0.0) }),
                let part = Decimal(digits)?.times(unit)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
            rest = rest.dropFirst(name.count)
        }
        return total
    }
}

/// Digits with a fraction or none, exact to nine places.
struct Decimal: Equatable {
    private let whole: Int64
    private let billionths: Int64

    init?(_ text: Substring) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.contains(where: { Self.digits.contains($0) }),
            parts.allSatisfy({ $0.utf8.allSatisfy(Self.digits.contains) }),
            let whole = parts[0].isEmpty ? 0 : Int64(parts[0])
        else { return nil }
        self.whole = whole
        let fraction = parts.count > 1 ? parts[1].prefix(9) : ""
        billionths = Int64(fraction + String(repeating: "0", count: 9 - fraction.count)) ?? 0
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Rounded down; nil beyond Int64.
    func times(_ unit: Int64) -> Int64? {
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        let part = billionths.multipliedFullWidth(by: unit)
        let fraction = Int64(1_000_000_000).dividingFullWidth(part).quotient
        let (sum, tooMuch) = product.addingReportingOverflow(fraction)
        return overflow || tooMuch ? nil : sum
    }
}
