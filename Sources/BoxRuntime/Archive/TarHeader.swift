/// What stands before each file of a tar: ustar with pax's and GNU's long names (POSIX.1-2024, pax; tar(5)).
public struct TarMember: Equatable, Sendable {
    public enum Kind: UInt8, Sendable {
        case file = 0x30
        case hardLink = 0x31
        case link = 0x32
        case character = 0x33
        case block = 0x34
        case directory = 0x35
        case fifo = 0x36
    }

    public var kind: Kind
    public var path: String
    public var target = ""
    public var mode: UInt32 = 0
    public var uid: UInt32 = 0
    public var gid: UInt32 = 0
    public var size: UInt64 = 0
    /// Seconds since the epoch.
    public var modified: Int64 = 0
    public var major: UInt32 = 0
    public var minor: UInt32 = 0
    /// Extended attributes by name, as pax's `SCHILY.xattr.` records have them.
    public var attributes: [String: [UInt8]] = [:]

    init(kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }
}

enum TarHeader {
    static let size = 512
    /// Types that describe the entry after them.
    static let pax = UInt8(ascii: "x")
    static let globalPax = UInt8(ascii: "g")
    static let longName = UInt8(ascii: "L")
    static let longTarget = UInt8(ascii: "K")
    static let sparse = UInt8(ascii: "S")

    static func padding(_ size: UInt64) -> Int { Int((512 - size % 512) % 512) }

    static func isEnd(_ block: [UInt8]) -> Bool { block.allSatisfy { $0 == 0 } }

    static func checksumFits(_ block: [UInt8]) -> Bool {
        var sum: UInt64 = 8 * 0x20
        for (offset, byte) in block.enumerated() where !(148..<156).contains(offset) { sum += UInt64(byte) }
        return number(block[148..<156]) == sum
    }

    static func type(_ block: [UInt8]) -> UInt8 { block[156] }

    /// Octal, or GNU's base 256; nil for neither, and below 0.
    static func number(_ field: ArraySlice<UInt8>) -> UInt64? { signed(field).flatMap { UInt64(exactly: $0) } }

    /// The same with a sign, which base 256 can have.
    static func signed(_ field: ArraySlice<UInt8>) -> Int64? {
        if let first = field.first, first & 0x80 != 0 {
            // Two's complement of all the field's bits but the first.
            var value = Int64(first & 0x7f) - (first & 0x40 == 0 ? 0 : 128)
            for byte in field.dropFirst() {
                let (shifted, overflows) = value.multipliedReportingOverflow(by: 256)
                if overflows { return nil }
                value = shifted | Int64(byte)
            }
            return value
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x37).contains(digit), value < 1 << 59 else { return nil }
            value = value << 3 | Int64(digit - 0x30)
        }
        return value
    }

    static func text(_ field: ArraySlice<UInt8>) -> String? {
        String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// nil for what is no header, or of a type that is not known.
    static func entry(_ block: [UInt8]) -> TarMember? {
        let type = block[156] == 0 || block[156] == UInt8(ascii: "7") ? UInt8(ascii: "0") : block[156]
        guard let kind = TarMember.Kind(rawValue: type), let name = text(block[0..<100]),
            let target = text(block[157..<257]), let mode = number(block[100..<108]),
            let uid = number(block[108..<116]).flatMap(id), let gid = number(block[116..<124]).flatMap(id),
            let size = number(block[124..<136]), let time = signed(block[136..<148])
        else { return nil }
        var entry = TarMember(kind: kind, path: name)
        let isPOSIX = block[257..<263].elementsEqual("ustar\0".utf8)
        if isPOSIX, let prefix = text(block[345..<500]), !prefix.isEmpty { entry.path = "\(prefix)/\(name)" }
        entry.target = target
        entry.mode = UInt32(mode & 0o7777)
        entry.uid = uid
        entry.gid = gid
        entry.size = kind == .file ? size : 0
        entry.modified = time
        if kind == .character || kind == .block {
            guard let major = number(block[329..<337]), let minor = number(block[337..<345]),
                max(major, minor) < 1 << 21
            else { return nil }
            (entry.major, entry.minor) = (UInt32(major), UInt32(minor))
        }
        return entry
    }

    /// nil for what chown(2) takes for "as it is", or cannot take.
    static func id(_ number: UInt64) -> UInt32? { number < UInt32.max ? UInt32(number) : nil }
}
