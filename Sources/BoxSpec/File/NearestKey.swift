/// What somebody may have meant.
package enum NearestKey {
    /// The known name with the fewest letters inserted, left out, changed or swapped; nil where none is near.
    package static func find(_ name: String, among known: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 })
        let ranked = known.map { ($0, distance(wanted, Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(1, wanted.count / 3) ? best.0 : nil
    }

    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a.count > 64 { return .max }
        var before: [Int] = []
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var next = [i + 1]
            for j in 0..<b.count {
                var least = min(row[j + 1] + 1, next[j] + 1, row[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
                next.append(least)
            }
            (before, row) = (row, next)
        }
        return row[b.count]
    }
}
