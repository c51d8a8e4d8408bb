import Testing

@testable import BoxDocument

@Suite struct ByteSearchTests {
    private func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C }

    /// Every byte at every place of texts of all lengths around a word of eight, with another one behind it: a byte that is
    /// found must not hide or feign one.
    @Test func findsEveryByteAtEveryPlace() {
        for byte in UInt8.min...UInt8.max {
            for count in 0...17 {
                for place in 0...count {
                    for next in [UInt8(0x20), 0x21, 0x23, 0x5B, 0x5D, 0x7E, 0x80] {
                        var text = [UInt8](repeating: 0x61, count: count)
                        if place < count { text[place] = byte }
                        if place + 1 < count { text[place + 1] = next }
                        let special = text.firstIndex(where: isSpecial) ?? count
                        let (found, ascii, first) = text.withUnsafeBufferPointer {
                            ($0.firstSpecial(from: 0), $0.isASCII, $0.first(byte))
                        }
                        if found != special || ascii != text.allSatisfy({ $0 < 0x80 })
                            || first != text.firstIndex(of: byte)
                        {
                            Issue.record("\(text): \(found), \(ascii), \(String(describing: first))")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test func beginsWhereItIsTold() {
        let text = Array("\"abcdefgh\"ij".utf8)
        text.withUnsafeBufferPointer {
            #expect($0.firstSpecial(from: 0) == 0)
            #expect($0.firstSpecial(from: 1) == 9)
            #expect($0.firstSpecial(from: 10) == 12)
            #expect($0.firstSpecial(from: 12) == 12)
        }
    }

    @Test func offsetsAreThoseOfUTF8() {
        #expect("é=1".offset(of: UInt8(ascii: "=")) == 2)
        #expect("NAME_OF_A_LONG_VARIABLE=1=2".offset(of: UInt8(ascii: "=")) == 23)
        #expect("".offset(of: 0) == nil)
        #expect("a long text with a NUL\0".offset(of: 0) == 22)
    }
}
