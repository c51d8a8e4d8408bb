internal import BoxOCI

/// Sizes as people type them: `512m`, `1.5g`, `4096`. Powers of 1024, case-insensitive.
enum Size {
    private static let units: [Character: UInt64] = [
        "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
    ]

    /// Bytes, from 0 to Int64.max: the kernel counts no further.
    static func bytes(_ text: String, flag: String) throws(BoxError) -> UInt64 {
        guard let size = parse(text) else {
            throw refusal(
                flag, text, "is not a size between 0 and 8388607t",
                remedy: "a number and one of b, k, m, g, t (powers of 1024), such as 512m or 1.5g")
        }
        return size
    }

    /// As `bytes`, but nothing below `minimum`.
    static func bytes(_ text: String, atLeast minimum: UInt64, flag: String) throws(BoxError) -> UInt64 {
        let size = try bytes(text, flag: flag)
        if size < minimum {
            throw refusal(
                flag, text, "is \(size) bytes, and the least that makes sense is \(minimum)",
                remedy: "give a unit, such as 512m or 1.5g")
        }
        return size
    }

    /// nil for what is no size.
    static func parse(_ text: String) -> UInt64? {
        guard let last = text.lowercased().last else { return nil }
        let unit = units[last]
        let digits = unit == nil ? text[...] : text.dropLast()
        if (unit ?? 1) == 1 && digits.contains(".") { return nil }
        guard let number = DecimalNumber(digits), let size = number.times(unit ?? 1), size <= UInt64(Int64.max)
        else { return nil }
        return size
    }
}
