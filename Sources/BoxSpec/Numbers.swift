/// Strict numbers: decimal digits and nothing else. No sign, no blanks, no leading zero, no wrap-around.
enum Number {
    static func unsigned(_ text: some StringProtocol) -> UInt64? {
        guard isDigits(text), text == "0" || text.utf8.first != UInt8(ascii: "0") else { return nil }
        return UInt64(text)
    }

    /// As `unsigned`, with a minus sign allowed before anything but zero.
    static func signed(_ text: String) -> Int64? {
        guard text.hasPrefix("-") else { return unsigned(text).flatMap { Int64(exactly: $0) } }
        guard let value = unsigned(text.dropFirst()), value > 0 else { return nil }
        return Int64(text)
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

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
