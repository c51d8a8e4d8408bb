public import BoxOCI

/// `--since` and `--until`: seconds since 1970, an RFC 3339 time, a date, or a duration back from now.
/// Pure; safe on any thread.
public enum Moment {
    private static let units: [(Character, Double)] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]

    /// Seconds since 1970 as the API takes them, `1136073600.5`.
    ///
    /// - Parameter now: nanoseconds since 1970
    /// - Throws: `.invalidSpec` for what is none of these, naming `flag`.
    public static func seconds(_ text: String, now: Int64, flag: String) throws(BoxError) -> String {
        if isNumber(text) { return text }
        if let ago = duration(text) {
            let moment = max(0, now - Int64(ago * 1e9))
            return "\(moment / 1_000_000_000).\(padded(moment % 1_000_000_000))"
        }
        if let moment = rfc3339(text) { return moment }
        throw BoxError(
            .invalidSpec, "\(flag) \(text): is no time", field: flag,
            remedy: "a duration back from now such as 10m, 2026-01-31T12:00:00Z, 2026-01-31, or seconds since 1970")
    }

    private static func isNumber(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    }

    /// `90s`, `1h30m`, `1.5h`.
    private static func duration(_ text: String) -> Double? {
        var total = 0.0
        var rest = text[...]
        if rest.isEmpty { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 == "." || ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits), let letter = rest.popFirst(),
                let unit = units.first(where: { $0.0 == letter })
            else { return nil }
            total += number * unit.1
        }
        return total < 1e9 ? total : nil
    }

    /// Of `2026-01-31T12:00:00.5+01:00`, also without the time or the zone, which then is UTC.
    static func rfc3339(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        func number(_ from: Int, _ count: Int) -> Int64? {
            guard from + count <= bytes.count, bytes[from..<(from + count)].allSatisfy({ (48...57).contains($0) })
            else { return nil }
            return Int64(String(decoding: bytes[from..<(from + count)], as: UTF8.self))
        }
        guard bytes.count >= 10, bytes[4] == 45, bytes[7] == 45, let year = number(0, 4), let month = number(5, 2),
            let day = number(8, 2), year >= 1970, (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = days(year, month, day) * 86400
        if bytes.count == 10 { return String(seconds) }
        guard bytes.count >= 19, bytes[10] == 84 || bytes[10] == 32, bytes[13] == 58, bytes[16] == 58,
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        seconds += hour * 3600 + minute * 60 + second
        var rest = bytes[19...]
        var fraction = ""
        if rest.first == 46 {
            let digits = rest.dropFirst().prefix { (48...57).contains($0) }
            fraction = "." + String(decoding: digits.prefix(9), as: UTF8.self)
            rest = rest.dropFirst(1 + digits.count)
            if digits.isEmpty { return nil }
        }
        if rest.isEmpty || rest.elementsEqual([90]) { return "\(seconds)\(fraction)" }
        let at = rest.startIndex
        guard rest.count == 6, bytes[at] == 43 || bytes[at] == 45, bytes[at + 3] == 58, let hours = number(at + 1, 2),
            let minutes = number(at + 4, 2)
        else { return nil }
        let offset = hours * 3600 + minutes * 60
        return "\(seconds + (bytes[at] == 45 ? offset : -offset))\(fraction)"
    }

    /// Since 1970-01-01; years begin in March here, so that the leap day is the last of one.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func padded(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 9 - digits.count) + digits
    }
}
