internal import BoxOCI

/// A decimal number kept exact: `1.5` is 15 / 10. At most nine digits after the point.
struct DecimalNumber: Equatable {
    var numerator: UInt64
    var denominator: UInt64

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let whole = Number.unsigned(first) else { return nil }
        denominator = 1
        var fraction: UInt64 = 0
        if parts.count == 2 {
            guard Number.isDigits(parts[1]), parts[1].utf8.count <= 9, let digits = UInt64(parts[1]) else { return nil }
            fraction = digits
            for _ in parts[1].utf8 { denominator *= 10 }
        }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: denominator)
        let (sum, carry) = scaled.addingReportingOverflow(fraction)
        if overflow || carry { return nil }
        numerator = sum
    }

    /// This many units, rounded down; nil beyond UInt64.
    func times(_ unit: UInt64) -> UInt64? {
        let product = numerator.multipliedFullWidth(by: unit)
        guard product.high < denominator else { return nil }
        return denominator.dividingFullWidth(product).quotient
    }
}
