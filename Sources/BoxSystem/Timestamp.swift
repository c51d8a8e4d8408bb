/// RFC 3339 in UTC, without a calendar library: from the days since 1970 by the rule of the civil calendar.
public enum Timestamp {
    public static func text(seconds: Int64) -> String { whole(seconds) + "Z" }

    /// With milliseconds.
    public static func text(nanoseconds: Int64) -> String {
        whole(nanoseconds / 1_000_000_000) + "." + padded(nanoseconds / 1_000_000 % 1000, 3) + "Z"
    }

    private static func whole(_ seconds: Int64) -> String {
        let (date, time) = (seconds / 86400, seconds % 86400)
        let (year, month, day) = civil(date)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
            + "T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
    }

    /// Years begin in March here, so that the leap day is the last of one.
    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
