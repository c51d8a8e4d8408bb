/// Headers as bytes.
extension TarHeader {
    static func bytes(_ entry: TarMember) -> [UInt8] {
        var extra: [UInt8] = []
        if entry.path.utf8.count > 100 { extra += record("path", entry.path) }
        if entry.target.utf8.count > 100 { extra += record("linkpath", entry.target) }
        if entry.size >= 1 << 33 { extra += record("size", String(entry.size)) }
        if entry.uid >= 1 << 21 { extra += record("uid", String(entry.uid)) }
        if entry.gid >= 1 << 21 { extra += record("gid", String(entry.gid)) }
        if !fits(entry.modified) { extra += record("mtime", String(entry.modified)) }
        for (name, value) in entry.attributes.sorted(by: { $0.key < $1.key }) {
            extra += record(TarRecords.attributePrefix + name, value)
        }
        var bytes: [UInt8] = []
        if !extra.isEmpty {
            var header = TarMember(kind: .file, path: "pax")
            header.mode = 0o644
            header.size = UInt64(extra.count)
            bytes += block(header, type: pax) + extra
            bytes += [UInt8](repeating: 0, count: padding(header.size))
        }
        return bytes + block(entry, type: entry.kind.rawValue)
    }

    private static func fits(_ time: Int64) -> Bool { (0..<1 << 33).contains(time) }

    private static func record(_ key: String, _ value: String) -> [UInt8] { record(key, Array(value.utf8)) }

    /// `LENGTH KEY=VALUE\n`, the length counting itself.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + [UInt8(ascii: "\n")]
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length { length += 1 }
        return Array(String(length).utf8) + rest
    }

    private static func block(_ entry: TarMember, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: size)
        func put(_ text: String, _ at: Int, _ room: Int) {
            for (offset, byte) in text.utf8.prefix(room).enumerated() { block[at + offset] = byte }
        }
        func octal(_ number: UInt64, _ at: Int, _ digits: Int) {
            let text = String(number & (1 << UInt64(3 * digits) - 1), radix: 8)
            put(String(repeating: "0", count: max(0, digits - text.count)) + text, at, digits)
        }
        // What does not fit stands in a record; a name that is cut there must not end in half a character.
        put(entry.path.utf8.count > 100 ? "" : entry.path, 0, 100)
        octal(UInt64(entry.mode), 100, 7)
        octal(entry.uid < 1 << 21 ? UInt64(entry.uid) : 0, 108, 7)
        octal(entry.gid < 1 << 21 ? UInt64(entry.gid) : 0, 116, 7)
        octal(entry.size < 1 << 33 ? entry.size : 0, 124, 11)
        octal(fits(entry.modified) ? UInt64(entry.modified) : 0, 136, 11)
        block[156] = type
        put(entry.target.utf8.count > 100 ? "" : entry.target, 157, 100)
        put("ustar\0" + "00", 257, 8)
        octal(UInt64(entry.major), 329, 7)
        octal(UInt64(entry.minor), 337, 7)
        let sum = block.reduce(UInt64(8 * 0x20)) { $0 + UInt64($1) }
        octal(sum, 148, 6)
        block[155] = 0x20
        return block
    }
}
