/// Finds keys that stand twice. Large documents are read while a box waits for its start, and a set of Swift's hashes
/// each key against attacks on its table, for twice the time that is taken here.
public enum Duplicates {
    /// So many keys are compared with each other, for that is done before a table is made.
    private static let few = 16
    /// So many places are looked at for one key; keys that were made to collide are left to a set.
    static let mostProbes = 32

    /// The first two equal keys, by their numbers; nil where all differ. With a separator a text's key is what stands
    /// before the first one.
    public static func first(
        of count: Int, before separator: UInt8? = nil, _ text: (Int) -> String
    ) -> (first: Int, second: Int)? {
        if count <= few && separator == nil {
            for second in 0..<count {
                for first in 0..<second where text(first) == text(second) { return (first, second) }
            }
            return nil
        }
        var size = 64
        while size < 2 * count { size *= 2 }
        var table = [Int32](repeating: -1, count: size)
        var hashes: [Int] = []
        hashes.reserveCapacity(count)
        for index in 0..<count {
            guard let hash = hash(text(index), before: separator) else { return firstBySet(of: count, separator, text) }
            hashes.append(hash)
            var place = hash & (size - 1)
            var probes = 0
            while table[place] >= 0 {
                let other = Int(table[place])
                if hashes[other] == hash && key(text(other), separator) == key(text(index), separator) {
                    return (other, index)
                }
                probes += 1
                if probes > mostProbes { return firstBySet(of: count, separator, text) }
                place = (place + 1) & (size - 1)
            }
            table[place] = Int32(index)
        }
        return nil
    }

    private static func firstBySet(
        of count: Int, _ separator: UInt8?, _ text: (Int) -> String
    ) -> (first: Int, second: Int)? {
        var seen: [String: Int] = [:]
        for index in 0..<count {
            if let first = seen.updateValue(index, forKey: key(text(index), separator)) { return (first, index) }
        }
        return nil
    }

    /// The part of a text that counts.
    public static func key(_ text: String, _ separator: UInt8?) -> String {
        guard let separator, let end = text.utf8.firstIndex(of: separator) else { return text }
        return String(text[..<end])
    }

    /// nil beyond ASCII, where equal strings may have other bytes. The low bits choose the place.
    static func hash(_ text: String, before separator: UInt8? = nil) -> Int? {
        var text = text
        // String's own view takes thirty instructions a byte.
        return text.withUTF8 { bytes in
            let key = UnsafeBufferPointer(rebasing: bytes.prefix(separator.flatMap(bytes.first) ?? bytes.count))
            return key.isASCII ? hash(of: key) : nil
        }
    }

    /// Eight bytes at a time; both halves of the product, for keys that differ in a few digits are to lie far apart.
    private static func hash(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
        func mix(_ word: UInt64) {
            let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
            hash = product.low ^ product.high
        }
        var at = 0
        while at + 8 <= bytes.count {
            mix(bytes.word(at: at))
            at += 8
        }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = rest << 8 | UInt64(bytes[at])
            at += 1
        }
        mix(rest)
        mix(0)
        return Int(truncatingIfNeeded: hash)
    }
}
