/// Strict numbers: decimal digits and nothing else. No sign, no blanks, no leading zero, no wrap-around.
public enum Number {
    public static func unsigned(_ text: some StringProtocol) -> UInt64? {
        guard isDigits(text), text == "0" || text.utf8.first != UInt8(ascii: "0") else { return nil }
        return UInt64(text)
    }

    /// As `unsigned`, with a minus sign allowed before anything but zero.
    public static func signed(_ text: String) -> Int64? {
        guard text.hasPrefix("-") else { return unsigned(text).flatMap { Int64(exactly: $0) } }
        guard let value = unsigned(text.dropFirst()), value > 0 else { return nil }
        return Int64(text)
    }

    public static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}
