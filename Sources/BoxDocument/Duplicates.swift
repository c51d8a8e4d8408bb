/// Finds keys that stand twice. Large documents are read while a box waits for its start, and a set of Swift's hashes
/// each key against attacks on its table, for twice the time that is taken here.
public enum Duplicates {
    /// So many keys are compared with each other, for that is done before a table is made.
    private static let few = 16
    /// So many places are looked at for one key; keys that were made to collide are left to a set.
    private static let mostProbes = 32

    /// The first two equal keys, by their numbers; nil where all differ.
    public static func first(of count: Int, _ key: (Int) -> String) -> (first: Int, second: Int)? {
        if count <= few {
            for second in 0..<count {
                for first in 0..<second where key(first) == key(second) { return (first, second) }
            }
            return nil
        }
        var size = 64
        while size < 2 * count { size *= 2 }
        var table = [Int32](repeating: -1, count: size)
        for index in 0..<count {
            let text = key(index)
            guard let hash = hash(text) else { return firstBySet(of: count, key) }
            var place = Int(truncatingIfNeeded: hash) & (size - 1)
            var probes = 0
            while table[place] >= 0 {
                if key(Int(table[place])) == text { return (Int(table[place]), index) }
                probes += 1
                if probes > mostProbes { return firstBySet(of: count, key) }
                place = (place + 1) & (size - 1)
            }
            table[place] = Int32(index)
        }
        return nil
    }

    private static func firstBySet(of count: Int, _ key: (Int) -> String) -> (first: Int, second: Int)? {
        var seen: [String: Int] = [:]
        for index in 0..<count {
            if let first = seen.updateValue(index, forKey: key(index)) { return (first, index) }
        }
        return nil
    }

    /// FNV-1a, folded, for the low bits choose the place; nil beyond ASCII, where equal strings may have other bytes.
    static func hash(_ text: String) -> UInt64? {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 {
            if byte >= 0x80 { return nil }
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return hash ^ hash >> 32
    }
}
