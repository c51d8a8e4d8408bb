internal import BoxOCI

/// What stands before each file of a tar: ustar with pax's and GNU's long names (POSIX.1-2024, pax; tar(5)).
struct TarEntry: Equatable {
    enum Kind: UInt8 {
        case file = 0x30
        case hardLink = 0x31
        case link = 0x32
        case character = 0x33
        case block = 0x34
        case directory = 0x35
        case fifo = 0x36
    }

    var kind: Kind
    var path: String
    var target = ""
    var mode: UInt32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    var size: UInt64 = 0
    /// Seconds since the epoch.
    var modified: Int64 = 0
    var major: UInt32 = 0
    var minor: UInt32 = 0
}

enum TarHeader {
    static let size = 512
    /// Types that describe the entry after them.
    static let pax = UInt8(ascii: "x")
    static let globalPax = UInt8(ascii: "g")
    static let longName = UInt8(ascii: "L")
    static let longTarget = UInt8(ascii: "K")

    static func padding(_ size: UInt64) -> Int { Int((512 - size % 512) % 512) }

    // MARK: Reading

    static func isEnd(_ block: [UInt8]) -> Bool { block.allSatisfy { $0 == 0 } }

    static func checksumFits(_ block: [UInt8]) -> Bool {
        let sum = block.enumerated().reduce(UInt64(0)) {
            $0 + UInt64((148..<156).contains($1.offset) ? 0x20 : $1.element)
        }
        return number(block[148..<156]) == sum
    }

    static func type(_ block: [UInt8]) -> UInt8 { block[156] }

    /// Octal, or GNU's base 256; nil for neither.
    static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
        if let first = field.first, first & 0x80 != 0 {
            if first & 0x40 != 0 { return nil }
            var value = UInt64(first & 0x3f)
            for byte in field.dropFirst() {
                if value >> 56 != 0 { return nil }
                value = value << 8 | UInt64(byte)
            }
            return value
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        if digits.isEmpty { return 0 }
        return UInt64(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    static func text(_ field: ArraySlice<UInt8>) -> String? {
        String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// nil for what is no header, or of a type that is not known.
    static func entry(_ block: [UInt8]) -> TarEntry? {
        let type = block[156] == 0 || block[156] == UInt8(ascii: "7") ? UInt8(ascii: "0") : block[156]
        guard let kind = TarEntry.Kind(rawValue: type), let name = text(block[0..<100]),
            let target = text(block[157..<257]), let mode = number(block[100..<108]),
            let uid = number(block[108..<116]),
            let gid = number(block[116..<124]), let size = number(block[124..<136]), let time = number(block[136..<148])
        else { return nil }
        var entry = TarEntry(kind: kind, path: name)
        let isPOSIX = block[257..<263].elementsEqual("ustar\0".utf8)
        if isPOSIX, let prefix = text(block[345..<500]), !prefix.isEmpty { entry.path = "\(prefix)/\(name)" }
        entry.target = target
        entry.mode = UInt32(mode & 0o7777)
        entry.uid = UInt32(truncatingIfNeeded: uid)
        entry.gid = UInt32(truncatingIfNeeded: gid)
        entry.size = kind == .file ? size : 0
        entry.modified = Int64(clamping: time)
        if kind == .character || kind == .block {
            entry.major = UInt32(truncatingIfNeeded: number(block[329..<337]) ?? 0)
            entry.minor = UInt32(truncatingIfNeeded: number(block[337..<345]) ?? 0)
        }
        if kind == .file && entry.path.hasSuffix("/") { entry.kind = .directory }
        return entry
    }

    // MARK: Writing

    static func bytes(_ entry: TarEntry) -> [UInt8] {
        var extra = ""
        if entry.path.utf8.count > 100 { extra += record("path", entry.path) }
        if entry.target.utf8.count > 100 { extra += record("linkpath", entry.target) }
        if entry.size >= 1 << 33 { extra += record("size", String(entry.size)) }
        if entry.uid >= 1 << 21 { extra += record("uid", String(entry.uid)) }
        if entry.gid >= 1 << 21 { extra += record("gid", String(entry.gid)) }
        var bytes: [UInt8] = []
        if !extra.isEmpty {
            var header = TarEntry(kind: .file, path: "pax")
            header.mode = 0o644
            header.size = UInt64(extra.utf8.count)
            bytes += block(header, type: pax) + Array(extra.utf8)
            bytes += [UInt8](repeating: 0, count: padding(header.size))
        }
        return bytes + block(entry, type: entry.kind.rawValue)
    }

    /// `LENGTH KEY=VALUE\n`, the length counting itself.
    private static func record(_ key: String, _ value: String) -> String {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while String(length).utf8.count + rest.utf8.count != length { length += 1 }
        return "\(length)\(rest)"
    }

    private static func block(_ entry: TarEntry, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: size)
        func put(_ text: String, _ at: Int, _ room: Int) {
            for (offset, byte) in text.utf8.prefix(room).enumerated() { block[at + offset] = byte }
        }
        func octal(_ number: UInt64, _ at: Int, _ digits: Int) {
            let text = String(number & (1 << UInt64(3 * digits) - 1), radix: 8)
            put(String(repeating: "0", count: max(0, digits - text.count)) + text, at, digits)
        }
        put(entry.path, 0, 100)
        octal(UInt64(entry.mode), 100, 7)
        octal(entry.uid < 1 << 21 ? UInt64(entry.uid) : 0, 108, 7)
        octal(entry.gid < 1 << 21 ? UInt64(entry.gid) : 0, 116, 7)
        octal(entry.size < 1 << 33 ? entry.size : 0, 124, 11)
        octal(UInt64(max(0, entry.modified)), 136, 11)
        block[156] = type
        put(entry.target, 157, 100)
        put("ustar\0" + "00", 257, 8)
        octal(UInt64(entry.major), 329, 7)
        octal(UInt64(entry.minor), 337, 7)
        let sum = block.reduce(UInt64(8 * 0x20)) { $0 + UInt64($1) }
        octal(sum, 148, 6)
        block[155] = 0x20
        return block
    }
}
