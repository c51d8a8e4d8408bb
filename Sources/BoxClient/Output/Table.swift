/// Columns for people, three blanks between them.
public enum Table {
    /// Every row has as many cells as the titles. Control characters of a box are shown, never sent to the terminal.
    public static func text(_ titles: [String], _ rows: [[String]]) -> String {
        let all = [titles] + rows.map { $0.map(visible) }
        let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            row.indices.map { column in
                column == row.count - 1
                    ? row[column]
                    : row[column] + String(repeating: " ", count: widths[column] - row[column].count + 3)
            }.joined()
        }.joined(separator: "\n")
    }

    /// Without anything that a terminal would obey.
    public static func visible(_ text: String) -> String {
        if !text.unicodeScalars.contains(where: isControl) { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }

    /// At most so many characters, the last of them an ellipsis where something is left out.
    public static func shortened(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }
}

/// Figures as people read them.
public enum Human {
    /// Powers of 1024: `512B`, `1.5MiB`.
    public static func bytes(_ count: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024 && unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count)B" : decimal(value, value >= 100 ? 0 : value >= 10 ? 1 : 2) + units[unit]
    }

    /// With so many digits behind the point, rounded.
    public static func decimal(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "-" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if digits == 0 { return sign + String(scaled) }
        let whole = scaled / Int64(scale)
        let fraction = String(scaled % Int64(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// How long ago, in one unit: `5 minutes`.
    public static func duration(seconds: Int64) -> String {
        let units: [(String, Int64)] = [("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)]
        for (name, size) in units where seconds >= size {
            let count = seconds / size
            return "\(count) \(name)\(count == 1 ? "" : "s")"
        }
        return "less than a second"
    }
}
