internal import BoxSystem

/// Moments and spans as docker's clients read them.
enum Clock {
    static let never = "0001-01-01T00:00:00Z"

    /// Nanoseconds since the epoch.
    static var now: Int64 {
        do throws(Errno) { return try Kernel.realtimeNanoseconds() } catch { return 0 }
    }

    /// RFC 3339 with nanoseconds, UTC.
    static func text(_ nanoseconds: Int64) -> String {
        let digits = String(nanoseconds % 1_000_000_000)
        let padded = String(repeating: "0", count: 9 - digits.count) + digits
        return "\(Timestamp.text(seconds: nanoseconds / 1_000_000_000).dropLast()).\(padded)Z"
    }

    /// Seconds since the epoch of RFC 3339 in UTC; nil for anything else.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.prefix(19).split { "-T:".contains($0) }.compactMap { Int64($0) }
        guard parts.count == 6, text.hasSuffix("Z") else { return nil }
        // Years begin in March, so that the leap day is the last of one.
        let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
        let era = year / 400
        let ofEra = year - era * 400
        let dayOfYear = (153 * (parts[1] + (parts[1] > 2 ? -3 : 9)) + 2) / 5 + parts[2] - 1
        let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719_468
        return days * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
    }

    /// `5 minutes`, in docker's words and at its steps.
    static func human(_ seconds: Int64) -> String {
        switch seconds {
        case ..<1: "Less than a second"
        case 1: "1 second"
        case ..<60: "\(seconds) seconds"
        case ..<120: "About a minute"
        case ..<3600: "\(seconds / 60) minutes"
        case ..<7200: "About an hour"
        case ..<172_800: "\(seconds / 3600) hours"
        case ..<1_209_600: "\(seconds / 86400) days"
        case ..<5_184_000: "\(seconds / 604_800) weeks"
        case ..<63_072_000: "\(seconds / 2_592_000) months"
        default: "\(seconds / 31_536_000) years"
        }
    }
}
