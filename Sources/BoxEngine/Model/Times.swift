internal import BoxSystem

/// Moments as docker writes them: RFC 3339 in UTC with nanoseconds.
enum Moment {
    /// Nanoseconds since the epoch.
    static var now: Int64 {
        do throws(Errno) { return try Kernel.realtimeNanoseconds() } catch { return 0 }
    }

    static func text(_ nanoseconds: Int64) -> String {
        let digits = String(nanoseconds % 1_000_000_000)
        let padded = String(repeating: "0", count: 9 - digits.count) + digits
        return "\(Timestamp.text(seconds: nanoseconds / 1_000_000_000).dropLast()).\(padded)Z"
    }

    static var text: String { text(now) }

    /// Nanoseconds since the epoch; nil for what is no such moment. Only UTC, as it is written here.
    static func nanoseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var fraction: Int64 = 0
        if bytes[19] == UInt8(ascii: ".") {
            let digits = bytes[20..<(bytes.count - 1)].prefix(9)
            guard let value = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
            fraction = (digits.count..<9).reduce(value) { value, _ in value * 10 }
        }
        let seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
        return seconds * 1_000_000_000 + fraction
    }

    /// Since 1970, by the rule of the civil calendar; years begin in March, so that the leap day is the last of one.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
