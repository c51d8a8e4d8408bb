/// Looking for bytes eight at a time: most of a document is text in which there is nothing to find.
extension UnsafeBufferPointer<UInt8> {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Eight bytes, the first of them lowest.
    func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// From `start` on the first byte that is a control character, DEL, a quote, a backslash or no ASCII; else the end.
    func firstSpecial(from start: Int) -> Int {
        var at = start
        while at + 8 <= count {
            let word = word(at: at)
            // Subtraction borrows from the byte above only behind one that is found, so the lowest mark is right.
            let quote = (word ^ Self.ones &* 0x22) &- Self.ones
            let backslash = (word ^ Self.ones &* 0x5C) &- Self.ones
            let controls = (word &- Self.ones &* 0x20) | (word &+ Self.ones)
            let marks = (word | quote | backslash | controls) & Self.highBits
            if marks != 0 { return at + marks.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < count {
            let byte = self[at]
            if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { return at }
            at += 1
        }
        return count
    }

    var isASCII: Bool {
        var at = 0
        var all: UInt64 = 0
        while at + 8 <= count {
            all |= word(at: at)
            at += 8
        }
        while at < count {
            all |= UInt64(self[at])
            at += 1
        }
        return all & Self.highBits == 0
    }

    /// Where the first such byte is.
    func first(_ wanted: UInt8) -> Int? {
        var at = 0
        let pattern = Self.ones &* UInt64(wanted)
        while at + 8 <= count {
            let difference = word(at: at) ^ pattern
            let marks = (difference &- Self.ones) & ~difference & Self.highBits
            if marks != 0 { return at + marks.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < count {
            if self[at] == wanted { return at }
            at += 1
        }
        return nil
    }
}

extension String {
    /// Where in its UTF-8 the first such byte is: its own view looks at one byte after the other.
    public func offset(of byte: UInt8) -> Int? {
        // Only a string that came from elsewhere is in several pieces.
        utf8.withContiguousStorageIfAvailable { $0.first(byte) }
            ?? Array(utf8).withUnsafeBufferPointer { $0.first(byte) }
    }
}
