/// A tar whose every byte a test decides.
struct RawArchive {
    private(set) var bytes: [UInt8] = []

    /// The octal or other text of a field stands as it is given; `size` is that of the data unless given.
    mutating func add(
        _ name: String, type: Character = "0", data: [UInt8] = [], target: String = "", mode: String = "0000644",
        uid: [UInt8] = Array("0000000".utf8), size: [UInt8]? = nil, device: (String, String) = ("", "")
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ field: [UInt8], _ at: Int, _ room: Int) {
            for (offset, byte) in field.prefix(room).enumerated() { block[at + offset] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> [UInt8] {
            let text = String(number, radix: 8)
            return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
        }
        put(Array(name.utf8), 0, 100)
        put(Array(mode.utf8), 100, 8)
        put(uid, 108, 8)
        put(Array("0000000".utf8), 116, 8)
        put(size ?? octal(data.count, 11), 124, 12)
        put(Array("00000000000".utf8), 136, 12)
        put(Array(String(type).utf8), 156, 1)
        put(Array(target.utf8), 157, 100)
        put(Array("ustar\u{0}00".utf8), 257, 8)
        put(Array(device.0.utf8), 329, 8)
        put(Array(device.1.utf8), 337, 8)
        let sum = block.reduce(8 * 0x20) { $0 + Int($1) }
        put(octal(sum, 6) + [0, 0x20], 148, 8)
        bytes += block + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
    }

    /// A pax header with the given text, or with well-formed records.
    mutating func describe(raw: [UInt8]) { add("pax", type: "x", data: raw) }

    mutating func describe(_ key: String, _ value: [UInt8]) {
        let rest = Array(" \(key)=".utf8) + value + [10]
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length { length += 1 }
        describe(raw: Array(String(length).utf8) + rest)
    }

    mutating func describe(_ key: String, _ value: String) { describe(key, Array(value.utf8)) }

    mutating func append(_ more: [UInt8]) { bytes += more }

    /// With the two blocks of zeros that end an archive.
    var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
